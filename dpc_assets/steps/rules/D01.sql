-- id = "D01"
-- severity = "WARNING"
-- target = "stage/stg_dn"
-- needs = ["Dn"]
-- title_ja = "包括期間の行には開始日・起算日・係数・分類番号がある"
-- title_en = "Lines of the DPC period have start, base date, coefficient and code"
-- message_ja = "包括点数（93）の行には算定開始日・算定起算日・分類番号・医療機関別係数が必要で、他の行でも開始日・起算日・係数はそろうはずですが、{failed} 行が違います。Dファイルの期間の出力を確認してください。"
-- message_en = "Expected period start, base date, DPC code and coefficient on category 93, and start, base and coefficient together or not at all on other lines; found {failed} that differ. Check the period columns of the D file."
-- source = "spec p194-195"
-- note = "Partly: whether a day without period columns lies outside the DPC period is not known from the file. The end (D-27) may be 00000000."
select d.submission_facility as facility_code, d.submission_yyyymm as yyyymm,
  {stay(d)} || ' line ' || coalesce(d.data_category, '') || '-' || coalesce(d.sequence_number, '') as key, d.file_name, d.line_no
from stage.stg_dn as d
where d.submission_yyyymm in ({months}) and (
  (d.data_category = '93' and (d.dpc_period_start is null or d.dpc_period_base is null or d.dpc_code is null or d.hospital_coefficient is null))
  or (d.data_category <> '93' and not (
    (d.dpc_period_start is null and d.dpc_period_base is null and d.hospital_coefficient is null)
    or (d.dpc_period_start is not null and d.dpc_period_base is not null and d.hospital_coefficient is not null))))
