-- id = "E02"
-- severity = "WARNING"
-- target = "stage/stg_efn"
-- needs = ["EFn"]
-- title_ja = "出来高実績点数の合計が行為点数・薬剤料・材料料と一致する"
-- title_en = "Sums of EF-16 equal EF-18, EF-19 and EF-20"
-- message_ja = "明細行の出来高実績点数（包括分・持参薬を除く）の合計は000行の行為点数・行為薬剤料・行為材料料と一致するはずですが、{failed} 行為が違います。点数の計算を確認してください。"
-- message_en = "Expected the sums of EF-16 over detail lines (without bundled and brought-in ones) to equal act, drug and material points of the 000 line; found {failed} acts that differ. Check how points are computed."
-- source = "spec p187"
-- note = "Lines with EF-17 digit 2, 3 or 6 other than 0 are left out; drugs have receipt codes 6xxxxxxxx, materials 7xxxxxxxx. Meals (97), advanced care (Z2, Z3) and acts in yen are not judged; acts without detail lines neither."
with acts as (
  select submission_yyyymm, submission_facility, patient_data_id, admission_date, discharge_date, data_category, sequence_number,
    sum(case when detail_number = '000' then 1 else 0 end) as heads,
    sum(case when detail_number <> '000' then 1 else 0 end) as details,
    sum(case when detail_number = '000' and yen_point_flag = '1' then 1 else 0 end) as in_yen,
    sum(case when fee_table_code ~ '^Z[23]' then 1 else 0 end) as advanced,
    sum(case when detail_number = '000' then coalesce(act_points, 0) else 0 end) as act_points,
    sum(case when detail_number = '000' then coalesce(act_drug_points, 0) else 0 end) as drug_points,
    sum(case when detail_number = '000' then coalesce(act_material_points, 0) else 0 end) as material_points,
    sum(case when detail_number <> '000' and counted = 1 then points else 0 end) as act_sum,
    sum(case when detail_number <> '000' and counted = 1 and kind = '6' then points else 0 end) as drug_sum,
    sum(case when detail_number <> '000' and counted = 1 and kind = '7' then points else 0 end) as material_sum,
    min(file_name) as file_name, min(line_no) as line_no
  from (
    select *, coalesce(fee_for_service_points, 0) as points, substring(receipt_computer_code, 1, 1) as kind,
      case when coalesce(substring(detail_flags, 2, 1), '0') in ('0', '') and coalesce(substring(detail_flags, 3, 1), '0') in ('0', '')
        and coalesce(substring(detail_flags, 6, 1), '0') in ('0', '') then 1 else 0 end as counted
    from stage.stg_efn
    where submission_yyyymm in ({months}) and data_category <> '97'
  ) as lines
  group by submission_yyyymm, submission_facility, patient_data_id, admission_date, discharge_date, data_category, sequence_number
)
select a.submission_facility as facility_code, a.submission_yyyymm as yyyymm, {stay(a)} || ' act ' || a.data_category || '-' || a.sequence_number as key,
  a.file_name, a.line_no
from acts as a
where a.heads > 0 and a.details > 0 and a.in_yen = 0 and a.advanced = 0
  and (a.act_points <> a.act_sum or a.drug_points <> a.drug_sum or a.material_points <> a.material_sum)
