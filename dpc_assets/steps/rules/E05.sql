-- id = "E05"
-- severity = "WARNING"
-- target = "stage/stg_efn"
-- needs = ["EFn"]
-- title_ja = "円・点区分1は食事・薬剤材料の明細・先進医療だけ"
-- title_en = "The yen flag is 1 only for meals, detail drugs and materials, and advanced care"
-- message_ja = "円・点区分が1になるのは食事（97）、薬剤・材料の明細行、先進医療（Z2・Z3）だけのはずですが、{failed} 行が違います。円・点区分を確認してください。"
-- message_en = "Expected yen flag 1 only on meals (97), detail lines of drugs and materials, and advanced care (Z2, Z3); found {failed} other lines. Check the flag."
-- source = "spec p185"
-- note = "EFn and, when delivered, EFg. Drugs have receipt codes 6xxxxxxxx, materials 7xxxxxxxx; category 80 without a fee code is taken for advanced care."
with lines as (
  select submission_yyyymm, submission_facility, patient_data_id, data_category, sequence_number, detail_number, receipt_computer_code, fee_table_code, file_name, line_no
  from stage.stg_efn
  where submission_yyyymm in ({months}) and yen_point_flag = '1'
  union all
  select submission_yyyymm, submission_facility, patient_data_id, data_category, sequence_number, detail_number, receipt_computer_code, fee_table_code, file_name, line_no
  from stage.stg_efg
  where submission_yyyymm in ({months}) and yen_point_flag = '1'
)
select l.submission_facility as facility_code, l.submission_yyyymm as yyyymm,
  'patient ' || coalesce(l.patient_data_id, '?') || ' act ' || coalesce(l.data_category, '') || '-' || coalesce(l.sequence_number, '') || '-' || coalesce(l.detail_number, '') as key,
  l.file_name, l.line_no
from lines as l
where coalesce(l.data_category, '') <> '97'
  and not (l.detail_number <> '000' and coalesce(l.receipt_computer_code, '') ~ '^[67]')
  and coalesce(l.fee_table_code, '') !~ '^Z[23]'
  and not (l.data_category = '80' and l.fee_table_code is null)
