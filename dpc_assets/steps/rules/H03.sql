-- id = "H03"
-- severity = "WARNING"
-- target = "stage/stg_hn"
-- needs = ["Hn"]
-- title_ja = "Hファイルのコード・バージョン・連番・空欄が仕様どおり"
-- title_en = "Code, version, sequence and blanks of Hn are those of the specification"
-- message_ja = "Hファイルはコードごとのバージョン、連番0、空欄・未定義のペイロードは空のはずですが、{failed} 行が違います。出力システムの版を確認してください。"
-- message_en = "Expected the version of each code, sequence 0 and nothing in blank or undefined payloads of Hn; found {failed} lines that differ. Check the release of the output system."
-- source = "spec p147-152"
select h.submission_facility as facility_code, h.submission_yyyymm as yyyymm,
  {stay(h)} || ' day ' || {day(h.service_date)} || ' ' || coalesce(h.payload_code, '?') as key, h.file_name, h.line_no
from stage.stg_hn as h
left join {hn_codes} as c on c.code = h.payload_code and c.version = h.payload_version and h.submission_yyyymm between c.valid_from and c.valid_to
where h.submission_yyyymm in ({months}) and (
  c.code is null or coalesce(h.payload_sequence, '') <> '0'
  or (substring(c.fields, 1, 1) = '-' and h.payload_1 is not null) or (substring(c.fields, 2, 1) = '-' and h.payload_2 is not null)
  or (substring(c.fields, 3, 1) = '-' and h.payload_3 is not null) or (substring(c.fields, 4, 1) = '-' and h.payload_4 is not null)
  or (substring(c.fields, 5, 1) = '-' and h.payload_5 is not null) or (substring(c.fields, 6, 1) = '-' and h.payload_6 is not null)
  or (substring(c.fields, 7, 1) = '-' and h.payload_7 is not null) or (substring(c.fields, 8, 1) = '-' and h.payload_8 is not null)
  or (substring(c.fields, 9, 1) = '-' and h.payload_9 is not null) or (substring(c.fields, 10, 1) = '-' and h.payload_10 is not null)
  or (substring(c.fields, 11, 1) = '-' and h.payload_11 is not null) or (substring(c.fields, 12, 1) = '-' and h.payload_12 is not null)
  or (substring(c.fields, 13, 1) = '-' and h.payload_13 is not null)
  or coalesce(h.payload_14, h.payload_15, h.payload_16, h.payload_17, h.payload_18, h.payload_19, h.payload_20) is not null)
