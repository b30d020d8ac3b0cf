{# The month-end board. raw.loads is control data and typed already, so it is read without a stage model. #}
select
    submission_facility as facility_code,
    submission_yyyymm as yyyymm,
    file_type,
    version,
    status,
    records,
    created_at as received_at,
    findings,
    findings_count,
    newest_version,
    verdict as newest_verdict
from {{ source('raw', 'loads') }}
