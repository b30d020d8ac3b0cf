-- id = "X08"
-- severity = "WARNING"
-- target = "stage/stg_dn"
-- needs = ["Dn", "EFn", "FF1"]
-- reads = "all"
-- title_ja = "Dファイルの入院は入院EFに、一般病棟の様式1はDファイルにある"
-- title_en = "Dn stays are in EFn, and general-ward FF1 stays are in Dn"
-- message_ja = "Dファイルの入院は同じ月の入院EFに、DPC病院の一般病棟の様式1はDファイルにあるはずですが、{failed} 件が見つかりません。識別番号・入院日と提出漏れを確認してください。"
-- message_en = "Expected every Dn stay in EFn of the month and every FF1 stay of a general ward in Dn; found {failed} stays missing. Check id, admission date and what was delivered."
-- source = "spec p8, 193"
-- note = "An FF1 parent whose A000050 names a general ward needs a Dn row in any loaded month; stays of other ward groups need none."
with d as (
  select submission_yyyymm, submission_facility, patient_data_id, admission_date, min(file_name) as file_name, min(line_no) as line_no
  from stage.stg_dn
  where submission_yyyymm in ({months})
  group by submission_yyyymm, submission_facility, patient_data_id, admission_date
), e as (
  select distinct submission_yyyymm, submission_facility, patient_data_id, admission_date
  from stage.stg_efn
  where submission_yyyymm in ({months})
), claimed as (
  select distinct submission_facility, patient_data_id, admission_date
  from stage.stg_dn
), parent as (
  select submission_yyyymm, submission_facility, patient_data_id, admission_date, min(file_name) as file_name, min(line_no) as line_no
  from {ff1(A000050)} as a
  where record_summary_number = '0' and payload_2 = '1'
  group by submission_yyyymm, submission_facility, patient_data_id, admission_date
)
select d.submission_facility as facility_code, d.submission_yyyymm as yyyymm, {stay(d)} || ' in Dn, not in EFn' as key, d.file_name, d.line_no
from d
left join e on e.submission_yyyymm = d.submission_yyyymm and {same_stay(e, d)}
where e.patient_data_id is null
union all
select p.submission_facility, p.submission_yyyymm, {stay(p)} || ' in FF1, not in Dn', p.file_name, p.line_no
from parent as p
left join claimed as c on {same_stay(c, p)}
where c.patient_data_id is null
