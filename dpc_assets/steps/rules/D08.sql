-- id = "D08"
-- severity = "WARNING"
-- target = "stage/stg_dn"
-- needs = ["Dn"]
-- title_ja = "Dファイルの円・点区分1は食事（97）だけ"
-- title_en = "The yen flag of Dn is 1 only for meals (97)"
-- message_ja = "Dファイルの円・点区分1は食事（97）だけのはずですが、{failed} 行が違います。円・点区分を確認してください。"
-- message_en = "Expected yen flag 1 in Dn only for meals (97); found {failed} other lines. Check the flag."
-- source = "spec p194"
select d.submission_facility as facility_code, d.submission_yyyymm as yyyymm,
  {stay(d)} || ' line ' || coalesce(d.data_category, '') || '-' || coalesce(d.sequence_number, '') as key, d.file_name, d.line_no
from stage.stg_dn as d
where d.submission_yyyymm in ({months}) and d.yen_point_flag = '1' and coalesce(d.data_category, '') <> '97'
