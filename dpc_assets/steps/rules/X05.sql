-- id = "X05"
-- severity = "WARNING"
-- target = "stage/stg_kn"
-- needs = ["Kn", "EFn"]
-- title_ja = "Kファイルと入院EFの入院が同じ月で一致する"
-- title_en = "K and EFn hold the same stays of the month"
-- message_ja = "同じ月のKファイルと入院EFは同じ入院（識別番号＋入院日）を持つはずですが、{failed} 件が片方にしかありません。Kファイルを入院EFから作り直してください。"
-- message_en = "Expected the same stays (id + admission) in K and EFn of one month; found {failed} on one side only. Make the K file again from the month's EFn."
-- source = "spec p8, 153-154"
-- note = "K is compared with the EFn of its own month, never with FF1: patients still in hospital are in both."
with k as (
  select submission_yyyymm, submission_facility, patient_data_id, admission_date, min(file_name) as file_name, min(line_no) as line_no
  from stage.stg_kn
  where submission_yyyymm in ({months})
  group by submission_yyyymm, submission_facility, patient_data_id, admission_date
), e as (
  select submission_yyyymm, submission_facility, patient_data_id, admission_date, min(file_name) as file_name, min(line_no) as line_no
  from stage.stg_efn
  where submission_yyyymm in ({months})
  group by submission_yyyymm, submission_facility, patient_data_id, admission_date
)
select k.submission_facility as facility_code, k.submission_yyyymm as yyyymm, {stay(k)} || ' not in EFn' as key, k.file_name, k.line_no
from k
left join e on e.submission_yyyymm = k.submission_yyyymm and {same_stay(e, k)}
where e.patient_data_id is null
union all
select e.submission_facility, e.submission_yyyymm, {stay(e)} || ' not in K', e.file_name, e.line_no
from e
left join k on k.submission_yyyymm = e.submission_yyyymm and {same_stay(k, e)}
where k.patient_data_id is null
