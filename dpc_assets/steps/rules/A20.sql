-- id = "A20"
-- severity = "WARNING"
-- target = "stage/stg_ff1"
-- needs = ["FF1"]
-- title_ja = "手術日は様式1の期間内、加算以外はP3〜P6が必要"
-- title_en = "Surgery lies in the FF1 period and, unless an add-on, has P3 to P6"
-- message_ja = "手術日は様式1の対象期間内で、機器加算（K93）以外はP3〜P6が必要、機器加算では空のはずですが、{failed} 件が違います。A007010を確認してください。"
-- message_en = "Expected surgery dates inside the FF1 period, P3 to P6 filled except for device add-ons (K93x) and empty there; found {failed} that differ. Check A007010."
-- source = "spec p28, 81-85"
-- note = "That the first surgery is the one of most points cannot be seen in FF1."
select a.submission_facility as facility_code, a.submission_yyyymm as yyyymm, {record(a)} || ' surgery ' || coalesce(a.payload_sequence, '') as key, a.file_name, a.line_no
from {ff1(A007010)} as a
left join (
  select submission_yyyymm, submission_facility, patient_data_id, admission_date, same_day_stay_number, record_summary_number,
    min(payload_1) as first_day, max(payload_2) as last_day
  from {ff1(A000031)} as b
  group by submission_yyyymm, submission_facility, patient_data_id, admission_date, same_day_stay_number, record_summary_number
) as p on {same_record(p, a)}
where coalesce(a.payload_1, '') not between coalesce(p.first_day, '00000000') and coalesce(p.last_day, '99999999')
  or (upper(coalesce(a.payload_2, '')) !~ '^K93'
    and (a.payload_3 is null or a.payload_4 is null or a.payload_5 is null or a.payload_6 is null))
  or (upper(a.payload_2) ~ '^K93' and coalesce(a.payload_3, a.payload_4, a.payload_5, a.payload_6) is not null)
