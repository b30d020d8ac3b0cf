-- id = "A01"
-- severity = "CRITICAL"
-- target = "stage/stg_ff1"
-- needs = ["FF1"]
-- title_ja = "様式1のレコードはキー・コード・連番で一意、連番に抜けがない"
-- title_en = "FF1 records are unique by key, code and sequence, without gaps"
-- message_ja = "様式1はキー5項目＋コード＋連番で一意、連番は1から抜けなく上限以内（連番のないコードは0）のはずですが、{failed} 件が違います。重複や抜けを直して再提出してください。"
-- message_en = "Expected FF1 unique by its five key columns, code and sequence, with sequences 1, 2, .. up to the code's maximum (0 where it has none); found {failed} records that break it. Mend duplicates and gaps, then resubmit."
-- source = "spec p20, 69, 81, 94"
-- note = "Uniqueness is judged inside one file; one stay in two months is rule C02. Codes unknown to the registry are only checked for uniqueness."
with records as (
  select submission_yyyymm, submission_facility, patient_data_id, admission_date, same_day_stay_number, record_summary_number,
    payload_code, coalesce(payload_sequence, '') as seq, {number(payload_sequence)} as n, file_name, line_no
  from stage.stg_ff1
  where submission_yyyymm in ({months})
), repeated as (
  select submission_yyyymm, submission_facility, patient_data_id, admission_date, same_day_stay_number, record_summary_number,
    payload_code, seq, min(file_name) as file_name, max(line_no) as line_no
  from records
  group by submission_yyyymm, submission_facility, patient_data_id, admission_date, same_day_stay_number, record_summary_number, payload_code, seq
  having count(*) > 1
), series as (
  select r.submission_yyyymm, r.submission_facility, r.patient_data_id, r.admission_date, r.same_day_stay_number, r.record_summary_number,
    r.payload_code, c.max_sequence, min(coalesce(r.n, -1)) as lowest, max(coalesce(r.n, -1)) as highest, count(distinct coalesce(r.n, -1)) as numbers,
    min(r.file_name) as file_name, min(r.line_no) as line_no
  from records as r
  join {ff1_codes} as c on c.code = r.payload_code and r.submission_yyyymm between c.valid_from and c.valid_to
  group by r.submission_yyyymm, r.submission_facility, r.patient_data_id, r.admission_date, r.same_day_stay_number, r.record_summary_number,
    r.payload_code, c.max_sequence
)
select r.submission_facility as facility_code, r.submission_yyyymm as yyyymm, {record(r)} || ' ' || r.payload_code || ' ' || r.seq || ' repeated' as key, r.file_name, r.line_no
from repeated as r
union all
select s.submission_facility, s.submission_yyyymm, {record(s)} || ' ' || s.payload_code || ' sequence', s.file_name, s.line_no
from series as s
where (s.max_sequence = 0 and (s.lowest <> 0 or s.highest <> 0))
  or (s.max_sequence > 0 and (s.lowest <> 1 or s.highest <> s.numbers or s.highest > s.max_sequence))
