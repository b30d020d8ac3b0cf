-- Made by `python -m dpc_assets.formats.dbt_sources dbt` from the registry of record layouts.
select
    submission_yyyymm,
    submission_facility,
    submission_version,
    file_name,
    line_no,
    facility_code,
    ward_code,
    patient_data_id,
    discharge_date,
    admission_date,
    service_date,
    payload_code,
    payload_version,
    payload_sequence,
    {{ text('payload_1') }} as assessment_target
from {{ ref('stg_hn') }}
where {{ in_months() }}
    and payload_code in ('TAR0010')
