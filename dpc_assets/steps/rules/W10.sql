-- id = "W10"
-- severity = "WARNING"
-- target = "stage/stg_efn"
-- needs = ["EFn"]
-- title_ja = "外字・NEC/IBM拡張文字を使っていない"
-- title_en = "No gaiji and no NEC or IBM extension characters"
-- message_ja = "名称に外字やNEC・IBM拡張文字は含めないはずですが、{failed} 行にあります。JIS第1・第2水準の文字に置き換えてください。"
-- message_en = "Expected no gaiji and no NEC or IBM extension characters in names; found {failed} lines with some. Use characters of JIS levels 1 and 2."
-- source = "spec p182"
-- note = "Names of EFn and, when delivered, EFg and Dn. The values themselves are kept as delivered."
with names as (
  select distinct detail_name as name from stage.stg_efn where submission_yyyymm in ({months})
  union
  select distinct detail_name from stage.stg_efg where submission_yyyymm in ({months})
  union
  select distinct act_name from stage.stg_dn where submission_yyyymm in ({months})
), odd as (
  select name from names where translate(name, {unusual_characters}, '') <> name
), lines as (
  select submission_yyyymm, submission_facility, patient_data_id, detail_name as name, file_name, line_no
  from stage.stg_efn
  where submission_yyyymm in ({months})
  union all
  select submission_yyyymm, submission_facility, patient_data_id, detail_name, file_name, line_no
  from stage.stg_efg
  where submission_yyyymm in ({months})
  union all
  select submission_yyyymm, submission_facility, patient_data_id, act_name, file_name, line_no
  from stage.stg_dn
  where submission_yyyymm in ({months})
)
select l.submission_facility as facility_code, l.submission_yyyymm as yyyymm, 'patient ' || coalesce(l.patient_data_id, '?') || ' name ' || substring(l.name, 1, 40) as key,
  l.file_name, l.line_no
from lines as l
join odd on odd.name = l.name
