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
    {{ text('payload_1') }} as wound_care,
    {{ text('payload_2') }} as respiratory_care,
    {{ text('payload_5') }} as syringe_pump,
    {{ text('payload_6') }} as transfusion,
    {{ text('payload_7') }} as special_treatment,
    {{ text('payload_8') }} as admission_after_ambulance
from {{ ref('stg_hn') }}
where {{ in_months() }}
    and payload_code in ('ASS0013')
