-- id = "A07"
-- severity = "WARNING"
-- target = "stage/stg_ff1"
-- needs = ["FF1"]
-- reads = "all"
-- title_ja = "様式1の子レコードは隙間・重複なく続き、病棟グループが変わる"
-- title_en = "FF1 children follow each other without hole or overlap and change the ward group"
-- message_ja = "次の子の開始日は前の子の終了日の翌日で、隣り合う子の病棟グループ（A000050）は異なるはずですが、{failed} 件が違います。A000031とA000050を確認してください。"
-- message_en = "Expected the next child to start the day after the previous one ends, in another ward group (A000050); found {failed} that do not. Check A000031 and A000050."
-- source = "spec p40, 122"
-- note = "Judged in the month of the later child, against the earlier one in any loaded month; a child whose predecessor is not loaded is not judged."
with child as (
  select p.submission_yyyymm, p.submission_facility, p.patient_data_id, p.admission_date, p.same_day_stay_number, p.record_summary_number,
    {number(p.record_summary_number)} as n, {as_date(p.payload_1)} as first_day, {as_date(p.payload_2)} as last_day,
    coalesce(g.payload_2, '') || coalesce(g.payload_3, '') || coalesce(g.payload_4, '') as ward_group, p.file_name, p.line_no
  from {ff1_of_all_months(A000031)} as p
  left join {ff1_of_all_months(A000050)} as g on {same_record(g, p)}
  where p.record_summary_number ~ '^[1-9]$'
)
select b.submission_facility as facility_code, b.submission_yyyymm as yyyymm, {record(b)} as key, min(b.file_name) as file_name, min(b.line_no) as line_no
from child as b
join child as a on {same_stay(a, b)} and a.n = b.n - 1
where b.submission_yyyymm in ({months})
  and (b.first_day <> a.last_day + 1 or b.ward_group = a.ward_group)
group by b.submission_facility, b.submission_yyyymm, b.patient_data_id, b.admission_date, b.same_day_stay_number, b.record_summary_number
