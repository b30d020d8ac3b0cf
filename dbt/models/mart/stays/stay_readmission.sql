{# The next admission to the same facility after a discharge alive and not by transfer, in the order of admission date and
   same-day number, from the day of discharge (day 0) on. #}
with stays as (

    select * from {{ ref('stay') }} where not died_flag and not transferred_flag

),

followed as (

    select
        stays.facility_code,
        stays.patient_data_id,
        stays.admission_date,
        stays.same_day_no,
        known.admission_date as next_admission_date,
        known.unplanned_flag as next_unplanned_flag,
        cast(known.admission_date - stays.discharge_date as integer) as days_to_next,
        row_number() over (
            partition by stays.facility_code, stays.patient_data_id, stays.admission_date, stays.same_day_no
            order by known.admission_date, known.same_day_no
        ) as choice
    from stays
    inner join {{ ref('known_admission') }} as known
        on stays.facility_code = known.facility_code
        and stays.patient_data_id = known.patient_data_id
        and stays.discharge_date <= known.admission_date
        and (
            stays.admission_date < known.admission_date
            or (stays.admission_date = known.admission_date and stays.same_day_no < known.same_day_no)
        )

)

select
    facility_code,
    patient_data_id,
    admission_date,
    same_day_no,
    next_admission_date,
    days_to_next <= 7 as readmitted_within_7d,
    days_to_next <= 30 as readmitted_within_30d,
    days_to_next <= 30 and next_unplanned_flag as unplanned_readmitted_within_30d
from followed
where choice = 1
