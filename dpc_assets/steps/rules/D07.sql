-- id = "D07"
-- severity = "CRITICAL"
-- target = "stage/stg_dn"
-- needs = ["Dn"]
-- title_ja = "医療機関別係数は診療月ごとに一つで1.0〜2.0"
-- title_en = "One hospital coefficient per service month, between 1.0 and 2.0"
-- message_ja = "医療機関別係数は診療月ごとに一つの値で1.0〜2.0のはずですが、{failed} 行が違います。このままでは請求点数が誤ります。係数を直して再提出してください。"
-- message_en = "Expected one coefficient per service month between 1.0 and 2.0; found {failed} lines that differ. Claim points would be wrong: mend the coefficient, then resubmit."
-- source = "spec p199"
-- note = "Where a service month of a file has several values, the lines that do not carry the most frequent one fail (of equally frequent ones the lowest stands). Lines without a coefficient are outside the DPC period."
with lines as (
  select submission_yyyymm, submission_facility, patient_data_id, admission_date, coalesce(to_char(service_date, 'YYYYMM'), submission_yyyymm) as service_month,
    hospital_coefficient, file_name, line_no
  from stage.stg_dn
  where submission_yyyymm in ({months}) and hospital_coefficient is not null
), ranked as (
  select submission_yyyymm, submission_facility, service_month, hospital_coefficient,
    row_number() over (partition by submission_yyyymm, submission_facility, service_month order by count(*) desc, hospital_coefficient) as place
  from lines
  group by submission_yyyymm, submission_facility, service_month, hospital_coefficient
)
select l.submission_facility as facility_code, l.submission_yyyymm as yyyymm, {stay(l)} || ' coefficient ' || cast(l.hospital_coefficient as varchar(20)) as key,
  l.file_name, l.line_no
from lines as l
join ranked as r on r.submission_yyyymm = l.submission_yyyymm and r.submission_facility = l.submission_facility
  and r.service_month = l.service_month and r.hospital_coefficient = l.hospital_coefficient
where r.place > 1 or l.hospital_coefficient < 1.0 or l.hospital_coefficient > 2.0
