{# Nursing need, one row per patient-day of the H file: whom TAR0010 assesses, and the answers as numbers before any points.
   What an answer is worth and when a day qualifies is decided above, by effective-dated seeds. B items are state x help
   (spec p149). A patient on two wards in a day has the larger answer of both. #}
with targets as (

    select
        submission_yyyymm,
        submission_facility,
        patient_data_id,
        admission_date,
        service_date,
        min(assessment_target) as assessment_target
    from {{ ref('stg_hn_target') }}
    where {{ in_months() }} and service_date is not null
    group by submission_yyyymm, submission_facility, patient_data_id, admission_date, service_date

),

a_items as (

    select
        submission_yyyymm,
        submission_facility,
        patient_data_id,
        admission_date,
        service_date,
        {{ most_of('wound_care') }} as wound_care,
        {{ most_of('respiratory_care') }} as respiratory_care,
        {{ most_of('syringe_pump') }} as syringe_pump,
        {{ most_of('transfusion') }} as transfusion,
        {{ most_of('substring(special_treatment, 1, 1)') }} as radiotherapy,
        {{ most_of('substring(special_treatment, 2, 1)') }} as drainage,
        {{ most_of('substring(special_treatment, 3, 1)') }} as sterile_room,
        {{ most_of('admission_after_ambulance') }} as admission_after_ambulance
    from {{ ref('stg_hn_a') }}
    where {{ in_months() }}
    group by submission_yyyymm, submission_facility, patient_data_id, admission_date, service_date

),

b_items as (

    select
        submission_yyyymm,
        submission_facility,
        patient_data_id,
        admission_date,
        service_date,
        {{ most_of('turning_over') }} as turning_over,
        {{ most_of('transfer_state', 'transfer_help') }} as transfer,
        {{ most_of('oral_hygiene_state', 'oral_hygiene_help') }} as oral_hygiene,
        {{ most_of('eating_state', 'eating_help') }} as eating,
        {{ most_of('dressing_state', 'dressing_help') }} as dressing,
        {{ most_of('follows_instructions') }} as follows_instructions,
        {{ most_of('dangerous_behavior') }} as dangerous_behavior
    from {{ ref('stg_hn_b') }}
    where {{ in_months() }}
    group by submission_yyyymm, submission_facility, patient_data_id, admission_date, service_date

)

select
    targets.submission_yyyymm,
    targets.submission_facility as facility_code,
    targets.patient_data_id,
    targets.admission_date,
    targets.service_date,
    {{ yyyymm('targets.service_date') }} as service_yyyymm,
    targets.assessment_target,
    coalesce(targets.assessment_target in ('0', '1'), false) as is_evaluated,
    a_items.service_date is not null as has_a_record,
    b_items.service_date is not null as has_b_record,
    {%- for item in nursing_items('a') %}
    coalesce(a_items.{{ item }}, 0) as {{ item }},
    {%- endfor %}
    {%- for item in nursing_items('b') %}
    coalesce(b_items.{{ item }}, 0) as {{ item }}{{ "," if not loop.last }}
    {%- endfor %}
from targets
left join a_items
    on targets.submission_yyyymm = a_items.submission_yyyymm
    and targets.submission_facility = a_items.submission_facility
    and targets.patient_data_id = a_items.patient_data_id
    and targets.admission_date = a_items.admission_date
    and targets.service_date = a_items.service_date
left join b_items
    on targets.submission_yyyymm = b_items.submission_yyyymm
    and targets.submission_facility = b_items.submission_facility
    and targets.patient_data_id = b_items.patient_data_id
    and targets.admission_date = b_items.admission_date
    and targets.service_date = b_items.service_date
