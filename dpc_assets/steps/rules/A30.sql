-- id = "A30"
-- severity = "WARNING"
-- target = "stage/stg_ff1"
-- needs = ["FF1"]
-- title_ja = "性別・年齢と傷病名が矛盾せず、郵便番号は7桁"
-- title_en = "Sex and age fit the disease; the postal code has seven digits"
-- message_ja = "傷病名は性別・年齢と矛盾せず、郵便番号は7桁の数字のはずですが、{failed} 件が違います。A000010と傷病名を確認してください。"
-- message_en = "Expected diseases that fit sex and age, and a postal code of seven digits; found {failed} that differ. Check A000010 and the diseases."
-- source = "good practice (spec p21)"
-- note = "Obstetric codes (O) for males or outside ages 8 to 65; perinatal codes (P) from age 5 on; diseases of the other sex's organs."
with person as (
  select a.submission_yyyymm, a.submission_facility, a.patient_data_id, a.admission_date, a.same_day_stay_number, a.record_summary_number,
    a.payload_2 as sex, a.payload_3 as postal_code, a.file_name, a.line_no,
    case when a.payload_1 ~ '^[12][0-9]{7}$' then cast(to_char(a.admission_date, 'YYYYMMDD') as integer) - {number(a.payload_1)} end as age
  from {ff1(A000010)} as a
)
select p.submission_facility as facility_code, p.submission_yyyymm as yyyymm, {record(p)} || ' postal code' as key, p.file_name, p.line_no
from person as p
where coalesce(p.postal_code, '') !~ '^[0-9]{7}$'
union all
select p.submission_facility, p.submission_yyyymm, {record(p)} || ' ' || f.payload_code || ' ' || f.payload_2, f.file_name, f.line_no
from person as p
join stage.stg_ff1 as f on {same_record(f, p)}
where f.payload_code in ('A006010', 'A006020', 'A006030') and (
  (p.sex = '1' and f.payload_2 ~ '^(O|C5[1-8]|D2[5-8]|N7[0-7]|N8|N9[0-8])')
  or (p.sex = '2' and f.payload_2 ~ '^(C6[0-3]|D29|N4|N50|N51)')
  or (f.payload_2 ~ '^O' and (p.age < 80000 or p.age >= 660000))
  or (f.payload_2 ~ '^P' and p.age >= 50000))
