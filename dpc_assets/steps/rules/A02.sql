-- id = "A02"
-- severity = "WARNING"
-- target = "stage/stg_ff1"
-- needs = ["FF1"]
-- title_ja = "様式1のコードとバージョンが仕様どおり"
-- title_en = "Code and version of FF1 are those of the specification"
-- message_ja = "様式1のペイロードコードは仕様にあり、バージョンはコードごとに決まった値のはずですが、{failed} 行が違います。入力システムの版を確認してください。"
-- message_en = "Expected payload codes of the specification with the exact version of each; found {failed} lines with another. Check the release of the input system."
-- source = "spec p20"
select f.submission_facility as facility_code, f.submission_yyyymm as yyyymm,
  {record(f)} || ' ' || coalesce(f.payload_code, '?') || ' version ' || coalesce(f.payload_version, '') as key, f.file_name, f.line_no
from stage.stg_ff1 as f
left join {ff1_codes} as c on c.code = f.payload_code and c.version = f.payload_version and f.submission_yyyymm between c.valid_from and c.valid_to
where f.submission_yyyymm in ({months}) and c.code is null
