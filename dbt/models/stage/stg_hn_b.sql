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
    {{ text('payload_1') }}  as turning_over,
    {{ text('payload_2') }}  as transfer_state,
    {{ text('payload_3') }}  as oral_hygiene_state,
    {{ text('payload_4') }}  as eating_state,
    {{ text('payload_5') }}  as dressing_state,
    {{ text('payload_6') }}  as follows_instructions,
    {{ text('payload_7') }}  as dangerous_behavior,
    {{ text('payload_8') }}  as transfer_help,
    {{ text('payload_9') }}  as oral_hygiene_help,
    {{ text('payload_10') }} as eating_help,
    {{ text('payload_11') }} as dressing_help
from {{ ref('stg_hn') }}
where {{ in_months() }}
    and payload_code in ('ASS0021', 'ASS0051', 'ASS0071')
