-- id = "X07"
-- severity = "WARNING"
-- target = "raw/kn"
-- needs = ["Kn"]
-- reads = "all"
-- title_ja = "Kファイルの生年月は様式1の生年月日と一致する"
-- title_en = "The birth month of K is that of FF1"
-- message_ja = "同じ患者のKファイルの生年月と様式1の生年月日は一致するはずですが、{failed} 行が違います。患者登録の生年月日を確認してください。"
-- message_en = "Expected the same birth month in K and FF1 for one patient; found {failed} K rows that differ. Check the birth date in the patient register."
-- source = "spec p153-154"
-- note = "FF1 of all loaded months; a birth date with an unknown month is not compared. Sex is not in the submitted K file."
with birth as (
  select distinct submission_facility, patient_data_id, substring(payload_1, 1, 6) as birth_month
  from {ff1_of_all_months(A000010)} as a
  where payload_1 ~ '^[12][0-9]{7}$' and substring(payload_1, 5, 2) <> '00'
), differing as (
  select distinct k.submission_facility, k.submission_yyyymm, k.patient_data_id, k.file_name, k.line_no
  from raw.kn as k
  join birth as b on b.submission_facility = k.submission_facility and b.patient_data_id = k.patient_data_id
  where k.submission_yyyymm in ({months}) and k.birth_month ~ '^[12][0-9]{5}$' and k.birth_month <> b.birth_month
)
select submission_facility as facility_code, submission_yyyymm as yyyymm, 'patient ' || patient_data_id as key, file_name, line_no
from differing
