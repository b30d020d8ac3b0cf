-- id = "X06"
-- severity = "WARNING"
-- target = "raw/kn"
-- needs = ["Kn"]
-- title_ja = "Kファイルの実施年月はファイルの年月"
-- title_en = "The service month of K is the month of its file"
-- message_ja = "Kファイルの実施年月はすべてファイルの年月のはずですが、{failed} 行が違います。Kファイルを作り直してください。"
-- message_en = "Expected the file's month as service month on every K row; found {failed} rows with another. Make the K file again."
-- source = "spec p154"
select submission_facility as facility_code, submission_yyyymm as yyyymm,
  'patient ' || patient_data_id || ' service month ' || service_month as key, file_name, line_no
from raw.kn
where submission_yyyymm in ({months}) and service_month <> submission_yyyymm
