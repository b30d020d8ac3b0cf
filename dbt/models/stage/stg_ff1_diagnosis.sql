-- Made by `python -m dpc_assets.formats.dbt_sources dbt` from the registry of record layouts.
select
    submission_yyyymm,
    submission_facility,
    submission_version,
    file_name,
    line_no,
    facility_code,
    patient_data_id,
    admission_date,
    same_day_stay_number,
    record_summary_number,
    payload_code,
    payload_version,
    payload_sequence,
    {{ text('payload_2') }} as icd10,
    {{ text('payload_3') }} as additional_code,
    {{ text('payload_4') }} as disease_code,
    {{ text('payload_5') }} as modifier_1,
    {{ text('payload_6') }} as modifier_2,
    {{ text('payload_7') }} as modifier_3,
    {{ text('payload_8') }} as modifier_4,
    {{ text('payload_9') }} as disease_name
from {{ ref('stg_ff1') }}
where {{ in_months() }}
    and payload_code in ('A006010', 'A006020', 'A006030', 'A006031', 'A006040', 'A006050')
