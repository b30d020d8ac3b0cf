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
    {{ date8('payload_1') }} as surgery_date,
    {{ text('payload_2') }}  as surgery_fee_code,
    {{ text('payload_3') }}  as surgery_stem7,
    {{ text('payload_4') }}  as surgery_first_or_repeat,
    {{ text('payload_5') }}  as surgery_side,
    {{ text('payload_6') }}  as anesthesia,
    {{ text('payload_7') }}  as prophylactic_antibiotics,
    {{ text('payload_9') }}  as surgery_name
from {{ ref('stg_ff1') }}
where {{ in_months() }}
    and payload_code in ('A007010')
