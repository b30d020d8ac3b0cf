-- id = "X15"
-- severity = "WARNING"
-- target = "stage/stg_ff1"
-- needs = ["FF1", "EFn"]
-- reads = "all"
-- title_ja = "特定集中治療室の入院にはSOFA・pSOFAがある"
-- title_en = "An ICU stay has its SOFA or pSOFA record"
-- message_ja = "特定集中治療室管理料のある入院には、15歳以上はM180010、15歳未満はM180020が必要ですが、{failed} 件にありません。様式1に追加してください。"
-- message_en = "Expected M180010 (age 15 and over) or M180020 (under 15) for stays with an ICU fee; found {failed} without it. Add it to FF1."
-- source = "spec p113, 115"
-- note = "ICU fee: fee code A301 with digits only (A301-2 is another unit), in EFn of any loaded month. Age at admission; a birth year that is not known is not judged."
with icu as (
  select distinct submission_facility, patient_data_id, admission_date
  from stage.stg_efn
  where upper(fee_table_code) ~ '^A301[0-9]*$'
), parent as (
  select a.submission_yyyymm, a.submission_facility, a.patient_data_id, a.admission_date, a.same_day_stay_number, a.record_summary_number, a.file_name, a.line_no,
    case when cast(to_char(a.admission_date, 'YYYYMMDD') as integer) - {number(a.payload_1)} >= 150000 then 'M180010' else 'M180020' end as wanted
  from {ff1(A000010)} as a
  where a.record_summary_number = '0' and a.payload_1 ~ '^[12][0-9]{7}$'
), scores as (
  select submission_yyyymm, submission_facility, patient_data_id, admission_date, same_day_stay_number, record_summary_number, payload_code
  from stage.stg_ff1
  where submission_yyyymm in ({months}) and payload_code in ('M180010', 'M180020')
)
select p.submission_facility as facility_code, p.submission_yyyymm as yyyymm, {record(p)} || ' lacks ' || p.wanted as key, p.file_name, p.line_no
from parent as p
join icu on {same_stay(icu, p)}
left join scores as s on {same_record(s, p)} and s.payload_code = p.wanted
where s.payload_code is null
