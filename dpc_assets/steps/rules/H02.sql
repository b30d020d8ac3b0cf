-- id = "H02"
-- severity = "WARNING"
-- target = "stage/stg_hn"
-- needs = ["Hn", "EFn"]
-- title_ja = "判定対象の値2・4・5が年齢・外泊・退院日と合う"
-- title_en = "TAR0010 values 2, 4 and 5 fit age, leave and discharge"
-- message_ja = "値4の日は入院EFに外泊の行、値5は退院日で日帰りでない日、値2は15歳未満のはずですが、{failed} 患者日が違います。判定対象の値を確認してください。"
-- message_en = "Expected a leave line in EFn on days of value 4, value 5 on the discharge day of a stay longer than a day, value 2 under age 15; found {failed} days that differ. Check the value of TAR0010."
-- source = "spec p145"
-- note = "A leave line is a ward-fee line (90, 92) of the day with negative points or with the word for overnight leave in its name. An open discharge date is not compared. Age by FF1 or K of the same month, counted in months, so that only a certain 15 fails."
with targets as (
  select submission_yyyymm, submission_facility, patient_data_id, admission_date, discharge_date, service_date, payload_1 as value, file_name, line_no
  from stage.stg_hn
  where submission_yyyymm in ({months}) and payload_code = 'TAR0010' and payload_1 in ('2', '4', '5')
), leave as (
  select distinct submission_yyyymm, submission_facility, patient_data_id, admission_date, service_date
  from stage.stg_efn
  where submission_yyyymm in ({months}) and data_category in ('90', '92')
    and (act_points < 0 or fee_for_service_points < 0 or detail_points_or_amount < 0 or detail_name like '%外泊%')
), birth as (
  select submission_yyyymm, submission_facility, patient_data_id, min(birth_month) as birth_month
  from (
    select submission_yyyymm, submission_facility, patient_data_id, birth_month
    from stage.stg_kn
    where submission_yyyymm in ({months})
    union all
    select submission_yyyymm, submission_facility, patient_data_id, substring(payload_1, 1, 6)
    from {ff1(A000010)} as a
  ) as known
  where birth_month ~ '^[12][0-9]{3}(0[1-9]|1[0-2])$'
  group by submission_yyyymm, submission_facility, patient_data_id
  having min(birth_month) = max(birth_month)
)
select t.submission_facility as facility_code, t.submission_yyyymm as yyyymm, {stay(t)} || ' day ' || {day(t.service_date)} || ' value ' || t.value as key, t.file_name, t.line_no
from targets as t
left join leave as l on l.submission_yyyymm = t.submission_yyyymm and {same_stay(l, t)} and l.service_date = t.service_date
left join birth as b on b.submission_yyyymm = t.submission_yyyymm and b.submission_facility = t.submission_facility and b.patient_data_id = t.patient_data_id
where (t.value = '4' and l.patient_data_id is null)
  or (t.value = '5' and (t.service_date <> t.discharge_date or t.admission_date = t.discharge_date))
  or (t.value = '2' and cast(to_char(t.service_date, 'YYYYMM') as integer) - {number(b.birth_month)} > 1500)
