-- Made by `python -m dpc_assets.formats.dbt_sources dbt` from the registry of record layouts.
select
    submission_yyyymm,
    submission_facility,
    submission_version,
    file_name,
    line_no,
    {{ text('facility_code') }}         as facility_code,
    {{ text('patient_data_id') }}       as patient_data_id,
    {{ date8('admission_date') }}       as admission_date,
    {{ text('same_day_stay_number') }}  as same_day_stay_number,
    {{ text('record_summary_number') }} as record_summary_number,
    {{ text('payload_code') }}          as payload_code,
    {{ text('payload_version') }}       as payload_version,
    {{ text('payload_sequence') }}      as payload_sequence,
    {{ text('payload_1') }}             as payload_1,
    {{ text('payload_2') }}             as payload_2,
    {{ text('payload_3') }}             as payload_3,
    {{ text('payload_4') }}             as payload_4,
    {{ text('payload_5') }}             as payload_5,
    {{ text('payload_6') }}             as payload_6,
    {{ text('payload_7') }}             as payload_7,
    {{ text('payload_8') }}             as payload_8,
    {{ text('payload_9') }}             as payload_9
from {{ source('raw', 'ff1') }}
where {{ in_months() }}
