-- id = "X21"
-- severity = "WARNING"
-- target = "raw/efg"
-- needs = ["EFg"]
-- reads = "all"
-- title_ja = "外来EFの生年月日・性別は様式1と一致する"
-- title_en = "Birth date and sex of EFg are those of FF1"
-- message_ja = "同じ患者の外来EFと様式1の生年月日・性別は一致するはずですが、{failed} 人で違います。患者登録を確認してください。"
-- message_en = "Expected the birth date and sex of FF1 in EFg for one patient; found {failed} patients that differ. Check the patient register."
-- source = "spec p201-202"
-- note = "FF1 of all loaded months. Dates with unknown parts are not compared; sex is digit 3 of EF-17 where it is 1 or 2."
with person as (
  select distinct submission_facility, patient_data_id, payload_1 as birth, payload_2 as sex
  from {ff1_of_all_months(A000010)} as a
), visits as (
  select submission_yyyymm, submission_facility, patient_data_id, birth_date, substring(detail_flags, 3, 1) as sex,
    min(file_name) as file_name, min(line_no) as line_no
  from raw.efg
  where submission_yyyymm in ({months})
  group by submission_yyyymm, submission_facility, patient_data_id, birth_date, substring(detail_flags, 3, 1)
)
select v.submission_facility as facility_code, v.submission_yyyymm as yyyymm, 'patient ' || v.patient_data_id as key,
  min(v.file_name) as file_name, min(v.line_no) as line_no
from visits as v
join person as p on p.submission_facility = v.submission_facility and p.patient_data_id = v.patient_data_id
where (v.birth_date <> p.birth and not {not_a_date(v.birth_date)} and not {not_a_date(p.birth)})
  or (v.sex in ('1', '2') and p.sex in ('1', '2') and v.sex <> p.sex)
group by v.submission_facility, v.submission_yyyymm, v.patient_data_id
