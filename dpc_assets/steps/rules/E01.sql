-- id = "E01"
-- severity = "CRITICAL"
-- target = "stage/stg_efn"
-- needs = ["EFn"]
-- title_ja = "EFの行為には000の行がちょうど一つ、行為明細番号は001〜999で重複しない"
-- title_en = "An act of EF has exactly one 000 line and unique detail numbers 001 to 999"
-- message_ja = "EFの一つの行為（識別番号・入退院日・データ区分・順序番号）には000の行が一つだけあり、行為明細番号は重複しないはずですが、{failed} 行為が違います。行の重複や欠落を直して再提出してください。"
-- message_en = "Expected one 000 line per act (id, admission, discharge, data category, sequence) and detail numbers without repetition; found {failed} acts that differ. Mend repeated or missing lines, then resubmit."
-- source = "spec p184, 200, 228"
-- note = "EFn by id, discharge and admission; EFg (when delivered) by id, birth date and visit, without SY rows. Stays of one day that FF1 numbers 1, 2, .. share their rows here, so as many repetitions as such stays are accepted."
with numbered as (
  select cast('EFn' as varchar(3)) as file_type, submission_yyyymm, submission_facility, patient_data_id, admission_date as from_day, discharge_date as other_day,
    data_category, sequence_number, detail_number, count(*) as times, min(file_name) as file_name, min(line_no) as line_no
  from stage.stg_efn
  where submission_yyyymm in ({months})
  group by submission_yyyymm, submission_facility, patient_data_id, admission_date, discharge_date, data_category, sequence_number, detail_number
  union all
  select cast('EFg' as varchar(3)), submission_yyyymm, submission_facility, patient_data_id, visit_date, birth_date,
    data_category, sequence_number, detail_number, count(*), min(file_name), min(line_no)
  from stage.stg_efg
  where submission_yyyymm in ({months}) and data_category <> 'SY'
  group by submission_yyyymm, submission_facility, patient_data_id, visit_date, birth_date, data_category, sequence_number, detail_number
), acts as (
  select file_type, submission_yyyymm, submission_facility, patient_data_id, from_day, other_day, data_category, sequence_number,
    sum(case when detail_number = '000' then times else 0 end) as heads, max(times) as times,
    sum(case when detail_number ~ '^[0-9][0-9][0-9]$' then 0 else 1 end) as malformed,
    min(file_name) as file_name, min(line_no) as line_no
  from numbered
  group by file_type, submission_yyyymm, submission_facility, patient_data_id, from_day, other_day, data_category, sequence_number
), same_day as (
  select submission_yyyymm, submission_facility, patient_data_id, admission_date, count(distinct same_day_stay_number) as stays
  from stage.stg_ff1
  where submission_yyyymm in ({months}) and record_summary_number = '0' and same_day_stay_number <> '0'
  group by submission_yyyymm, submission_facility, patient_data_id, admission_date
)
select a.submission_facility as facility_code, a.submission_yyyymm as yyyymm,
  'patient ' || coalesce(a.patient_data_id, '?') || case a.file_type when 'EFg' then ' visit ' else ' admitted ' end || {day(a.from_day)}
    || ' act ' || coalesce(a.data_category, '?') || '-' || coalesce(a.sequence_number, '?') as key, a.file_name, a.line_no
from acts as a
left join same_day as s on a.file_type = 'EFn' and s.submission_yyyymm = a.submission_yyyymm and s.submission_facility = a.submission_facility
  and s.patient_data_id = a.patient_data_id and s.admission_date = a.from_day
where a.heads = 0 or a.malformed > 0 or a.heads > coalesce(s.stays, 1) or a.times > coalesce(s.stays, 1)
