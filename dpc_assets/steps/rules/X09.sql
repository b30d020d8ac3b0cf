-- id = "X09"
-- severity = "WARNING"
-- target = "stage/stg_hn"
-- needs = ["Hn", "EFn"]
-- title_ja = "Hファイル対象病棟の入院日ごとに判定対象（TAR0010）がある"
-- title_en = "Every patient-day on a ward of the H file has its TAR0010"
-- message_ja = "Hファイルに現れる病棟で入院料のある日にはTAR0010があるはずですが、{failed} 患者日にありません。看護必要度の入力漏れを確認してください。"
-- message_en = "Expected a TAR0010 for every day with a ward fee on a ward that is in the H file; found {failed} patient-days without one. Look for days that were not assessed."
-- source = "spec p8, 144-145"
-- note = "Simplified: the wards of form 3-4 are not delivered in a fixed layout, so a ward counts when its code is in the month's H file. A patient-day counts once however many fees it has."
with wards as (
  select distinct submission_yyyymm, submission_facility, ward_code
  from stage.stg_hn
  where submission_yyyymm in ({months})
), days as (
  select submission_yyyymm, submission_facility, patient_data_id, admission_date, service_date, ward_code,
    min(file_name) as file_name, min(line_no) as line_no
  from stage.stg_efn
  where submission_yyyymm in ({months}) and data_category in ('90', '92') and detail_number = '000' and ward_type in ('0', '1')
  group by submission_yyyymm, submission_facility, patient_data_id, admission_date, service_date, ward_code
), judged as (
  select distinct submission_yyyymm, submission_facility, patient_data_id, admission_date, service_date
  from stage.stg_hn
  where submission_yyyymm in ({months}) and payload_code = 'TAR0010'
)
select d.submission_facility as facility_code, d.submission_yyyymm as yyyymm, {stay(d)} || ' day ' || {day(d.service_date)} as key,
  min(d.file_name) as file_name, min(d.line_no) as line_no
from days as d
join wards as w on w.submission_yyyymm = d.submission_yyyymm and w.submission_facility = d.submission_facility and w.ward_code = d.ward_code
left join judged as j on j.submission_yyyymm = d.submission_yyyymm and {same_stay(j, d)} and j.service_date = d.service_date
where j.patient_data_id is null
group by d.submission_facility, d.submission_yyyymm, d.patient_data_id, d.admission_date, d.service_date
