-- id = "A28"
-- severity = "WARNING"
-- target = "stage/stg_ff1"
-- needs = ["FF1"]
-- reads = "all"
-- title_ja = "4週間以内の一般病棟への再入院には再入院調査がある"
-- title_en = "A readmission to a general ward within four weeks has A000080"
-- message_ja = "一般病棟から一般病棟へ4週間以内に再入院した患者にはA000080が必要ですが、{failed} 件にありません。再入院調査を追加してください。"
-- message_en = "Expected A000080 for a readmission from general ward to general ward within four weeks; found {failed} without it. Add the readmission survey."
-- source = "spec p57"
-- note = "Previous periods come from FF1 of all loaded months; where an earlier month is not loaded nothing is alarmed. Days are counted as admission minus end of the last general period, 28 included."
with period as (
  select g.submission_yyyymm, g.submission_facility, g.patient_data_id, g.admission_date, g.same_day_stay_number, g.record_summary_number,
    g.payload_2 as general, coalesce(g.payload_3, '0') || coalesce(g.payload_4, '0') as other, {as_date(p.payload_2)} as last_day, g.file_name, g.line_no
  from {ff1_of_all_months(A000050)} as g
  join {ff1_of_all_months(A000031)} as p on {same_record(p, g)}
), earlier as (
  select distinct submission_facility, patient_data_id, admission_date, last_day
  from period
  where general = '1' and (record_summary_number ~ '^[1-9]$' or (record_summary_number = '0' and other = '00'))
), readmission as (
  select b.submission_yyyymm, b.submission_facility, b.patient_data_id, b.admission_date, b.same_day_stay_number, b.record_summary_number,
    b.file_name, b.line_no, max(e.last_day) as last_day
  from period as b
  join earlier as e on e.submission_facility = b.submission_facility and e.patient_data_id = b.patient_data_id
    and e.admission_date < b.admission_date and e.last_day <= b.admission_date
  where b.submission_yyyymm in ({months}) and b.record_summary_number = '0' and b.general = '1' and b.other = '00'
  group by b.submission_yyyymm, b.submission_facility, b.patient_data_id, b.admission_date, b.same_day_stay_number, b.record_summary_number,
    b.file_name, b.line_no
)
select r.submission_facility as facility_code, r.submission_yyyymm as yyyymm, {record(r)} || ' after ' || {day(r.last_day)} as key, r.file_name, r.line_no
from readmission as r
left join {ff1(A000080)} as s on {same_record(s, r)}
where r.admission_date - r.last_day <= 28 and s.submission_yyyymm is null
