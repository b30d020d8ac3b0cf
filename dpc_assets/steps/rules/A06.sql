-- id = "A06"
-- severity = "WARNING"
-- target = "stage/stg_ff1"
-- needs = ["FF1"]
-- reads = "all"
-- title_ja = "様式1の対象期間：親は入院から退院まで、子は抜けなくそろう"
-- title_en = "FF1 periods: the parent spans the stay, children start and end with it"
-- message_ja = "親の様式1期間は入院日から退院日まで、子は1から抜けなく最初が入院日・最後が退院日で、複数の病棟グループなら子が必要ですが、{failed} 件が違います。A000031とA000050を確認してください。"
-- message_en = "Expected the parent's period from admission to discharge, and children 1, 2, .. from admission to discharge wherever the ward group changed; found {failed} that differ. Check A000031 and A000050."
-- source = "spec p40, 53, 121-124"
-- note = "Judged in the month of the parent. Children are given in the month of their transfer, so they are judged only where every month from admission to discharge is loaded for the facility."
with parent as (
  select p.submission_yyyymm, p.submission_facility, p.patient_data_id, p.admission_date, p.same_day_stay_number, p.record_summary_number,
    p.payload_1 as first_day, p.payload_2 as last_day, d.payload_1 as discharge, p.file_name, p.line_no,
    case when g.payload_2 = '1' then 1 else 0 end + case when g.payload_3 = '1' then 1 else 0 end + case when g.payload_4 = '1' then 1 else 0 end as ward_groups
  from {ff1(A000031)} as p
  left join {ff1(A000030)} as d on {same_record(d, p)}
  left join {ff1(A000050)} as g on {same_record(g, p)}
  where p.record_summary_number = '0'
), loaded_months as (
  select p.submission_yyyymm, p.submission_facility, p.patient_data_id, p.admission_date, count(distinct m.submission_yyyymm) as months
  from parent as p
  join {loaded} as m on m.submission_facility = p.submission_facility and m.file_type = 'FF1'
    and m.submission_yyyymm between to_char(p.admission_date, 'YYYYMM') and p.submission_yyyymm
  group by p.submission_yyyymm, p.submission_facility, p.patient_data_id, p.admission_date
), child as (
  select submission_facility, patient_data_id, admission_date, record_summary_number, max(payload_1) as first_day, max(payload_2) as last_day
  from {ff1_of_all_months(A000031)} as a
  where record_summary_number ~ '^[1-9]$'
  group by submission_facility, patient_data_id, admission_date, record_summary_number
), children as (
  select submission_facility, patient_data_id, admission_date, count(*) as found,
    max({number(record_summary_number)}) as highest,
    max(case when record_summary_number = '1' then first_day end) as first_day,
    substring(max(record_summary_number || last_day), 2, 8) as last_day
  from child
  group by submission_facility, patient_data_id, admission_date
)
select p.submission_facility as facility_code, p.submission_yyyymm as yyyymm, {record(p)} || ' period' as key, p.file_name, p.line_no
from parent as p
where p.first_day <> to_char(p.admission_date, 'YYYYMMDD') or p.last_day <> p.discharge
union all
select p.submission_facility, p.submission_yyyymm, {record(p)} || ' children', p.file_name, p.line_no
from parent as p
join loaded_months as m on m.submission_yyyymm = p.submission_yyyymm and {same_stay(m, p)}
  and m.months = datediff(month, p.admission_date, cast(substring(p.submission_yyyymm, 1, 4) || '-' || substring(p.submission_yyyymm, 5, 2) || '-01' as date)) + 1
left join children as c on {same_stay(c, p)}
where (c.found is null and p.ward_groups > 1)
  or (c.found is not null and (c.found = 1 or c.highest <> c.found or c.first_day is null
    or c.first_day <> to_char(p.admission_date, 'YYYYMMDD') or c.last_day <> p.last_day))
