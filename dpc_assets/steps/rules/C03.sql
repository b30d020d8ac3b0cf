-- id = "C03"
-- severity = "WARNING"
-- target = "raw/efn"
-- needs = ["FF1"]
-- title_ja = "日付は実在する日"
-- title_en = "Dates are days of the calendar"
-- message_ja = "日付はYYYYMMDDの実在する日（または決められた00000000など）のはずですが、{failed} 行が違います。その日付は空として扱われます。行の日付を直してください。"
-- message_en = "Expected dates YYYYMMDD of the calendar (or the 00000000 that is allowed); found {failed} lines with another text, which count as no date. Mend the dates of those lines."
-- source = "spec p20, 140, 146, 153, 197-207"
-- note = "The delivered text in raw, all seven types. 00000000 is no admission, service or visit date; birth and previous discharge dates may have unknown parts; SY rows of EFg have a month only. Payload dates of FF1 may also be 99999999."
with lines as (
  select submission_yyyymm, submission_facility, patient_data_id, file_name, line_no, 'admission_date ' || admission_date as found
  from raw.ff1
  where submission_yyyymm in ({months}) and {not_a_date(admission_date)}
  union all
  select submission_yyyymm, submission_facility, patient_data_id, file_name, line_no,
    case when {not_a_date(admission_date)} then 'admission_date ' || admission_date else 'discharge_date ' || discharge_date end
  from raw.ff4
  where submission_yyyymm in ({months}) and ({not_a_date(admission_date)} or {not_a_date(discharge_date)})
  union all
  select submission_yyyymm, submission_facility, patient_data_id, file_name, line_no,
    case when {not_a_date(admission_date)} then 'admission_date ' || admission_date
      when {not_a_date(service_date)} then 'service_date ' || service_date else 'discharge_date ' || discharge_date end
  from raw.efn
  where submission_yyyymm in ({months})
    and ({not_a_date(admission_date)} or {not_a_date(service_date)} or ({not_a_date(discharge_date)} and discharge_date not in ('', '00000000')))
  union all
  select submission_yyyymm, submission_facility, patient_data_id, file_name, line_no,
    case when {not_a_date(visit_date)} and data_category <> 'SY' then 'visit_date ' || visit_date
      when {not_a_date(service_date)} then 'service_date ' || service_date else 'birth_date ' || birth_date end
  from raw.efg
  where submission_yyyymm in ({months})
    and (({not_a_date(visit_date)} and data_category <> 'SY') or {not_a_date(service_date)}
      or ({not_a_date(birth_date)} and birth_date !~ '^([12][0-9][0-9][0-9](0[0-9]|1[0-2])00|00000000)$'))
  union all
  select submission_yyyymm, submission_facility, patient_data_id, file_name, line_no,
    case when {not_a_date(admission_date)} then 'admission_date ' || admission_date
      when {not_a_date(service_date)} then 'service_date ' || service_date
      when {not_a_date(discharge_date)} and discharge_date not in ('', '00000000') then 'discharge_date ' || discharge_date
      else 'DPC period ' || dpc_period_start || ' ' || dpc_period_end || ' ' || dpc_period_base end
  from raw.dn
  where submission_yyyymm in ({months})
    and ({not_a_date(admission_date)} or {not_a_date(service_date)} or ({not_a_date(discharge_date)} and discharge_date not in ('', '00000000'))
      or ({not_a_date(dpc_period_start)} and dpc_period_start not in ('', '00000000', 'Null', 'NULL', 'null'))
      or ({not_a_date(dpc_period_end)} and dpc_period_end not in ('', '00000000', 'Null', 'NULL', 'null'))
      or ({not_a_date(dpc_period_base)} and dpc_period_base not in ('', '00000000', 'Null', 'NULL', 'null')))
  union all
  select submission_yyyymm, submission_facility, patient_data_id, file_name, line_no,
    case when {not_a_date(admission_date)} then 'admission_date ' || admission_date
      when {not_a_date(service_date)} then 'service_date ' || service_date else 'discharge_date ' || discharge_date end
  from raw.hn
  where submission_yyyymm in ({months})
    and ({not_a_date(admission_date)} or {not_a_date(service_date)} or ({not_a_date(discharge_date)} and discharge_date not in ('', '00000000')))
  union all
  select submission_yyyymm, submission_facility, patient_data_id, file_name, line_no,
    case when {not_a_date(admission_date)} then 'admission_date ' || admission_date else 'discharge_date ' || discharge_date end
  from raw.kn
  where submission_yyyymm in ({months})
    and ({not_a_date(admission_date)} or ({not_a_date(discharge_date)} and discharge_date not in ('', '00000000')))
  union all
  select p.submission_yyyymm, p.submission_facility, p.patient_data_id, p.file_name, p.line_no,
    p.payload_code || ' payload ' || cast(p.n as varchar(2)) || ' ' || p.value
  from (
    select f.submission_yyyymm, f.submission_facility, f.patient_data_id, f.file_name, f.line_no, f.payload_code, n.n,
      case n.n when 1 then f.payload_1 when 2 then f.payload_2 when 3 then f.payload_3 when 4 then f.payload_4 when 5 then f.payload_5
        when 6 then f.payload_6 when 7 then f.payload_7 when 8 then f.payload_8 else f.payload_9 end as value,
      substring(c.fields, n.n, 1) as kind
    from raw.ff1 as f
    join {ff1_codes} as c on c.code = f.payload_code and f.submission_yyyymm between c.valid_from and c.valid_to
    cross join (select 1 as n union all select 2 union all select 3 union all select 4 union all select 5
      union all select 6 union all select 7 union all select 8 union all select 9) as n
    where f.submission_yyyymm in ({months}) and substring(c.fields, n.n, 1) in ('d', 'p')
  ) as p
  where p.value not in ('', '00000000', '99999999', 'Null', 'NULL', 'null') and {not_a_date(p.value)}
    and (p.kind = 'd' or p.value !~ '^[12][0-9][0-9][0-9](0[0-9]|1[0-2])00$')
)
select l.submission_facility as facility_code, l.submission_yyyymm as yyyymm, 'patient ' || l.patient_data_id || ' ' || substring(l.found, 1, 80) as key,
  l.file_name, l.line_no
from lines as l
