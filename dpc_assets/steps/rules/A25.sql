-- id = "A25"
-- severity = "WARNING"
-- target = "stage/stg_ff1"
-- needs = ["FF1"]
-- title_ja = "親だけの項目が子レコードにない"
-- title_en = "Items of parents are not in children"
-- message_ja = "親レコードだけに入力する項目が子レコードに {failed} 件あります。子から除いてください。"
-- message_en = "Items that only a parent has were found {failed} times in children. Remove them from the children."
-- source = "spec p63-68"
select f.submission_facility as facility_code, f.submission_yyyymm as yyyymm, {record(f)} || ' ' || f.payload_code as key, f.file_name, f.line_no
from stage.stg_ff1 as f
join {ff1_codes} as c on c.code = f.payload_code and f.submission_yyyymm between c.valid_from and c.valid_to
where f.submission_yyyymm in ({months}) and f.record_summary_number ~ '^[1-9]$'
  and (c.parent_only = 1 or (f.payload_code = 'A004030' and f.payload_9 is not null))
