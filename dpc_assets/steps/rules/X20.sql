-- id = "X20"
-- severity = "WARNING"
-- target = "stage/stg_efg"
-- needs = ["EFg", "EFn"]
-- title_ja = "外来EFに入院中の日の行がない"
-- title_en = "EFg has no row on a day inside a stay"
-- message_ja = "入院中（入院日の翌日から退院日の前日まで）の外来診療は入院EFに入れますが、外来EFに {failed} 行あります。外来EFから入院EFへ移してください。"
-- message_en = "Outpatient care during a stay (after admission, before discharge) belongs into EFn; found {failed} such lines in EFg. Move them to EFn."
-- source = "spec p187, 201"
-- note = "Stays are those of the month's EFn; one with an open discharge date is known to last until its last act of the month. SY rows have no day."
with stays as (
  select submission_yyyymm, submission_facility, patient_data_id, admission_date, coalesce(max(discharge_date), max(service_date)) as last_day
  from stage.stg_efn
  where submission_yyyymm in ({months})
  group by submission_yyyymm, submission_facility, patient_data_id, admission_date
)
select g.submission_facility as facility_code, g.submission_yyyymm as yyyymm,
  'patient ' || g.patient_data_id || ' visit ' || {day(g.visit_date)} as key, g.file_name, g.line_no
from stage.stg_efg as g
join stays as s on s.submission_yyyymm = g.submission_yyyymm and s.submission_facility = g.submission_facility
  and s.patient_data_id = g.patient_data_id
where g.submission_yyyymm in ({months}) and g.data_category <> 'SY'
  and g.visit_date > s.admission_date and g.visit_date < s.last_day
