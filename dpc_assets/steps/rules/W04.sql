-- id = "W04"
-- severity = "WARNING"
-- target = "stage/stg_ff1"
-- needs = ["FF1"]
-- title_ja = "日帰り入院には回数管理番号がある"
-- title_en = "A same-day stay has its same-day number"
-- message_ja = "入院日と退院日が同じ入院の回数管理番号は1以上のはずですが、{failed} 件が0です。回数管理番号を確認してください。"
-- message_en = "Expected a same-day number of 1 or more for stays of one day; found {failed} with 0. Check the number."
-- source = "spec p39"
select d.submission_facility as facility_code, d.submission_yyyymm as yyyymm, {record(d)} as key, d.file_name, d.line_no
from {ff1(A000030)} as d
where d.record_summary_number = '0' and coalesce(d.same_day_stay_number, '0') = '0' and d.payload_1 = to_char(d.admission_date, 'YYYYMMDD')
