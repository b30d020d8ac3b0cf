-- id = "A11"
-- severity = "WARNING"
-- target = "stage/stg_ff1"
-- needs = ["FF1"]
-- title_ja = "入院経路1・4・5のときだけA000020のP3〜P7がある"
-- title_en = "P3 to P7 of A000020 are filled exactly for routes 1, 4 and 5"
-- message_ja = "A000020のペイロード3〜7は入院経路1・4・5では必須、それ以外では空のはずですが、{failed} 件が違います。入院経路と各項目を確認してください。"
-- message_en = "Expected payloads 3 to 7 of A000020 filled for routes 1, 4 and 5 and empty otherwise; found {failed} that differ. Check the route and these items."
-- source = "spec p21, 43-44"
select a.submission_facility as facility_code, a.submission_yyyymm as yyyymm, {record(a)} || ' route ' || coalesce(a.payload_2, '') as key, a.file_name, a.line_no
from {ff1(A000020)} as a
where (a.payload_2 in ('1', '4', '5')
    and (a.payload_3 is null or a.payload_4 is null or a.payload_5 is null or a.payload_6 is null or a.payload_7 is null))
  or (coalesce(a.payload_2, '') not in ('1', '4', '5')
    and coalesce(a.payload_3, a.payload_4, a.payload_5, a.payload_6, a.payload_7) is not null)
