-- id = "A05"
-- severity = "WARNING"
-- target = "stage/stg_ff1"
-- needs = ["FF1"]
-- title_ja = "様式1の空欄ペイロードは空、すべて空のレコードはない"
-- title_en = "Blank payloads of FF1 are empty and no record is all empty"
-- message_ja = "様式1の空欄・未定義のペイロードは空で、すべて空のレコードは出力しないはずですが、{failed} 行が違います。出力設定を確認してください。"
-- message_en = "Expected nothing in blank or undefined payloads and no record without any payload; found {failed} lines. Check the export settings."
-- source = "spec p20"
select f.submission_facility as facility_code, f.submission_yyyymm as yyyymm, {record(f)} || ' ' || f.payload_code as key, f.file_name, f.line_no
from stage.stg_ff1 as f
join {ff1_codes} as c on c.code = f.payload_code and f.submission_yyyymm between c.valid_from and c.valid_to
where f.submission_yyyymm in ({months}) and (
  coalesce(f.payload_1, f.payload_2, f.payload_3, f.payload_4, f.payload_5, f.payload_6, f.payload_7, f.payload_8, f.payload_9) is null
  or (substring(c.fields, 1, 1) = '-' and f.payload_1 is not null)
  or (substring(c.fields, 2, 1) = '-' and f.payload_2 is not null)
  or (substring(c.fields, 3, 1) = '-' and f.payload_3 is not null)
  or (substring(c.fields, 4, 1) = '-' and f.payload_4 is not null)
  or (substring(c.fields, 5, 1) = '-' and f.payload_5 is not null)
  or (substring(c.fields, 6, 1) = '-' and f.payload_6 is not null)
  or (substring(c.fields, 7, 1) = '-' and f.payload_7 is not null)
  or (substring(c.fields, 8, 1) = '-' and f.payload_8 is not null)
  or (substring(c.fields, 9, 1) = '-' and f.payload_9 is not null))
