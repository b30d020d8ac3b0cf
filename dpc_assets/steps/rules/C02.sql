-- id = "C02"
-- severity = "WARNING"
-- target = "stage/stg_ff1"
-- needs = ["FF1"]
-- reads = "all"
-- title_ja = "一つの入院の親レコードは一つの月の様式1だけにある"
-- title_en = "The parent of a stay is in the FF1 of one month only"
-- message_ja = "同じ入院の親レコードが複数の月の様式1にあり、{failed} 件です。新しい提出を採用しています。古い月から除いて再提出してください。"
-- message_en = "Expected the parent of a stay in one month's FF1; found {failed} that are in several. The newer submission is used: remove the form from the other month and resubmit."
-- source = "spec p5"
-- note = "Reported in every month concerned. The one of the newer manifest stands in mart.fact_stay."
with parent as (
  select submission_yyyymm, submission_facility, patient_data_id, admission_date, same_day_stay_number, record_summary_number,
    min(file_name) as file_name, min(line_no) as line_no
  from stage.stg_ff1
  where record_summary_number = '0'
  group by submission_yyyymm, submission_facility, patient_data_id, admission_date, same_day_stay_number, record_summary_number
), several as (
  select submission_facility, patient_data_id, admission_date, same_day_stay_number
  from parent
  group by submission_facility, patient_data_id, admission_date, same_day_stay_number
  having count(*) > 1
)
select p.submission_facility as facility_code, p.submission_yyyymm as yyyymm, {record(p)} as key, p.file_name, p.line_no
from parent as p
join several as s on {same_stay(s, p)} and s.same_day_stay_number = p.same_day_stay_number
where p.submission_yyyymm in ({months})
