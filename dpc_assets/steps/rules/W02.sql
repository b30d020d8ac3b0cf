-- id = "W02"
-- severity = "WARNING"
-- target = "stage/stg_ff1"
-- needs = ["FF1"]
-- kind = "rate"
-- threshold = 0.02
-- minimum_total = 50
-- title_ja = "未コード化傷病名（0000999）の割合が低い"
-- title_en = "Few uncoded diseases (0000999)"
-- message_ja = "未コード化傷病名（0000999）の割合は {threshold} 以下が目安ですが、{total} 件中 {failed} 件（{rate}）です。傷病名マスターのコードを使ってください。"
-- message_en = "Expected at most {threshold} of the diseases uncoded (0000999); found {failed} of {total} ({rate}). Use the codes of the disease master."
-- source = "spec p76; threshold: the 2 % of the coding duty of DPC hospitals (not in the survey document)"
-- note = "Denominator: records of A006010 to A006050 in parents; fewer than 50 are not judged."
select f.submission_facility as facility_code, f.submission_yyyymm as yyyymm, {record(f)} || ' ' || f.payload_code || ' ' || coalesce(f.payload_sequence, '') as key, f.file_name, f.line_no
from stage.stg_ff1 as f
where f.submission_yyyymm in ({months}) and f.record_summary_number = '0'
  and f.payload_code in ('A006010', 'A006020', 'A006030', 'A006031', 'A006040', 'A006050') and f.payload_4 = '0000999'
-- total
select submission_facility as facility_code, submission_yyyymm as yyyymm, count(*) as total
from stage.stg_ff1
where submission_yyyymm in ({months}) and record_summary_number = '0'
  and payload_code in ('A006010', 'A006020', 'A006030', 'A006031', 'A006040', 'A006050')
group by submission_facility, submission_yyyymm
