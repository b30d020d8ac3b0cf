-- id = "A03"
-- severity = "CRITICAL"
-- target = "stage/stg_ff1"
-- needs = ["FF1"]
-- title_ja = "様式1の親レコードに必須コードがそろう"
-- title_en = "A parent of FF1 has every mandatory code"
-- message_ja = "様式1の親レコード（統括診療情報番号0）には必須コードがすべて必要ですが、{failed} 件が欠けています。欠けているコードを補って再提出してください。"
-- message_en = "Expected every mandatory code in each FF1 parent (record 0); found {failed} missing. Add the missing codes and resubmit."
-- source = "spec p21-38"
-- note = "The parent is the row of mart.fact_stay; children and merged records are rule A03B."
with records as (
  select submission_yyyymm, submission_facility, patient_data_id, admission_date, same_day_stay_number, record_summary_number, min(file_name) as file_name
  from stage.stg_ff1
  where submission_yyyymm in ({months}) and record_summary_number = '0'
  group by submission_yyyymm, submission_facility, patient_data_id, admission_date, same_day_stay_number, record_summary_number
), present as (
  select distinct submission_yyyymm, submission_facility, patient_data_id, admission_date, same_day_stay_number, record_summary_number, payload_code
  from stage.stg_ff1
  where submission_yyyymm in ({months}) and record_summary_number = '0'
)
select r.submission_facility as facility_code, r.submission_yyyymm as yyyymm, {record(r)} || ' lacks ' || c.code as key,
  r.file_name, cast(null as bigint) as line_no
from records as r
join {ff1_codes} as c on c.mandatory = 1 and r.submission_yyyymm between c.valid_from and c.valid_to
left join present as p on {same_record(p, r)} and p.payload_code = c.code
where p.payload_code is null
