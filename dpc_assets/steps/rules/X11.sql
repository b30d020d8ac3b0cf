-- id = "X11"
-- severity = "WARNING"
-- target = "stage/stg_efn"
-- needs = ["EFn"]
-- title_ja = "実施年月日は入院期間とファイルの月の中にある"
-- title_en = "Service dates lie inside the stay and the month of the file"
-- message_ja = "実施年月日は入院日から退院日まで、かつファイルの月の中のはずですが、{failed} 行が外れています。行の日付と入退院日を確認してください。"
-- message_en = "Expected service dates between admission and discharge and inside the month of the file; found {failed} lines outside. Check the dates of those lines."
-- source = "spec p183-184"
-- note = "EFn and Dn: stay and month. Hn: month (the stay is rule H06). An open discharge date sets no upper bound."
with lines as (
  select submission_yyyymm, submission_facility, patient_data_id, admission_date, discharge_date, service_date, file_name, line_no
  from stage.stg_efn
  where submission_yyyymm in ({months})
  union all
  select submission_yyyymm, submission_facility, patient_data_id, admission_date, discharge_date, service_date, file_name, line_no
  from stage.stg_dn
  where submission_yyyymm in ({months})
  union all
  select submission_yyyymm, submission_facility, patient_data_id, admission_date, discharge_date,
    case when to_char(service_date, 'YYYYMM') <> submission_yyyymm then service_date end, file_name, line_no
  from stage.stg_hn
  where submission_yyyymm in ({months})
)
select l.submission_facility as facility_code, l.submission_yyyymm as yyyymm, {stay(l)} || ' service ' || {day(l.service_date)} as key,
  l.file_name, l.line_no
from lines as l
where l.service_date < l.admission_date
  or l.service_date > l.discharge_date
  or to_char(l.service_date, 'YYYYMM') <> l.submission_yyyymm
