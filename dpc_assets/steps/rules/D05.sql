-- id = "D05"
-- severity = "WARNING"
-- target = "stage/stg_dn"
-- needs = ["Dn"]
-- title_ja = "出来高理由（01）の行はコード810000001とGR0＋理由"
-- title_en = "Category 01 has code 810000001 and GR0 with a reason"
-- message_ja = "出来高理由（01）の行はコード810000001、解釈番号はGR0＋理由（01〜06・08〜11）のはずですが、{failed} 行が違います。出来高理由を確認してください。"
-- message_en = "Expected code 810000001 and fee code GR0 with reason 01-06 or 08-11 on category 01; found {failed} lines that differ. Check the reason."
-- source = "spec p193"
-- note = "Partly: whether every fee-for-service day has its reason is not judged."
select d.submission_facility as facility_code, d.submission_yyyymm as yyyymm, {stay(d)} || ' reason ' || coalesce(d.fee_table_code, '') as key, d.file_name, d.line_no
from stage.stg_dn as d
where d.submission_yyyymm in ({months}) and d.data_category = '01'
  and (coalesce(d.receipt_computer_code, '') <> '810000001' or coalesce(d.fee_table_code, '') !~ '^GR0(0[1-6]|0[89]|1[01])$')
