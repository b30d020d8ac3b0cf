-- id = "C01"
-- severity = "CRITICAL"
-- target = "stage/stg_ff1"
-- needs = ["FF1"]
-- title_ja = "退院日は入院日以降"
-- title_en = "No discharge before its admission"
-- message_ja = "退院日は入院日以降のはずですが、{failed} 件が逆です。在院日数が誤ります。入退院日を直して再提出してください。"
-- message_en = "Expected every discharge on or after its admission; found {failed} before it. The length of stay would be wrong: mend the dates, then resubmit."
-- source = "spec p39, 42"
-- note = "FF1 (A000030), FF4, EFn, Dn, Hn and Kn; once per stay and file."
with pairs as (
  select submission_yyyymm, submission_facility, patient_data_id, admission_date, {as_date(payload_1)} as discharge_date, file_name, line_no
  from {ff1(A000030)} as a
  union all
  select submission_yyyymm, submission_facility, patient_data_id, admission_date, discharge_date, file_name, line_no from stage.stg_ff4 where submission_yyyymm in ({months})
  union all
  select submission_yyyymm, submission_facility, patient_data_id, admission_date, discharge_date, file_name, line_no from stage.stg_efn where submission_yyyymm in ({months})
  union all
  select submission_yyyymm, submission_facility, patient_data_id, admission_date, discharge_date, file_name, line_no from stage.stg_dn where submission_yyyymm in ({months})
  union all
  select submission_yyyymm, submission_facility, patient_data_id, admission_date, discharge_date, file_name, line_no from stage.stg_hn where submission_yyyymm in ({months})
  union all
  select submission_yyyymm, submission_facility, patient_data_id, admission_date, discharge_date, file_name, line_no from stage.stg_kn where submission_yyyymm in ({months})
)
select p.submission_facility as facility_code, p.submission_yyyymm as yyyymm, {stay(p)} || ' discharged ' || {day(p.discharge_date)} as key,
  p.file_name, min(p.line_no) as line_no
from pairs as p
where p.discharge_date < p.admission_date
group by p.submission_facility, p.submission_yyyymm, p.patient_data_id, p.admission_date, p.discharge_date, p.file_name
