-- id = "X12B"
-- severity = "INFO"
-- target = "stage/stg_ff1"
-- needs = ["FF1", "EFn"]
-- reads = "all"
-- title_ja = "様式1の手術が入院EFにある"
-- title_en = "Surgery of FF1 is found in EFn"
-- message_ja = "様式1のA007010にあって入院EF（データ区分50）に見当たらない手術が {failed} 件あります。K781など正当な場合もあります。コードの誤りがないか確認してください。"
-- message_en = "{failed} surgeries of A007010 are not in EFn (data category 50). Some are legitimate (K781 for instance): check the codes."
-- source = "spec p81-82"
-- note = "Judged in the month of the FF1 parent, over the EFn rows of all loaded months; compared by K and three digits. Codes that rule X13 refuses are not looked for."
with recorded as (
  select submission_yyyymm, submission_facility, patient_data_id, admission_date, substring(upper(payload_2), 1, 4) as operation,
    min(file_name) as file_name, min(line_no) as line_no
  from {ff1(A007010)} as a
  where record_summary_number = '0' and upper(payload_2) ~ '^K[0-9][0-9][0-9]' and upper(payload_2) !~ '^K(91[4-7]|92[0-4])'
  group by submission_yyyymm, submission_facility, patient_data_id, admission_date, substring(upper(payload_2), 1, 4)
), performed as (
  select distinct submission_facility, patient_data_id, admission_date, substring(upper(fee_table_code), 1, 4) as operation
  from stage.stg_efn
  where data_category = '50' and upper(fee_table_code) ~ '^K[0-9][0-9][0-9]'
)
select r.submission_facility as facility_code, r.submission_yyyymm as yyyymm, {stay(r)} || ' surgery ' || r.operation as key, r.file_name, r.line_no
from recorded as r
left join performed as s on {same_stay(s, r)} and s.operation = r.operation
where s.operation is null
