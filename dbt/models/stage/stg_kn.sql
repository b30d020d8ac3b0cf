-- Made by `python -m dpc_assets.formats.dbt_sources dbt` from the registry of record layouts.
select
    submission_yyyymm,
    submission_facility,
    submission_version,
    file_name,
    line_no,
    {{ text('facility_code') }}     as facility_code,
    {{ text('patient_data_id') }}   as patient_data_id,
    {{ date8('admission_date') }}   as admission_date,
    {{ date8('discharge_date') }}   as discharge_date,
    {{ text('service_month') }}     as service_month,
    {{ text('birth_month') }}       as birth_month,
    {{ text('primary_common_id') }} as primary_common_id
from {{ source('raw', 'kn') }}
where {{ in_months() }}
