{# Facilities of the master and every one that ever submitted. A DPC hospital is one that delivers Dn, unless the master
   says otherwise. #}
with master as (

    select
        facility_code,
        max(facility_name) as facility_name,
        max(dpc_hospital) as dpc_hospital,
        max(beds_total) as beds_total
    from {{ source('ref', 'facility_master') }}
    group by facility_code

),

loads as (

    select
        submission_facility as facility_code,
        min(submission_yyyymm) as first_yyyymm,
        max(submission_yyyymm) as last_yyyymm,
        max(case when file_type = 'Dn' and status in ('loaded', 'warned') then 1 else 0 end) as delivers_dn
    from {{ source('raw', 'loads') }}
    group by submission_facility

)

select
    coalesce(master.facility_code, loads.facility_code) as facility_code,
    case when master.facility_name = '' then null else master.facility_name end as facility_name,
    substring(coalesce(master.facility_code, loads.facility_code), 1, 2) as prefecture_code,
    case
        when master.dpc_hospital = '1' then true
        when master.dpc_hospital = '0' then false
        else coalesce(loads.delivers_dn, 0) = 1
    end as dpc_hospital,
    master.beds_total,
    master.facility_code is not null as in_master,
    loads.first_yyyymm,
    loads.last_yyyymm
from master
full outer join loads on master.facility_code = loads.facility_code
