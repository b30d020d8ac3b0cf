-- id = "D03"
-- severity = "WARNING"
-- target = "stage/stg_dn"
-- needs = ["Dn", "FF1"]
-- title_ja = "包括点数（93）の行はコード930000000で1日1行"
-- title_en = "Category 93 has code 930000000 and one line a day"
-- message_ja = "包括点数（93）の行はコード930000000で1日1行のはずですが、{failed} 件が違います。行の重複とコードを確認してください。"
-- message_en = "Expected code 930000000 and one line a day in category 93; found {failed} that differ. Check for repeated lines and the code."
-- source = "spec p193-194, 215"
-- note = "Stays of one day that FF1 numbers 1, 2, .. share their rows: as many lines as such stays are accepted. Days of overnight leave are not compared."
with days as (
  select submission_yyyymm, submission_facility, patient_data_id, admission_date, service_date, count(*) as times, min(file_name) as file_name, max(line_no) as line_no
  from stage.stg_dn
  where submission_yyyymm in ({months}) and data_category = '93'
  group by submission_yyyymm, submission_facility, patient_data_id, admission_date, service_date
), same_day as (
  select submission_yyyymm, submission_facility, patient_data_id, admission_date, count(distinct same_day_stay_number) as stays
  from stage.stg_ff1
  where submission_yyyymm in ({months}) and record_summary_number = '0' and same_day_stay_number <> '0'
  group by submission_yyyymm, submission_facility, patient_data_id, admission_date
)
select d.submission_facility as facility_code, d.submission_yyyymm as yyyymm, {stay(d)} || ' day ' || {day(d.service_date)} || ' repeated' as key, d.file_name, d.line_no
from days as d
left join same_day as s on s.submission_yyyymm = d.submission_yyyymm and {same_stay(s, d)}
where d.times > coalesce(s.stays, 1)
union all
select d.submission_facility, d.submission_yyyymm, {stay(d)} || ' code ' || coalesce(d.receipt_computer_code, ''), d.file_name, d.line_no
from stage.stg_dn as d
where d.submission_yyyymm in ({months})
  and ((d.data_category = '93' and coalesce(d.receipt_computer_code, '') <> '930000000')
    or (d.data_category <> '93' and d.receipt_computer_code = '930000000'))
