{# By discharge month, but nursing_rate by service month over all patients: a month with assessed days and no discharge has
   a row too. #}
with discharged as (

    select
        facility_code,
        yyyymm,
        cast(count(*) as bigint) as discharges,
        sum(los_inclusive) as los_sum,
        {{ count_if('died_flag') }} as died,
        {{ count_if("admission_route in ('1', '4', '5')") }} as emergency_base,
        {{ count_if("emergency_flag and admission_route in ('1', '4', '5')") }} as emergencies,
        {{ count_if('ambulance_flag') }} as ambulances,
        {{ count_if('surgery_flag') }} as surgeries,
        {{ count_if('transferred_flag') }} as transfers,
        {{ count_if('not died_flag and not transferred_flag') }} as readmission_base,
        {{ count_if('readmitted_within_30d') }} as readmitted,
        {{ count_if('unspecified_dx_flag') }} as unspecified,
        sum(diagnosis_rows) as diagnosis_rows,
        sum(uncoded_diagnosis_rows) as uncoded_rows,
        {{ whole('sum(claim_points)') }} as claim_points
    from {{ ref('fact_stay') }}
    group by facility_code, yyyymm

),

nursing as (

    select
        facility_code,
        service_yyyymm as yyyymm,
        count(*) as evaluated_days,
        sum(qualifies) as qualifying_days
    from {{ ref('nursing_day') }}
    group by facility_code, service_yyyymm

)

select
    coalesce(discharged.facility_code, nursing.facility_code) as facility_code,
    coalesce(discharged.yyyymm, nursing.yyyymm) as yyyymm,
    coalesce(discharged.discharges, 0) as discharges,
    {{ ratio('discharged.los_sum', 'discharged.discharges') }} as alos_inclusive,
    {{ ratio('discharged.died', 'discharged.discharges') }} as mortality_rate,
    {{ ratio('discharged.emergencies', 'discharged.emergency_base') }} as emergency_rate,
    {{ ratio('discharged.ambulances', 'discharged.discharges') }} as ambulance_rate,
    {{ ratio('discharged.surgeries', 'discharged.discharges') }} as surgery_rate,
    {{ ratio('discharged.transfers', 'discharged.discharges') }} as transfer_rate,
    {{ ratio('discharged.readmitted', 'discharged.readmission_base') }} as readmit_30d_rate,
    {{ ratio('discharged.unspecified', 'discharged.discharges') }} as unspecified_dx_rate,
    {{ ratio('discharged.uncoded_rows', 'discharged.diagnosis_rows') }} as uncoded_dx_rate,
    {{ ratio('nursing.qualifying_days', 'nursing.evaluated_days') }} as nursing_rate,
    discharged.claim_points
from discharged
full outer join nursing
    on discharged.facility_code = nursing.facility_code
    and discharged.yyyymm = nursing.yyyymm
