-- id = "E03"
-- severity = "WARNING"
-- target = "stage/stg_efn"
-- needs = ["EFn"]
-- title_ja = "行為明細区分情報は12桁で、各桁が決まった値"
-- title_en = "EF-17 has 12 digits with the values of each"
-- message_ja = "行為明細区分情報（EF-17）は12桁で各桁の値が決まり、3桁目と4桁目は同時に0以外になるはずですが、{failed} 行が違います。区分の出力を確認してください。"
-- message_en = "Expected 12 digits in EF-17, each with its values, and digits 3 and 4 set together; found {failed} lines that differ. Check how the flags are written."
-- source = "spec p188, 202"
-- note = "EFn and, when delivered, EFg. E lines (000) may be empty. Digit 5 of EFn takes any digit: its values are not listed in the extract."
select e.submission_facility as facility_code, e.submission_yyyymm as yyyymm, {stay(e)} || ' flags ' || coalesce(e.detail_flags, '') as key, e.file_name, e.line_no
from stage.stg_efn as e
where e.submission_yyyymm in ({months}) and (
  e.detail_flags !~ '^[01][0-2][0-2][0-2][0-9][01]000000$'
  or (e.detail_flags is null and e.detail_number <> '000')
  or (substring(e.detail_flags, 3, 1) = '0' and substring(e.detail_flags, 4, 1) <> '0')
  or (substring(e.detail_flags, 3, 1) <> '0' and substring(e.detail_flags, 4, 1) = '0'))
union all
select g.submission_facility, g.submission_yyyymm, 'patient ' || coalesce(g.patient_data_id, '?') || ' visit ' || {day(g.visit_date)} || ' flags ' || coalesce(g.detail_flags, ''),
  g.file_name, g.line_no
from stage.stg_efg as g
where g.submission_yyyymm in ({months}) and (
  g.detail_flags !~ '^[01][01][0-2][0-4][01][01][023]00000$'
  or (g.detail_flags is null and g.detail_number <> '000'))
