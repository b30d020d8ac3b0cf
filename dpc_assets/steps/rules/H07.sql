-- id = "H07"
-- severity = "INFO"
-- target = "stage/stg_hn"
-- needs = ["Hn"]
-- title_ja = "評価日にA項目の記録がある"
-- title_en = "An evaluated day has an A record"
-- message_ja = "A項目（ASS0013・ASS0062）のない評価日（TAR0010が0・1）が {failed} 患者日あります。必要度IIの病棟では正常ですが、この基盤では該当患者の判定ができません。"
-- message_en = "{failed} evaluated days (TAR0010 0 or 1) have no A record (ASS0013, ASS0062). That is normal on wards of method II, but such days cannot qualify here."
-- source = "spec p145, 148, 151"
-- note = "Wards of method II derive A items from EFn through a code master that is not public."
with days as (
  select submission_yyyymm, submission_facility, patient_data_id, admission_date, service_date,
    max(case when payload_code = 'TAR0010' and payload_1 in ('0', '1') then 1 else 0 end) as evaluated,
    max(case when payload_code in ('ASS0013', 'ASS0062') then 1 else 0 end) as a_records,
    min(file_name) as file_name, min(line_no) as line_no
  from stage.stg_hn
  where submission_yyyymm in ({months})
  group by submission_yyyymm, submission_facility, patient_data_id, admission_date, service_date
)
select d.submission_facility as facility_code, d.submission_yyyymm as yyyymm, {stay(d)} || ' day ' || {day(d.service_date)} as key, d.file_name, d.line_no
from days as d
where d.evaluated = 1 and d.a_records = 0
