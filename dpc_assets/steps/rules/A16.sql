-- id = "A16"
-- severity = "WARNING"
-- target = "stage/stg_ff1"
-- needs = ["FF1"]
-- title_ja = "傷病名のICD10は点なし左詰め、疑いにZコードを使わない"
-- title_en = "ICD-10 codes are written without a dot; no Z code for a suspected disease"
-- message_ja = "ICD10は英大文字1字＋数字で点なし、疑い病名（8002）にZコードは使わないはずですが、{failed} 行が違います。傷病名コードを確認してください。"
-- message_en = "Expected ICD-10 as a letter and digits without a dot, and no Z code for a suspected disease (modifier 8002); found {failed} lines that differ. Check the disease codes."
-- source = "spec p69"
-- note = "The shape only: a letter, two digits, up to two more. Whether all digits are given needs the ICD master."
select f.submission_facility as facility_code, f.submission_yyyymm as yyyymm, {record(f)} || ' ' || f.payload_code || ' ' || coalesce(f.payload_2, '') as key, f.file_name, f.line_no
from stage.stg_ff1 as f
where f.submission_yyyymm in ({months}) and f.payload_code in ('A006010', 'A006020', 'A006030') and (
  coalesce(f.payload_2, '') !~ '^[A-Z][0-9][0-9][0-9A-Z]?[0-9A-Z]?$'
  or (f.payload_2 ~ '^Z' and '8002' in (coalesce(f.payload_5, ''), coalesce(f.payload_6, ''), coalesce(f.payload_7, ''), coalesce(f.payload_8, ''))))
