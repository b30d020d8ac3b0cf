-- id = "H01"
-- severity = "WARNING"
-- target = "stage/stg_hn"
-- needs = ["Hn", "FF1"]
-- title_ja = "患者日ごとにTAR0010が一つ、値に合うA・B項目がある"
-- title_en = "One TAR0010 per patient-day, with the records that fit its value"
-- message_ja = "患者日ごとにTAR0010は一つ、値2〜5にはA・B項目がなく、値0にはB項目があるはずですが、{failed} 患者日が違います。看護必要度の記録を確認してください。"
-- message_en = "Expected one TAR0010 per patient-day, no A or B record with values 2 to 5 and a B record with value 0; found {failed} patient-days that differ. Check the nursing need records."
-- source = "spec p144-152"
-- note = "A ward without any B record in the month (community care wards have none) needs none. Stays of one day that FF1 numbers 1, 2, .. share their days: as many TAR0010 as such stays are accepted."
with days as (
  select submission_yyyymm, submission_facility, patient_data_id, admission_date, service_date,
    sum(case when payload_code = 'TAR0010' then 1 else 0 end) as targets,
    min(case when payload_code = 'TAR0010' then payload_1 end) as lowest, max(case when payload_code = 'TAR0010' then payload_1 end) as highest,
    max(case when payload_code = 'TAR0010' then ward_code end) as ward_code,
    sum(case when payload_code like 'ASS%' then 1 else 0 end) as assessments,
    sum(case when payload_code in ('ASS0021', 'ASS0051', 'ASS0071') then 1 else 0 end) as b_records,
    min(file_name) as file_name, min(line_no) as line_no
  from stage.stg_hn
  where submission_yyyymm in ({months})
  group by submission_yyyymm, submission_facility, patient_data_id, admission_date, service_date
), b_wards as (
  select distinct submission_yyyymm, submission_facility, ward_code
  from stage.stg_hn
  where submission_yyyymm in ({months}) and payload_code in ('ASS0021', 'ASS0051', 'ASS0071')
), same_day as (
  select submission_yyyymm, submission_facility, patient_data_id, admission_date, count(distinct same_day_stay_number) as stays
  from stage.stg_ff1
  where submission_yyyymm in ({months}) and record_summary_number = '0' and same_day_stay_number <> '0'
  group by submission_yyyymm, submission_facility, patient_data_id, admission_date
)
select d.submission_facility as facility_code, d.submission_yyyymm as yyyymm, {stay(d)} || ' day ' || {day(d.service_date)} as key, d.file_name, d.line_no
from days as d
left join same_day as s on s.submission_yyyymm = d.submission_yyyymm and {same_stay(s, d)}
left join b_wards as w on w.submission_yyyymm = d.submission_yyyymm and w.submission_facility = d.submission_facility and w.ward_code = d.ward_code
where d.targets = 0
  or d.targets > coalesce(s.stays, 1)
  or (d.lowest in ('2', '3', '4', '5') and d.assessments > 0)
  or (d.highest = '0' and d.b_records = 0 and w.ward_code is not null)
