-- id = "D02"
-- severity = "WARNING"
-- target = "stage/stg_dn"
-- needs = ["Dn"]
-- title_ja = "起算日≦開始日≦実施日≦終了日"
-- title_en = "Base date <= start <= service date <= end of the DPC period"
-- message_ja = "Dファイルの日付は 算定起算日≦算定開始日≦実施年月日≦算定終了日 のはずですが、{failed} 行が違います。包括期間の日付を確認してください。"
-- message_en = "Expected base date <= period start <= service date <= period end in Dn; found {failed} lines that differ. Check the dates of the DPC period."
-- source = "spec p195, 215"
-- note = "An end of 00000000 (not known yet) sets no bound; dates that are empty are not compared."
select d.submission_facility as facility_code, d.submission_yyyymm as yyyymm, {stay(d)} || ' service ' || {day(d.service_date)} as key, d.file_name, d.line_no
from stage.stg_dn as d
where d.submission_yyyymm in ({months}) and (
  d.dpc_period_base > d.dpc_period_start
  or d.dpc_period_start > d.service_date
  or d.service_date > d.dpc_period_end
  or d.dpc_period_start > d.dpc_period_end)
