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
    {{ date8('payload_1') }}   as birth_date,
    {{ text('payload_1') }}    as birth_date_text,
    {{ year_of('payload_1') }} as birth_year,
    {{ text('payload_2') }}    as sex,
    {{ text('payload_3') }}    as patient_postal_code
from {{ ref('stg_ff1') }}
where {{ in_months() }}
    and payload_code in ('A000010')
