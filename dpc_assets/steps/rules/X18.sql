-- id = "X18"
-- severity = "WARNING"
-- target = "stage/stg_efn"
-- needs = ["EFn"]
-- title_ja = "持参薬の行為点数・薬剤料は0"
-- title_en = "Brought-in drugs carry no points in EF-18 and EF-19"
-- message_ja = "持参薬だけの行為の行為点数（EF-18）と薬剤料（EF-19）は0のはずですが、{failed} 行為に点数があります。持参薬の点数はEF-16だけに入れてください。"
-- message_en = "Expected 0 in EF-18 and EF-19 of acts that hold brought-in drugs only; found {failed} with points. Their points belong into EF-16 alone."
-- source = "spec p184, 191"
-- note = "Brought-in: digit 3 of EF-17 is 1 or 2 on every detail line with points. Whether brought-in drugs were left out cannot be seen in the files."
with acts as (
  select submission_yyyymm, submission_facility, patient_data_id, admission_date, discharge_date, data_category, sequence_number,
    sum(case when detail_number = '000' then abs(coalesce(act_points, 0)) + abs(coalesce(act_drug_points, 0)) else 0 end) as points,
    sum(case when detail_number <> '000' and substring(detail_flags, 3, 1) in ('1', '2') then 1 else 0 end) as brought_in,
    sum(case when detail_number <> '000' and substring(detail_flags, 3, 1) not in ('1', '2') and fee_for_service_points <> 0 then 1 else 0 end) as others,
    min(file_name) as file_name, min(line_no) as line_no
  from stage.stg_efn
  where submission_yyyymm in ({months}) and data_category in ('21', '22', '23', '24', '26', '27', '31', '32', '33')
  group by submission_yyyymm, submission_facility, patient_data_id, admission_date, discharge_date, data_category, sequence_number
)
select a.submission_facility as facility_code, a.submission_yyyymm as yyyymm,
  {stay(a)} || ' act ' || a.data_category || '-' || a.sequence_number as key, a.file_name, a.line_no
from acts as a
where a.brought_in > 0 and a.others = 0 and a.points <> 0
