-- id = "A29"
-- severity = "WARNING"
-- target = "stage/stg_ff1"
-- needs = ["FF1"]
-- reads = "all"
-- title_ja = "前回退院年月日は入院日以前で、既知の前回退院と合う"
-- title_en = "The previous discharge is not after the admission and agrees with a known one"
-- message_ja = "A000070の前回退院年月日は入院日以前で、当院の様式1で分かる前回退院より古くないはずですが、{failed} 件が違います。前回退院を確認してください。"
-- message_en = "Expected the previous discharge of A000070 not after the admission and not older than the last discharge known from FF1; found {failed} that differ. Check the previous discharge."
-- source = "spec p56"
-- note = "Known discharges are parents of earlier admissions in all loaded months; a later date than the known one may come from a month that is not loaded and is accepted. Dates with unknown parts are not compared."
with known as (
  select distinct submission_facility, patient_data_id, admission_date, payload_1 as discharge
  from {ff1_of_all_months(A000030)} as a
  where record_summary_number = '0' and payload_1 ~ '^[12][0-9]{7}$'
), previous as (
  select t.submission_yyyymm, t.submission_facility, t.patient_data_id, t.admission_date, t.same_day_stay_number, t.record_summary_number,
    t.payload_1 as told, t.file_name, t.line_no, max(k.discharge) as discharge
  from {ff1(A000070)} as t
  left join known as k on k.submission_facility = t.submission_facility and k.patient_data_id = t.patient_data_id
    and k.admission_date < t.admission_date and k.discharge <= to_char(t.admission_date, 'YYYYMMDD')
  where t.record_summary_number = '0'
  group by t.submission_yyyymm, t.submission_facility, t.patient_data_id, t.admission_date, t.same_day_stay_number, t.record_summary_number,
    t.payload_1, t.file_name, t.line_no
)
select p.submission_facility as facility_code, p.submission_yyyymm as yyyymm, {record(p)} || ' previous discharge ' || p.told as key, p.file_name, p.line_no
from previous as p
where (p.told = '99999999' and p.discharge is not null)
  or (p.told ~ '^[12][0-9]{7}$' and substring(p.told, 5, 2) <> '00' and substring(p.told, 7, 2) <> '00'
    and (p.told > to_char(p.admission_date, 'YYYYMMDD') or p.told < p.discharge))
