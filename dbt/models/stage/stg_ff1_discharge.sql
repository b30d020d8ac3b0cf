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
    {{ date8('payload_1') }} as discharge_date,
    {{ text('payload_2') }}  as discharge_destination,
    {{ text('payload_3') }}  as discharge_outcome,
    {{ text('payload_4') }}  as death_within_24h,
    {{ text('payload_5') }}  as home_care_after_discharge
from {{ ref('stg_ff1') }}
where {{ in_months() }}
    and payload_code in ('A000030')
