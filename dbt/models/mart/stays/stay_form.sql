{# What the form of a stay says about patient, admission, department and surgery. #}
with stays as (

    select * from {{ ref('stay') }}

),

patients as ({{ form_records('stg_ff1_patient', ['birth_date_text', 'sex']) }}),

admissions as ({{ form_records('stg_ff1_admission',
    ['admission_route', 'planned_or_emergency_admission', 'ambulance_transport']) }}),

departments as ({{ form_records('stg_ff1_department', ['department_code']) }}),

surgeries as (

    select
        submission_yyyymm,
        submission_facility,
        patient_data_id,
        admission_date,
        coalesce(same_day_stay_number, '0') as same_day_no,
        '0' as record_no,
        sum(case when upper(surgery_fee_code) ~ '^(K91[4-7]|K920-2).*$' then 0 else 1 end) as surgery_count
    from {{ ref('stg_ff1_surgery') }}
    where record_summary_number = '0' and surgery_fee_code is not null
    group by
        submission_yyyymm,
        submission_facility,
        patient_data_id,
        admission_date,
        coalesce(same_day_stay_number, '0')

)

select
    stays.facility_code,
    stays.patient_data_id,
    stays.admission_date,
    stays.same_day_no,
    patients.sex,
    {{ age_on('stays.admission_date', 'patients.birth_date_text') }} as age_at_admission,
    departments.department_code,
    admissions.admission_route,
    admissions.planned_or_emergency_admission as planned_emergency_code,
    coalesce(admissions.planned_or_emergency_admission ~ '^(200|3[0-9][0-9])$', false) as emergency_flag,
    coalesce(admissions.ambulance_transport = '1', false) as ambulance_flag,
    coalesce(surgeries.surgery_count, 0) > 0 as surgery_flag
from stays
left join patients {{ of_form('patients') }} and patients.choice = 1
left join admissions {{ of_form('admissions') }} and admissions.choice = 1
left join departments {{ of_form('departments') }} and departments.choice = 1
left join surgeries {{ of_form('surgeries') }}
