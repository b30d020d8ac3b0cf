-- id = "X14"
-- severity = "WARNING"
-- target = "stage/stg_ff1"
-- needs = ["FF1"]
-- title_ja = "様式1の入退院日が他と一致する"
-- title_en = "Admission and discharge of FF1 agree with the other files"
-- message_ja = "A000020の入院日はキーの入院日と、A000030の退院日は様式4・入院EFの退院日と一致するはずですが、{failed} 件が違います。日付を確認してください。"
-- message_en = "Expected the admission of A000020 to equal the key's, and the discharge of A000030 to equal FF4's and EFn's; found {failed} that differ. Check the dates."
-- source = "spec p42"
-- note = "FF4 and EFn of the same month, as far as delivered; an EFn discharge date of 00000000 is not compared."
with discharge as (
  select submission_yyyymm, submission_facility, patient_data_id, admission_date, same_day_stay_number, record_summary_number, payload_1, file_name, line_no
  from {ff1(A000030)} as a
  where record_summary_number = '0'
), form4 as (
  select submission_yyyymm, submission_facility, patient_data_id, admission_date,
    min(to_char(discharge_date, 'YYYYMMDD')) as first_discharge, max(to_char(discharge_date, 'YYYYMMDD')) as last_discharge
  from stage.stg_ff4
  where submission_yyyymm in ({months}) and discharge_date is not null
  group by submission_yyyymm, submission_facility, patient_data_id, admission_date
), acts as (
  select distinct submission_yyyymm, submission_facility, patient_data_id, admission_date, to_char(discharge_date, 'YYYYMMDD') as discharge
  from stage.stg_efn
  where submission_yyyymm in ({months}) and discharge_date is not null
)
select a.submission_facility as facility_code, a.submission_yyyymm as yyyymm, {record(a)} || ' A000020 ' || a.payload_1 as key, a.file_name, a.line_no
from {ff1(A000020)} as a
where a.payload_1 <> to_char(a.admission_date, 'YYYYMMDD')
union all
select d.submission_facility, d.submission_yyyymm, {record(d)} || ' FF4 discharge ' || f.first_discharge, d.file_name, d.line_no
from discharge as d
join form4 as f on f.submission_yyyymm = d.submission_yyyymm and {same_stay(f, d)}
where d.payload_1 not between f.first_discharge and f.last_discharge
union all
select d.submission_facility, d.submission_yyyymm, {record(d)} || ' EFn discharge ' || e.discharge, d.file_name, d.line_no
from discharge as d
join acts as e on e.submission_yyyymm = d.submission_yyyymm and {same_stay(e, d)}
where d.payload_1 <> e.discharge
