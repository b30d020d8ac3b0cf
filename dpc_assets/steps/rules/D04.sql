-- id = "D04"
-- severity = "WARNING"
-- target = "stage/stg_dn"
-- needs = ["Dn"]
-- title_ja = "調整点数（94）の行はコード940000000"
-- title_en = "Category 94 has code 940000000"
-- message_ja = "DPCの調整点数（94）の行はコード940000000のはずですが、{failed} 行が違います。データ区分とコードを確認してください。"
-- message_en = "Expected code 940000000 exactly on category 94; found {failed} lines that differ. Check category and code."
-- source = "spec p193-194"
select d.submission_facility as facility_code, d.submission_yyyymm as yyyymm, {stay(d)} || ' code ' || coalesce(d.receipt_computer_code, '') as key, d.file_name, d.line_no
from stage.stg_dn as d
where d.submission_yyyymm in ({months})
  and ((d.data_category = '94' and coalesce(d.receipt_computer_code, '') <> '940000000')
    or (d.data_category <> '94' and d.receipt_computer_code = '940000000'))
