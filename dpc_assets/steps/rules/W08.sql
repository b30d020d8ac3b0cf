-- id = "W08"
-- severity = "WARNING"
-- target = "stage/stg_ff1"
-- needs = ["FF1"]
-- reads = "all"
-- title_ja = "退院患者数が前月から急変していない"
-- title_en = "The number of discharges does not jump from month to month"
-- message_ja = "様式1の退院患者数は前月の半分から2倍の間が目安ですが、外れています。提出漏れや重複がないか確認してください。"
-- message_en = "Expected between half and twice the discharges of the previous month; found another number. Look for missing or repeated forms."
-- source = "good practice"
-- note = "Compared with the previous calendar month where that is loaded and has at least 20 parents in FF1."
with discharges as (
  select submission_yyyymm, submission_facility, count(*) as stays, min(file_name) as file_name,
    cast(substring(submission_yyyymm, 1, 4) as integer) * 12 + cast(substring(submission_yyyymm, 5, 2) as integer) as month_number
  from {ff1_of_all_months(A000030)} as d
  where record_summary_number = '0'
  group by submission_yyyymm, submission_facility
)
select b.submission_facility as facility_code, b.submission_yyyymm as yyyymm,
  'discharges ' || cast(b.stays as varchar(12)) || ', in ' || a.submission_yyyymm || ' ' || cast(a.stays as varchar(12)) as key,
  b.file_name, cast(null as bigint) as line_no
from discharges as b
join discharges as a on a.submission_facility = b.submission_facility and a.month_number = b.month_number - 1
where b.submission_yyyymm in ({months}) and a.stays >= 20 and (b.stays > 2 * a.stays or 2 * b.stays < a.stays)
