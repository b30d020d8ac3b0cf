-- id = "X01"
-- severity = "WARNING"
-- target = "stage/stg_kn"
-- needs = ["Kn"]
-- reads = "all"
-- title_ja = "一人の患者にデータ識別番号は一つ"
-- title_en = "One person has one data id"
-- message_ja = "一次共通IDとデータ識別番号は一対一のはずですが、{failed} 行で対応が崩れています。二重登録または取り違えがないか患者登録を確認し、修正して再提出してください。"
-- message_en = "Expected one data id per common id and one common id per data id; found {failed} K rows that break it. Check the patient register for duplicates or mix-ups, then resubmit."
-- source = "spec p4, 39"
-- note = "The common id is compared as its keyed hash within one facility, over all loaded months. A change of name gives a person a new common id: waive it then."
with people as (
  select submission_facility, primary_common_id
  from stage.stg_kn
  where primary_common_id is not null
  group by submission_facility, primary_common_id
  having count(distinct patient_data_id) > 1
), ids as (
  select submission_facility, patient_data_id
  from stage.stg_kn
  where primary_common_id is not null
  group by submission_facility, patient_data_id
  having count(distinct primary_common_id) > 1
)
select k.submission_facility as facility_code, k.submission_yyyymm as yyyymm, {stay(k)} as key, k.file_name, k.line_no
from stage.stg_kn as k
left join people on people.submission_facility = k.submission_facility and people.primary_common_id = k.primary_common_id
left join ids on ids.submission_facility = k.submission_facility and ids.patient_data_id = k.patient_data_id
where k.submission_yyyymm in ({months})
  and (people.primary_common_id is not null or ids.patient_data_id is not null)
