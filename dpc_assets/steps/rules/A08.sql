-- id = "A08"
-- severity = "WARNING"
-- target = "stage/stg_ff1"
-- needs = ["FF1"]
-- title_ja = "途中の子レコードは退院日00000000・退院先0、0は子だけ"
-- title_en = "A child that is not the last has discharge 00000000 and destination 0; 0 only in children"
-- message_ja = "退院していない子は退院日00000000・退院先0、親の入院経路と退院先に0はないはずですが、{failed} 件が違います。A000020とA000030を確認してください。"
-- message_en = "Expected discharge 00000000 with destination 0 in a child that moves on, and never route or destination 0 in a parent; found {failed}. Check A000020 and A000030."
-- source = "spec p46-50"
select d.submission_facility as facility_code, d.submission_yyyymm as yyyymm, {record(d)} || ' destination ' || coalesce(d.payload_2, '') as key, d.file_name, d.line_no
from {ff1(A000030)} as d
where (d.record_summary_number = '0' and d.payload_2 = '0')
  or (d.record_summary_number ~ '^[1-9]$' and (case when coalesce(d.payload_1, '00000000') = '00000000' then 1 else 0 end) <> (case when d.payload_2 = '0' then 1 else 0 end))
union all
select a.submission_facility, a.submission_yyyymm, {record(a)} || ' route 0', a.file_name, a.line_no
from {ff1(A000020)} as a
where a.record_summary_number = '0' and a.payload_2 = '0'
