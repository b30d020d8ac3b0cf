{# Dn summed up per stay and service month, before rounding: the claim rounds once per service month over all
   submissions. D-11 of category 93 stands before the coefficient, of 94 after it (spec p194). #}
with lines as (

    select
        dn.submission_yyyymm,
        dn.submission_facility,
        dn.patient_data_id,
        dn.admission_date,
        dn.line_no,
        dn.service_date,
        dn.data_category,
        dn.hospital_coefficient,
        {{ dpc_code('dn.dpc_code') }} as dpc_code,
        coalesce({{ yyyymm('dn.service_date') }}, dn.submission_yyyymm) as service_yyyymm,
        coalesce(dn.data_category, '') = '93' as is_inclusive,
        coalesce(dn.data_category, '') = '94' as is_adjustment,
        coalesce(dn.data_category, '') not in ('93', '94') and coalesce(dn.yen_point_flag, '') = '0' as is_ffs,
        {{ points_times('dn.act_points', 'dn.act_count') }} as total_points,
        dn.act_points
    from {{ ref('stg_dn') }} as dn
    where {{ in_months('dn.submission_yyyymm') }}

),

ranked as (

    select
        lines.*,
        row_number() over (
            partition by submission_yyyymm, submission_facility, patient_data_id, admission_date, service_yyyymm
            order by case when dpc_code is null then 1 else 0 end, service_date desc nulls last, line_no desc
        ) as code_rank
    from lines

)

select
    submission_yyyymm,
    submission_facility as facility_code,
    patient_data_id,
    admission_date,
    service_yyyymm,
    cast(count(*) as bigint) as line_count,
    cast({{ count_if('is_inclusive') }} as bigint) as inclusive_line_count,
    cast(sum(case when is_inclusive and hospital_coefficient is not null
        then cast(total_points as decimal(18, 0)) * hospital_coefficient else 0 end) as decimal(38, 6)) as weighted_points,
    cast(sum(case when is_inclusive and hospital_coefficient is null
        then total_points else 0 end) as decimal(38, 0)) as unweighted_points,
    max(hospital_coefficient) as hospital_coefficient,
    {{ whole('sum(case when is_inclusive then total_points else 0 end)') }} as day_points,
    {{ whole('sum(case when is_adjustment then coalesce(cast(act_points as decimal(18, 0)), 0) else 0 end)') }} as adjustment_points,
    {{ whole('sum(case when is_ffs then total_points else 0 end)') }} as claim_ffs_points,
    max(case when code_rank = 1 then dpc_code end) as dpc_code,
    max(case when code_rank = 1 and dpc_code is not null then service_date end) as dpc_code_date,
    max(case when code_rank = 1 and dpc_code is not null then line_no end) as dpc_code_line_no
from ranked
group by
    submission_yyyymm,
    submission_facility,
    patient_data_id,
    admission_date,
    service_yyyymm
