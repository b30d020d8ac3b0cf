-- id = "A23"
-- severity = "WARNING"
-- target = "stage/stg_ff1"
-- needs = ["FF1"]
-- title_ja = "男性の妊娠は0、妊娠週数は妊娠ありのときだけ"
-- title_en = "No pregnancy for males; weeks only with a pregnancy"
-- message_ja = "男性の妊娠の有無は0、妊娠週数は妊娠1のときだけ入力するはずですが、{failed} 件が違います。A000010とA002010を確認してください。"
-- message_en = "Expected pregnancy 0 for males and gestational weeks exactly with pregnancy 1; found {failed} that differ. Check A000010 and A002010."
-- source = "spec p63"
select p.submission_facility as facility_code, p.submission_yyyymm as yyyymm, {record(p)} || ' pregnancy ' || coalesce(p.payload_2, '') as key, p.file_name, p.line_no
from {ff1(A002010)} as p
left join {ff1(A000010)} as a on {same_record(a, p)}
where (a.payload_2 = '1' and coalesce(p.payload_2, '0') <> '0')
  or (coalesce(p.payload_2, '0') <> '1' and p.payload_3 is not null)
  or (p.payload_2 = '1' and p.payload_3 is null)
