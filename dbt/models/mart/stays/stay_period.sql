{# DPC code of a stay (D-29 of the last service date that has one) and the period that its length falls into, by the days
   I, II and III that are valid on the discharge date. #}
with stays as (

    select * from {{ ref('stay') }} where takes_month_rows

),

codes as (

    select
        facility_code,
        patient_data_id,
        admission_date,
        dpc_code,
        row_number() over (
            partition by facility_code, patient_data_id, admission_date
            order by dpc_code_date desc nulls last, submission_yyyymm desc, service_yyyymm desc, coalesce(dpc_code_line_no, 0) desc
        ) as choice
    from {{ ref('stg_stay_month_dn') }}
    where dpc_code is not null

)

select
    stays.facility_code,
    stays.patient_data_id,
    stays.admission_date,
    stays.same_day_no,
    codes.dpc_code,
    substring(codes.dpc_code, 1, 2) as mdc,
    case
        when dim.days_1 is null or dim.days_2 is null or dim.days_3 is null then null
        when stays.los_inclusive <= dim.days_1 then '1'
        when stays.los_inclusive <= dim.days_2 then '2'
        when stays.los_inclusive <= dim.days_3 then '3'
        else 'over'
    end as los_period
from stays
inner join codes
    on stays.facility_code = codes.facility_code
    and stays.patient_data_id = codes.patient_data_id
    and stays.admission_date = codes.admission_date
    and codes.choice = 1
left join {{ ref('dim_dpc_code') }} as dim
    on codes.dpc_code = dim.dpc_code
    and stays.discharge_date >= dim.valid_from
    and (dim.valid_to is null or stays.discharge_date <= dim.valid_to)
