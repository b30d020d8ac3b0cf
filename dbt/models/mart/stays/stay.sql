{# Which form stands for a stay: the parent record (統括診療情報番号 0) with a discharge date. Of one stay in the FF1 of
   two months the newer manifest wins; raw.loads is control data and typed already, so it has no stage model. #}
with parents as (

    select
        discharge.submission_yyyymm,
        discharge.submission_facility as facility_code,
        discharge.patient_data_id,
        discharge.admission_date,
        coalesce(discharge.same_day_stay_number, '0') as same_day_no,
        discharge.discharge_date,
        discharge.discharge_destination,
        discharge.discharge_outcome as outcome_code,
        row_number() over (
            partition by
                discharge.submission_facility,
                discharge.patient_data_id,
                discharge.admission_date,
                coalesce(discharge.same_day_stay_number, '0')
            order by loads.created_at desc nulls last, discharge.submission_yyyymm desc, discharge.line_no
        ) as choice
    from {{ ref('stg_ff1_discharge') }} as discharge
    left join {{ source('raw', 'loads') }} as loads
        on discharge.submission_yyyymm = loads.submission_yyyymm
        and discharge.submission_facility = loads.submission_facility
        and loads.file_type = 'FF1'
    where discharge.record_summary_number = '0'
        and discharge.discharge_date is not null
        and discharge.patient_data_id is not null
        and discharge.admission_date is not null

),

numbered as (

    select
        parents.*,
        row_number() over (partition by facility_code, patient_data_id, admission_date order by same_day_no) as stay_of_day
    from parents
    where choice = 1

)

select
    facility_code,
    patient_data_id,
    admission_date,
    same_day_no,
    submission_yyyymm as form_yyyymm,
    discharge_date,
    {{ yyyymm('discharge_date') }} as yyyymm,
    discharge_destination,
    outcome_code,
    coalesce(outcome_code in ('6', '7'), false) as died_flag,
    coalesce(discharge_destination = '4', false) as transferred_flag,
    cast(discharge_date - admission_date + 1 as integer) as los_inclusive,
    cast(discharge_date - admission_date as integer) as los_nights,
    stay_of_day = 1 as takes_month_rows
from numbered
