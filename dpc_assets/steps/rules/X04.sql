-- id = "X04"
-- severity = "WARNING"
-- target = "stage/stg_ff1"
-- needs = ["FF1", "EFn"]
-- reads = "all"
-- title_ja = "様式1の入院には入院EFの入院料がある"
-- title_en = "Every FF1 stay has a ward fee in EFn"
-- message_ja = "様式1の入院には入院EFに入院料（データ区分90・92）があるはずですが、{failed} 件にありません。入院EFの欠落か、識別番号・入院日の不一致を確認してください。"
-- message_en = "Expected a ward fee (data category 90 or 92) in EFn for every FF1 stay; found {failed} stays without one. Look for missing EFn rows or a different id or admission date."
-- source = "spec p5, 7"
-- note = "Judged in the month of the FF1 parent; the EFn rows of all loaded months count."
with parent as (
  select submission_yyyymm, submission_facility, patient_data_id, admission_date, min(file_name) as file_name, min(line_no) as line_no
  from stage.stg_ff1
  where submission_yyyymm in ({months}) and record_summary_number = '0'
  group by submission_yyyymm, submission_facility, patient_data_id, admission_date
), ward as (
  select distinct submission_facility, patient_data_id, admission_date
  from stage.stg_efn
  where data_category in ('90', '92')
)
select p.submission_facility as facility_code, p.submission_yyyymm as yyyymm, {stay(p)} as key, p.file_name, p.line_no
from parent as p
left join ward as w on {same_stay(w, p)}
where w.patient_data_id is null
