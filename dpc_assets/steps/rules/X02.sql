-- id = "X02"
-- severity = "WARNING"
-- target = "stage/stg_ff4"
-- needs = ["FF1", "FF4"]
-- title_ja = "様式1の親レコードと様式4の退院が対応する"
-- title_en = "Parents of FF1 and discharges of FF4 match"
-- message_ja = "様式1の親レコード（統括診療情報番号0）と様式4（区分1・4）は識別番号・入院日・退院日で対応するはずですが、{failed} 件が片方にしかありません。欠けている側を補って再提出してください。"
-- message_en = "Expected every FF1 parent in FF4 and every FF4 row of code 1 or 4 in FF1 with the same id, admission and discharge; found {failed} on one side only. Add what is missing and resubmit."
-- source = "spec p5, 7, 140"
-- note = "FF4 rows of code 2, 3 and 5 may stand alone. A parent without A000030 is compared by id and admission."
with parent as (
  select f.submission_yyyymm, f.submission_facility, f.patient_data_id, f.admission_date, max(d.payload_1) as discharge,
    min(f.file_name) as file_name, min(f.line_no) as line_no
  from stage.stg_ff1 as f
  left join {ff1(A000030)} as d on {same_record(d, f)}
  where f.submission_yyyymm in ({months}) and f.record_summary_number = '0'
  group by f.submission_yyyymm, f.submission_facility, f.patient_data_id, f.admission_date
), form4 as (
  select submission_yyyymm, submission_facility, patient_data_id, admission_date, to_char(discharge_date, 'YYYYMMDD') as discharge,
    insurance_combination, file_name, line_no
  from stage.stg_ff4
  where submission_yyyymm in ({months})
)
select p.submission_facility as facility_code, p.submission_yyyymm as yyyymm, {stay(p)} || ' not in FF4' as key, p.file_name, p.line_no
from parent as p
left join form4 as f on f.submission_yyyymm = p.submission_yyyymm and {same_stay(f, p)}
  and f.discharge = coalesce(p.discharge, f.discharge)
where f.patient_data_id is null
union all
select f.submission_facility, f.submission_yyyymm, {stay(f)} || ' not in FF1', f.file_name, f.line_no
from form4 as f
left join parent as p on p.submission_yyyymm = f.submission_yyyymm and {same_stay(p, f)}
  and f.discharge = coalesce(p.discharge, f.discharge)
where f.insurance_combination in ('1', '4') and p.patient_data_id is null
