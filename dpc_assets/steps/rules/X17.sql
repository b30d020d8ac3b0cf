-- id = "X17"
-- severity = "WARNING"
-- target = "stage/stg_dn"
-- needs = ["Dn"]
-- title_ja = "診断群分類番号の形が正しい"
-- title_en = "The DPC code has the shape of one"
-- message_ja = "分類番号（D-29）は14桁の診断群分類番号のはずですが、{failed} 行が違います。分類の決定を確認してください。"
-- message_en = "Expected a DPC code of 14 characters in D-29; found {failed} lines with something else. Check the grouping."
-- source = "spec p132, 194-195"
-- note = "Simplified: whether the resource disease belongs to the first six characters needs the official definition table, which is not delivered with the files. x and X are equal."
select d.submission_facility as facility_code, d.submission_yyyymm as yyyymm, {stay(d)} || ' DPC ' || d.dpc_code as key, d.file_name, d.line_no
from stage.stg_dn as d
where d.submission_yyyymm in ({months})
  and lower(d.dpc_code) !~ '^(0[1-9]|1[0-8])[0-9][0-9][0-9][0-9x][0-9x][0-9x](0[1-7]|97|99|xx)[0-9x][0-9a-ex][0-9x][0-9x]$'
