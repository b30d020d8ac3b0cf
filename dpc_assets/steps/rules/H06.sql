-- id = "H06"
-- severity = "WARNING"
-- target = "stage/stg_hn"
-- needs = ["Hn"]
-- title_ja = "Hファイルの実施日は入院期間の中にある"
-- title_en = "Days of Hn lie inside the stay"
-- message_ja = "Hファイルの実施年月日は入院日から退院日までのはずですが、{failed} 行が外れています。日付を確認してください。"
-- message_en = "Expected the days of Hn between admission and discharge; found {failed} lines outside. Check the dates."
-- source = "spec p144"
-- note = "An open discharge date sets no upper bound. That no day is missing is rule X09."
select h.submission_facility as facility_code, h.submission_yyyymm as yyyymm, {stay(h)} || ' day ' || {day(h.service_date)} as key, h.file_name, h.line_no
from stage.stg_hn as h
where h.submission_yyyymm in ({months}) and (h.service_date < h.admission_date or h.service_date > h.discharge_date)
