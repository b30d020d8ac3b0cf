with cases as (

    select
        facility_code,
        yyyymm,
        dpc_code,
        cast(count(*) as bigint) as cases,
        sum(los_inclusive) as los_sum,
        {{ count_if('died_flag') }} as died,
        {{ count_if('not died_flag and not transferred_flag') }} as readmission_base,
        {{ count_if('readmitted_within_30d') }} as readmitted,
        {{ count_if('surgery_flag') }} as surgeries,
        count(los_period) as period_base,
        {{ count_if("los_period = '1'") }} as period_1,
        {{ count_if("los_period = '2'") }} as period_2,
        {{ count_if("los_period = '3'") }} as period_3,
        {{ count_if("los_period = 'over'") }} as period_over,
        sum(claim_points) as claim_sum,
        count(claim_points) as claim_base
    from {{ ref('fact_stay') }}
    where dpc_code is not null
    group by facility_code, yyyymm, dpc_code

)

select
    facility_code,
    yyyymm,
    dpc_code,
    cases,
    {{ ratio('los_sum', 'cases') }} as alos_inclusive,
    {{ ratio('died', 'cases') }} as mortality_rate,
    {{ ratio('readmitted', 'readmission_base') }} as readmit_30d_rate,
    {{ ratio('surgeries', 'cases') }} as surgery_rate,
    {{ ratio('period_1', 'period_base') }} as share_period_1,
    {{ ratio('period_2', 'period_base') }} as share_period_2,
    {{ ratio('period_3', 'period_base') }} as share_period_3,
    {{ ratio('period_over', 'period_base') }} as share_over,
    {{ ratio('claim_sum', 'claim_base') }} as claim_points_mean
from cases
