-- id = "E04"
-- severity = "WARNING"
-- target = "stage/stg_efn"
-- needs = ["EFn"]
-- title_ja = "データ区分はファイルごとの一覧にある"
-- title_en = "The data category is in the list of its file"
-- message_ja = "データ区分は入院EF・外来EF・Dファイルそれぞれの一覧の値のはずですが、{failed} 行が違います。データ区分を確認してください。"
-- message_en = "Expected data categories of the list of EFn, EFg and Dn; found {failed} lines with another. Check the data category."
-- source = "spec p197-205"
with lines as (
  select cast('EFn' as varchar(3)) as file_type, submission_yyyymm, submission_facility, patient_data_id, data_category, file_name, line_no
  from stage.stg_efn
  where submission_yyyymm in ({months})
  union all
  select cast('EFg' as varchar(3)), submission_yyyymm, submission_facility, patient_data_id, data_category, file_name, line_no
  from stage.stg_efg
  where submission_yyyymm in ({months})
  union all
  select cast('Dn' as varchar(3)), submission_yyyymm, submission_facility, patient_data_id, data_category, file_name, line_no
  from stage.stg_dn
  where submission_yyyymm in ({months})
)
select l.submission_facility as facility_code, l.submission_yyyymm as yyyymm,
  'patient ' || coalesce(l.patient_data_id, '?') || ' category ' || coalesce(l.data_category, '') as key, l.file_name, l.line_no
from lines as l
left join {categories} as c on c.file_type = l.file_type and c.code = l.data_category and l.submission_yyyymm between c.valid_from and c.valid_to
where c.code is null
