-- id = "A14"
-- severity = "WARNING"
-- target = "stage/stg_ff1"
-- needs = ["FF1"]
-- title_ja = "死亡退院の退院先は8で、退院時の評価がない"
-- title_en = "A death has destination 8 and no assessment at discharge"
-- message_ja = "転帰6・7（死亡）の退院先は8で、ADL0020・JCS0020・ADL0040とFIMの退棟値はないはずですが、{failed} 件が違います。転帰と退院時項目を確認してください。"
-- message_en = "Expected destination 8 and no ADL0020, JCS0020, ADL0040 or FIM exit value with outcome 6 or 7; found {failed} that differ. Check the outcome and the items at discharge."
-- source = "spec p49, 51, 87, 97"
with died as (
  select d.submission_yyyymm, d.submission_facility, d.patient_data_id, d.admission_date, d.same_day_stay_number, d.record_summary_number,
    d.payload_2 as destination, d.file_name, d.line_no
  from {ff1(A000030)} as d
  where d.payload_3 in ('6', '7')
)
select d.submission_facility as facility_code, d.submission_yyyymm as yyyymm, {record(d)} || ' destination ' || coalesce(d.destination, '') as key, d.file_name, d.line_no
from died as d
where coalesce(d.destination, '') <> '8'
union all
select d.submission_facility, d.submission_yyyymm, {record(d)} || ' ' || f.payload_code, f.file_name, f.line_no
from died as d
join stage.stg_ff1 as f on {same_record(f, d)}
where f.payload_code in ('ADL0020', 'JCS0020', 'ADL0040')
union all
select d.submission_facility, d.submission_yyyymm, {record(d)} || ' FIM0010 exit', f.file_name, f.line_no
from died as d
join {ff1(FIM0010)} as f on {same_record(f, d)}
where f.payload_4 is not null
