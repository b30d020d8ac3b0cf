-- id = "X12"
-- severity = "WARNING"
-- target = "stage/stg_ff1"
-- needs = ["FF1", "EFn"]
-- reads = "all"
-- title_ja = "入院EFの手術は様式1の手術情報にある"
-- title_en = "Surgery in EFn is in A007010 of FF1"
-- message_ja = "入院EF（データ区分50）の手術は様式1のA007010にあるはずですが、{failed} 件がありません。様式1に手術を追加して再提出してください。"
-- message_en = "Expected every surgery of EFn (data category 50) in A007010 of FF1; found {failed} missing. Add them to FF1 and resubmit."
-- source = "spec p81-82"
-- note = "Judged in the month of the FF1 parent, over the EFn rows of all loaded months. Codes are compared by K and three digits, because sub-items are written in several ways. Transfusion (K920-K924), K914-K917 and device add-ons (K93x) need no record; a stay whose ten places are full is not judged."
with parent as (
  select submission_yyyymm, submission_facility, patient_data_id, admission_date,
    sum(case when payload_code = 'A007010' then 1 else 0 end) as operations
  from stage.stg_ff1
  where submission_yyyymm in ({months}) and record_summary_number = '0'
  group by submission_yyyymm, submission_facility, patient_data_id, admission_date
), recorded as (
  select distinct submission_yyyymm, submission_facility, patient_data_id, admission_date, substring(upper(payload_2), 1, 4) as operation
  from {ff1(A007010)} as a
  where record_summary_number = '0'
), performed as (
  select submission_facility, patient_data_id, admission_date, substring(upper(fee_table_code), 1, 4) as operation,
    min(file_name) as file_name, min(line_no) as line_no
  from stage.stg_efn
  where data_category = '50' and upper(fee_table_code) ~ '^K[0-9][0-9][0-9]' and upper(fee_table_code) !~ '^K(91[4-7]|92[0-4]|93)'
  group by submission_facility, patient_data_id, admission_date, substring(upper(fee_table_code), 1, 4)
)
select p.submission_facility as facility_code, p.submission_yyyymm as yyyymm, {stay(p)} || ' surgery ' || s.operation as key, s.file_name, s.line_no
from parent as p
join performed as s on {same_stay(s, p)}
left join recorded as r on r.submission_yyyymm = p.submission_yyyymm and {same_stay(r, p)} and r.operation = s.operation
where r.operation is null and p.operations < 10
