{# All EFn rows of the service month, discharged or not. #}
select
    facility_code,
    service_yyyymm as yyyymm,
    data_category,
    cast(sum(detail_line_count) as bigint) as lines,
    {{ whole('sum(ffs_points)') }} as ffs_points,
    {{ whole('sum(drug_points)') }} as drug_points,
    {{ whole('sum(material_points)') }} as material_points
from {{ ref('stg_stay_month_efn') }}
group by facility_code, service_yyyymm, data_category
