{# Insurance combination from FF4, which has no same-day number: the n-th line of a stay day stands for the n-th stay.
   Lines with the same discharge date come first; of two months' FF4 the newer month. #}
with forms as (

    select
        submission_facility as facility_code,
        patient_data_id,
        admission_date,
        discharge_date,
        insurance_combination,
        row_number() over (
            partition by submission_facility, patient_data_id, admission_date, discharge_date, submission_yyyymm
            order by line_no
        ) as line_of_stay,
        submission_yyyymm
    from {{ ref('stg_ff4') }}
    where insurance_combination is not null

),

stays as (

    select
        stay.facility_code,
        stay.patient_data_id,
        stay.admission_date,
        stay.same_day_no,
        stay.discharge_date,
        row_number() over (
            partition by stay.facility_code, stay.patient_data_id, stay.admission_date, stay.discharge_date
            order by stay.same_day_no
        ) as stay_of_day
    from {{ ref('stay') }} as stay

),

matched as (

    select
        stays.facility_code,
        stays.patient_data_id,
        stays.admission_date,
        stays.same_day_no,
        forms.insurance_combination,
        row_number() over (
            partition by stays.facility_code, stays.patient_data_id, stays.admission_date, stays.same_day_no
            order by
                case when stays.discharge_date = forms.discharge_date then 0 else 1 end,
                case when stays.stay_of_day = forms.line_of_stay then 0 else 1 end,
                forms.submission_yyyymm desc,
                forms.line_of_stay,
                forms.discharge_date desc nulls last
        ) as choice
    from stays
    inner join forms
        on stays.facility_code = forms.facility_code
        and stays.patient_data_id = forms.patient_data_id
        and stays.admission_date = forms.admission_date

)

select
    facility_code,
    patient_data_id,
    admission_date,
    same_day_no,
    insurance_combination
from matched
where choice = 1
