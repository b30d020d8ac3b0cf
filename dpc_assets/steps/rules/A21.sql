-- id = "A21"
-- severity = "WARNING"
-- target = "stage/stg_ff1"
-- needs = ["FF1"]
-- title_ja = "身長は整数、体重は小数1桁"
-- title_en = "Height is whole centimetres, weight has one decimal"
-- message_ja = "身長は整数、体重は53.0の形（測定不能は000）のはずですが、{failed} 件が違います。A001010を確認してください。"
-- message_en = "Expected height as an integer and weight such as 53.0 (000 where not measurable); found {failed} that differ. Check A001010."
-- source = "spec p61"
select a.submission_facility as facility_code, a.submission_yyyymm as yyyymm, {record(a)} as key, a.file_name, a.line_no
from {ff1(A001010)} as a
where coalesce(a.payload_2, '') !~ '^[0-9]+$'
  or coalesce(a.payload_3, '') !~ '^(0+|[0-9]+[.][0-9])$'
  or coalesce(a.payload_4, '') !~ '^(0+|[0-9]+[.][0-9])$'
