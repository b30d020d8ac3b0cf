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
    {{ date8('payload_1') }} as payload_admission_date,
    {{ text('payload_2') }}  as admission_route,
    {{ text('payload_3') }}  as referral_from_other_facility,
    {{ text('payload_4') }}  as admitted_from_own_outpatient,
    {{ text('payload_5') }}  as planned_or_emergency_admission,
    {{ text('payload_6') }}  as ambulance_transport,
    {{ text('payload_7') }}  as home_care_before_admission,
    {{ text('payload_8') }}  as self_harm_suicide_attempt,
    {{ text('payload_9') }}  as past_self_harm_suicide_attempt
from {{ ref('stg_ff1') }}
where {{ in_months() }}
    and payload_code in ('A000020')
