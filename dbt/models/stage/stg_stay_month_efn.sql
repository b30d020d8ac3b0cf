{# EFn summed up per stay, service month and data category. A line without a readable service date belongs to the month
   of its submission. Detail lines 001-999 carry EF-16, E lines (000) carry EF-19 and EF-20: neither is counted twice. #}
with lines as (

    select
        efn.*,
        coalesce({{ yyyymm('efn.service_date') }}, efn.submission_yyyymm) as service_yyyymm,
        efn.detail_number ~ '^[0-9]{3}$' and efn.detail_number <> '000'  as is_detail,
        efn.detail_number = '000'                                        as is_act
    from {{ ref('stg_efn') }} as efn
    where {{ in_months('efn.submission_yyyymm') }}

),

-- acts whose E line is advanced care (先進医療 Z2/Z3): their detail lines are left out even without a code of their own
advanced_care as (

    select distinct
        submission_yyyymm,
        submission_facility,
        patient_data_id,
        admission_date,
        data_category,
        sequence_number
    from lines
    where is_act and fee_table_code ~ '^Z[23].*$'

),

judged as (

    select
        lines.*,
        lines.is_detail
        and coalesce(lines.data_category, '') <> '97'
        and coalesce(lines.fee_table_code, '') not like 'Z2%'
        and coalesce(lines.fee_table_code, '') not like 'Z3%'
        and advanced_care.submission_yyyymm is null
        and coalesce(nullif(substring(lines.detail_flags, 2, 1), ''), '0') = '0'
        and coalesce(nullif(substring(lines.detail_flags, 3, 1), ''), '0') = '0' as is_ffs
    from lines
    left join advanced_care
        on lines.submission_yyyymm = advanced_care.submission_yyyymm
        and lines.submission_facility = advanced_care.submission_facility
        and lines.patient_data_id = advanced_care.patient_data_id
        and lines.admission_date = advanced_care.admission_date
        and lines.data_category = advanced_care.data_category
        and lines.sequence_number = advanced_care.sequence_number

)

select
    submission_yyyymm,
    submission_facility as facility_code,
    patient_data_id,
    admission_date,
    service_yyyymm,
    coalesce(data_category, '') as data_category,
    cast(count(*) as bigint) as line_count,
    cast({{ count_if('is_detail') }} as bigint) as detail_line_count,
    {{ whole("sum(case when is_ffs then " ~ points_times('fee_for_service_points', 'act_count') ~ " else 0 end)") }} as ffs_points,
    {{ whole("sum(case when is_act then " ~ points_times('act_drug_points', 'act_count') ~ " else 0 end)") }} as drug_points,
    {{ whole("sum(case when is_act then " ~ points_times('act_material_points', 'act_count') ~ " else 0 end)") }} as material_points,
    cast({{ count_if("fee_table_code ~ '^A301[0-9]*$'") }} as bigint) as icu_line_count
from judged
group by
    submission_yyyymm,
    submission_facility,
    patient_data_id,
    admission_date,
    service_yyyymm,
    coalesce(data_category, '')
