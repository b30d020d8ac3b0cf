-- id = "X13"
-- severity = "WARNING"
-- target = "stage/stg_ff1"
-- needs = ["FF1"]
-- title_ja = "様式1の手術情報に輸血・13款を入れない"
-- title_en = "No transfusion and no section 13 fee in A007010"
-- message_ja = "A007010に輸血（K920）、KKK1、13款（K914〜K917）は入力できませんが、{failed} 件あります。様式1から除いてください。"
-- message_en = "Transfusion (K920), KKK1 and K914 to K917 must not be in A007010; found {failed}. Remove them from FF1."
-- source = "spec p81-82"
select a.submission_facility as facility_code, a.submission_yyyymm as yyyymm, {record(a)} || ' code ' || a.payload_2 as key, a.file_name, a.line_no
from {ff1(A007010)} as a
where upper(a.payload_2) ~ '^(K920|KKK1|K91[4-7])'
