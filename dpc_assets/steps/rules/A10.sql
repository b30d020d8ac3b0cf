-- id = "A10"
-- severity = "WARNING"
-- target = "stage/stg_ff1"
-- needs = ["FF1"]
-- title_ja = "回数管理番号は日帰り入院の親だけに1以上"
-- title_en = "A same-day number of 1 or more only in parents of same-day stays"
-- message_ja = "回数管理番号が1以上なのは入院日と退院日が同じ親だけ（子・A・Bは0）のはずですが、{failed} 件が違います。番号を確認してください。"
-- message_en = "Expected same-day numbers of 1 or more only where admission and discharge are one day, and 0 in children, A and B; found {failed} that differ. Check the numbers."
-- source = "spec p39"
select d.submission_facility as facility_code, d.submission_yyyymm as yyyymm, {record(d)} as key, d.file_name, d.line_no
from {ff1(A000030)} as d
where coalesce(d.same_day_stay_number, '0') <> '0'
  and (d.record_summary_number <> '0' or coalesce(d.payload_1, '') <> to_char(d.admission_date, 'YYYYMMDD'))
