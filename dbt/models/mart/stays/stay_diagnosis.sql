{# Diagnoses of a stay's form: the three principal ICD-10 codes, and how many rows of A006010-A006050 are uncoded. #}
with stays as (

    select * from {{ ref('stay') }}

),

diagnoses as (

    select
        diagnosis.submission_yyyymm,
        diagnosis.submission_facility,
        diagnosis.patient_data_id,
        diagnosis.admission_date,
        coalesce(diagnosis.same_day_stay_number, '0') as same_day_no,
        '0' as record_no,
        diagnosis.payload_code,
        diagnosis.icd10,
        diagnosis.disease_code,
        row_number() over (
            partition by
                diagnosis.submission_yyyymm,
                diagnosis.submission_facility,
                diagnosis.patient_data_id,
                diagnosis.admission_date,
                coalesce(diagnosis.same_day_stay_number, '0'),
                diagnosis.payload_code
            order by diagnosis.line_no
        ) as choice
    from {{ ref('stg_ff1_diagnosis') }} as diagnosis
    where diagnosis.record_summary_number = '0'

),

summed as (

    select
        stays.facility_code,
        stays.patient_data_id,
        stays.admission_date,
        stays.same_day_no,
        max(case when diagnoses.payload_code = 'A006010' and diagnoses.choice = 1 then diagnoses.icd10 end) as main_icd10,
        max(case when diagnoses.payload_code = 'A006020' and diagnoses.choice = 1 then diagnoses.icd10 end) as trigger_icd10,
        max(case when diagnoses.payload_code = 'A006030' and diagnoses.choice = 1 then diagnoses.icd10 end) as resource_icd10,
        cast(count(diagnoses.payload_code) as bigint) as diagnosis_rows,
        cast({{ count_if("diagnoses.disease_code = '0000999'") }} as bigint) as uncoded_diagnosis_rows
    from stays
    left join diagnoses {{ of_form('diagnoses') }}
    group by stays.facility_code, stays.patient_data_id, stays.admission_date, stays.same_day_no

),

unspecified as (

    select distinct summed.resource_icd10
    from summed
    inner join {{ ref('attention_icd10') }} as attention
        on upper(replace(summed.resource_icd10, '-', '')) between attention.icd10_from and attention.icd10_to
        and length(replace(summed.resource_icd10, '-', '')) between attention.shortest and attention.longest
    where attention.unspecified_site_or_detail

)

select
    summed.*,
    unspecified.resource_icd10 is not null as unspecified_dx_flag
from summed
left join unspecified on summed.resource_icd10 = unspecified.resource_icd10
