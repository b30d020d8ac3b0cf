-- id = "E10"
-- severity = "WARNING"
-- target = "stage/stg_efn"
-- needs = ["EFn"]
-- title_ja = "コメント行の点数は0"
-- title_en = "Comment lines carry no points"
-- message_ja = "コメント（コードが8で始まる明細行）の点数・金額は0のはずですが、{failed} 行にあります。点数の付け先を確認してください。"
-- message_en = "Expected 0 points and amounts on comment lines (detail lines whose code starts with 8); found {failed} with some. Check where those points belong."
-- source = "spec p185"
-- note = "EFn and, when delivered, EFg; nine-digit codes only; advanced care (Z2, Z3) excepted."
with lines as (
  select submission_yyyymm, submission_facility, patient_data_id, data_category, sequence_number, detail_number, receipt_computer_code,
    fee_table_code, fee_for_service_points, detail_points_or_amount, file_name, line_no
  from stage.stg_efn
  where submission_yyyymm in ({months}) and receipt_computer_code like '8%'
  union all
  select submission_yyyymm, submission_facility, patient_data_id, data_category, sequence_number, detail_number, receipt_computer_code,
    fee_table_code, fee_for_service_points, detail_points_or_amount, file_name, line_no
  from stage.stg_efg
  where submission_yyyymm in ({months}) and receipt_computer_code like '8%' and data_category <> 'SY'
)
select l.submission_facility as facility_code, l.submission_yyyymm as yyyymm,
  'patient ' || coalesce(l.patient_data_id, '?') || ' act ' || coalesce(l.data_category, '') || '-' || coalesce(l.sequence_number, '') || '-' || coalesce(l.detail_number, '') as key,
  l.file_name, l.line_no
from lines as l
where l.detail_number <> '000' and l.receipt_computer_code ~ '^8[0-9]{8}$' and coalesce(l.fee_table_code, '') !~ '^Z[23]'
  and (l.fee_for_service_points <> 0 or l.detail_points_or_amount <> 0)
