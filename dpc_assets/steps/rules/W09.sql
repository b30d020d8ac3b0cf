-- id = "W09"
-- severity = "WARNING"
-- target = "stage/stg_ff1"
-- needs = ["FF1"]
-- reads = "all"
-- title_ja = "一つの識別番号に生年月日と性別は一つ"
-- title_en = "One data id has one birth date and one sex"
-- message_ja = "同じ識別番号の様式1は生年月日と性別が一つのはずですが、{failed} 人で複数あります。患者の取り違えがないか確認してください。"
-- message_en = "Expected one birth date and one sex per data id in FF1; found {failed} ids with several. Look for mixed-up patients."
-- source = "spec p4"
-- note = "FF1 of all loaded months; birth dates with unknown parts are not compared."
with people as (
  select submission_facility, patient_data_id
  from {ff1_of_all_months(A000010)} as a
  group by submission_facility, patient_data_id
  having count(distinct case when not {not_a_date(payload_1)} then payload_1 end) > 1
    or count(distinct case when payload_2 in ('1', '2') then payload_2 end) > 1
)
select a.submission_facility as facility_code, a.submission_yyyymm as yyyymm, 'patient ' || a.patient_data_id as key, min(a.file_name) as file_name, min(a.line_no) as line_no
from {ff1(A000010)} as a
join people as p on p.submission_facility = a.submission_facility and p.patient_data_id = a.patient_data_id
group by a.submission_facility, a.submission_yyyymm, a.patient_data_id
