-- id = "W01"
-- severity = "WARNING"
-- target = "stage/stg_ff1"
-- needs = ["FF1"]
-- kind = "rate"
-- threshold = 0.1
-- minimum_total = 20
-- title_ja = "部位不明・詳細不明コードの割合が低い"
-- title_en = "Few unspecified ICD-10 codes as resource disease"
-- message_ja = "医療資源傷病名の部位不明・詳細不明コードの割合は {threshold} 以下が目安ですが、{total} 件中 {failed} 件（{rate}）です。より詳しいコードを選んでください。"
-- message_en = "Expected at most {threshold} of the resource diseases unspecified in site or detail; found {failed} of {total} ({rate}). Choose more specific codes."
-- source = "spec p157; threshold: the 10 % of the coding duty of DPC hospitals (not in the survey document)"
-- note = "Denominator: A006030 of parents; fewer than 20 are not judged. The list is ref.attention_icd10, first flag."
select a.submission_facility as facility_code, a.submission_yyyymm as yyyymm, {record(a)} || ' ' || a.payload_2 as key, min(a.file_name) as file_name, min(a.line_no) as line_no
from {ff1(A006030)} as a
join ref.attention_icd10 as t on t.unspecified_site_or_detail
  and replace(upper(a.payload_2), '-', '') between t.icd10_from and t.icd10_to
  and length(replace(a.payload_2, '-', '')) between t.shortest and t.longest
where a.record_summary_number = '0'
group by a.submission_facility, a.submission_yyyymm, a.patient_data_id, a.admission_date, a.same_day_stay_number, a.record_summary_number, a.payload_2
-- total
select submission_facility as facility_code, submission_yyyymm as yyyymm, count(*) as total
from {ff1(A006030)} as a
where record_summary_number = '0'
group by submission_facility, submission_yyyymm
