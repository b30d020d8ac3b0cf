-- id = "A09"
-- severity = "WARNING"
-- target = "stage/stg_ff1"
-- needs = ["FF1"]
-- title_ja = "2番目以降の子は入院経路0、最初の子は0以外"
-- title_en = "Later children have route 0, the first has the route of the stay"
-- message_ja = "子レコード2以降の入院経路は0、子レコード1は入院時の経路のはずですが、{failed} 件が違います。A000020を確認してください。"
-- message_en = "Expected route 0 in children from the second on and the route of the stay in the first; found {failed} that differ. Check A000020."
-- source = "spec p43"
select a.submission_facility as facility_code, a.submission_yyyymm as yyyymm, {record(a)} || ' route ' || coalesce(a.payload_2, '') as key, a.file_name, a.line_no
from {ff1(A000020)} as a
where (a.record_summary_number ~ '^[2-9]$' and coalesce(a.payload_2, '') <> '0')
  or (a.record_summary_number = '1' and a.payload_2 = '0')
