-- id = "A26"
-- severity = "WARNING"
-- target = "stage/stg_ff1"
-- needs = ["FF1"]
-- title_ja = "転倒3b以上は転倒回数以下、身体拘束日数は在院日数以下"
-- title_en = "Falls of level 3b at most all falls; restraint days at most the stay"
-- message_ja = "レベル3b以上の転倒・転落は全回数以下、身体的拘束日数は在院日数以下のはずですが、{failed} 件が違います。A004040とA004050を確認してください。"
-- message_en = "Expected no more falls of level 3b than falls, and no more restraint days than days of stay; found {failed} that differ. Check A004040 and A004050."
-- source = "spec p67-68"
select f.submission_facility as facility_code, f.submission_yyyymm as yyyymm, {record(f)} || ' falls' as key, f.file_name, f.line_no
from {ff1(A004040)} as f
where {number(f.payload_3)} > {number(f.payload_2)}
union all
select r.submission_facility, r.submission_yyyymm, {record(r)} || ' restraint days', r.file_name, r.line_no
from {ff1(A004050)} as r
join {ff1(A000030)} as d on {same_record(d, r)}
where {number(r.payload_2)} > {as_date(d.payload_1)} - r.admission_date + 1
