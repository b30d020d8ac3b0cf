-- id = "X03"
-- severity = "WARNING"
-- target = "stage/stg_ff4"
-- needs = ["FF4", "EFn"]
-- reads = "all"
-- title_ja = "様式4の区分と入院EFの有無が合う"
-- title_en = "The insurance code of FF4 fits the presence of EFn rows"
-- message_ja = "様式4の区分1・4には入院EFの行が必要で、区分3にはあってはなりません。{failed} 件が合いません。様式4の区分または入院EFを見直してください。"
-- message_en = "Expected EFn rows for FF4 codes 1 and 4 and none for code 3; found {failed} stays that differ. Review the code in FF4 or the EFn file."
-- source = "spec p7, 140"
-- note = "The EFn rows of all loaded months count."
with acts as (
  select distinct submission_facility, patient_data_id, admission_date
  from stage.stg_efn
)
select f.submission_facility as facility_code, f.submission_yyyymm as yyyymm, {stay(f)} || ' code ' || f.insurance_combination as key, f.file_name, f.line_no
from stage.stg_ff4 as f
left join acts as e on {same_stay(e, f)}
where f.submission_yyyymm in ({months})
  and ((f.insurance_combination in ('1', '4') and e.patient_data_id is null)
    or (f.insurance_combination = '3' and e.patient_data_id is not null))
