-- id = "A15"
-- severity = "WARNING"
-- target = "stage/stg_ff1"
-- needs = ["FF1"]
-- title_ja = "24時間以内の死亡は死亡転帰・2暦日以内の入院"
-- title_en = "Death within 24 hours means a death and at most two calendar days"
-- message_ja = "24時間以内の死亡が1なら死亡転帰で2暦日以内、2なら死亡転帰で日帰り入院のはずですが、{failed} 件が違います。A000030のP4と日付を確認してください。"
-- message_en = "Expected an outcome of death and a stay of at most two calendar days with A000030 P4 = 1, and a same-day stay with P4 = 2; found {failed} that differ. Check P4 and the dates."
-- source = "spec p52"
select d.submission_facility as facility_code, d.submission_yyyymm as yyyymm, {record(d)} || ' P4 ' || d.payload_4 as key, d.file_name, d.line_no
from {ff1(A000030)} as d
where d.record_summary_number = '0' and (
  (d.payload_4 in ('1', '2') and coalesce(d.payload_3, '') not in ('6', '7'))
  or (d.payload_4 = '1' and {as_date(d.payload_1)} > d.admission_date + 1)
  or (d.payload_4 = '2' and d.payload_1 <> to_char(d.admission_date, 'YYYYMMDD')))
