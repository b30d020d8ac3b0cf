-- id = "A13"
-- severity = "WARNING"
-- target = "stage/stg_ff1"
-- needs = ["FF1"]
-- title_ja = "化学療法の計画的再入院（101）は悪性腫瘍だけ"
-- title_en = "Planned readmission for chemotherapy (101) only with a malignant disease"
-- message_ja = "予定入院101は医療資源傷病名が悪性腫瘍のときだけのはずですが、{failed} 件が違います。A000020のP5と医療資源傷病名を確認してください。"
-- message_en = "Expected a malignant resource disease wherever A000020 P5 is 101; found {failed} with another. Check P5 and the resource disease."
-- source = "spec p44"
-- note = "Malignant is read widely: C00-C97, D00-D09 and D37-D48."
select a.submission_facility as facility_code, a.submission_yyyymm as yyyymm, {record(a)} || ' resource ' || coalesce(r.payload_2, '') as key, a.file_name, a.line_no
from {ff1(A000020)} as a
join {ff1(A006030)} as r on {same_record(r, a)}
where a.payload_5 = '101' and coalesce(r.payload_2, '') !~ '^(C|D0|D3[7-9]|D4[0-8])'
