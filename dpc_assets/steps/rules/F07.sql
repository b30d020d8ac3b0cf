-- id = "F07"
-- severity = "WARNING"
-- target = "raw/loads"
-- needs = ["FF1"]
-- title_ja = "DファイルはDPC対象病院だけが提出する"
-- title_en = "Dn is delivered by DPC hospitals, and by them only"
-- message_ja = "施設一覧（ref/facilities.csv）のdpc_hospitalとDファイルの有無は合うはずですが、合いません。施設一覧か提出ファイルを確認してください。"
-- message_en = "Expected Dn exactly from hospitals marked as DPC in ref/facilities.csv; found otherwise. Check the list or what was delivered."
-- source = "spec p7, 8"
-- note = "Judged only where ref/facilities.csv says whether the facility is a DPC hospital."
with delivered as (
  select submission_yyyymm, submission_facility, max(case when file_type = 'Dn' then 1 else 0 end) as has_dn
  from {loaded} as l
  where submission_yyyymm in ({months})
  group by submission_yyyymm, submission_facility
)
select d.submission_facility as facility_code, d.submission_yyyymm as yyyymm,
  case d.has_dn when 1 then 'Dn of a hospital that is not DPC' else 'no Dn of a DPC hospital' end as key,
  cast(null as varchar(64)) as file_name, cast(null as bigint) as line_no
from delivered as d
join ref.facility_master as m on m.facility_code = d.submission_facility
where (m.dpc_hospital = '1' and d.has_dn = 0) or (m.dpc_hospital = '0' and d.has_dn = 1)
