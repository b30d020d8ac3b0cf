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
    {{ text('payload_2') }} as readmission_type,
    {{ text('payload_3') }} as readmission_reason,
    {{ text('payload_9') }} as readmission_free_text
from {{ ref('stg_ff1') }}
where {{ in_months() }}
    and payload_code in ('A000080')
