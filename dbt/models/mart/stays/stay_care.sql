{# Fee-for-service equivalent, intensive care and nursing days of every admission in EFn and Hn, over all months. #}
with acts as (

    select
        facility_code,
        patient_data_id,
        admission_date,
        {{ whole('sum(ffs_points)') }} as ffs_equivalent_points,
        sum(icu_line_count) > 0 as icu_flag
    from {{ ref('stg_stay_month_efn') }}
    where patient_data_id is not null and admission_date is not null
    group by facility_code, patient_data_id, admission_date

),

nursing as (

    select
        facility_code,
        patient_data_id,
        admission_date,
        cast(count(*) as bigint) as nursing_evaluated_days,
        cast(sum(qualifies) as bigint) as nursing_qualifying_days
    from {{ ref('nursing_day') }}
    where patient_data_id is not null and admission_date is not null
    group by facility_code, patient_data_id, admission_date

)

select
    coalesce(acts.facility_code, nursing.facility_code) as facility_code,
    coalesce(acts.patient_data_id, nursing.patient_data_id) as patient_data_id,
    coalesce(acts.admission_date, nursing.admission_date) as admission_date,
    acts.ffs_equivalent_points,
    coalesce(acts.icu_flag, false) as icu_flag,
    coalesce(nursing.nursing_evaluated_days, 0) as nursing_evaluated_days,
    coalesce(nursing.nursing_qualifying_days, 0) as nursing_qualifying_days
from acts
full outer join nursing
    on acts.facility_code = nursing.facility_code
    and acts.patient_data_id = nursing.patient_data_id
    and acts.admission_date = nursing.admission_date
