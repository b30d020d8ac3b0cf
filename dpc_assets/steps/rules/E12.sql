-- id = "E12"
-- severity = "WARNING"
-- target = "raw/efg"
-- needs = ["EFg"]
-- title_ja = "外来EFの傷病名（SY）の行の形が正しい"
-- title_en = "Disease rows (SY) of EFg have their shape"
-- message_ja = "SYの行は傷病名コード7桁、点数0、回数1、区分情報4桁目（転帰）1〜4、受診日の末尾00のはずですが、{failed} 行が違います。傷病名の出力を確認してください。"
-- message_en = "Expected on SY rows a disease code of 7 digits, 0 points, count 1, digit 4 of EF-17 (outcome) in 1 to 4 and a visit date ending in 00; found {failed} that differ. Check how diseases are written."
-- source = "spec p201-205"
-- note = "A line 000 without flags is not asked for digit 4: EF-17 may be empty there."
select submission_facility as facility_code, submission_yyyymm as yyyymm,
  'patient ' || patient_data_id || ' SY ' || receipt_computer_code as key, file_name, line_no
from raw.efg
where submission_yyyymm in ({months}) and data_category = 'SY' and (
  receipt_computer_code !~ '^[0-9]{7}$'
  or visit_date !~ '^[0-9]{6}00$'
  or act_count !~ '^0*1$'
  or ((detail_number <> '000' or detail_flags <> '') and substring(detail_flags, 4, 1) not in ('1', '2', '3', '4'))
  or fee_for_service_points !~ '^0*$' or detail_points_or_amount !~ '^0*[.]?0*$'
  or act_points !~ '^0*$' or act_drug_points !~ '^0*$' or act_material_points !~ '^0*$')
