with stays as (

    select * from {{ ref('stay') }}

)

select
    stays.facility_code,
    stays.patient_data_id,
    stays.admission_date,
    stays.same_day_no,
    stays.discharge_date,
    stays.yyyymm,
    form.sex,
    form.age_at_admission,
    form.department_code,
    form.admission_route,
    form.planned_emergency_code,
    form.emergency_flag,
    form.ambulance_flag,
    stays.outcome_code,
    stays.died_flag,
    stays.discharge_destination,
    stays.transferred_flag,
    stays.los_inclusive,
    stays.los_nights,
    diagnosis.main_icd10,
    diagnosis.trigger_icd10,
    diagnosis.resource_icd10,
    diagnosis.unspecified_dx_flag,
    diagnosis.diagnosis_rows,
    diagnosis.uncoded_diagnosis_rows,
    period.dpc_code,
    period.mdc,
    form.surgery_flag,
    coalesce(care.icu_flag, false) as icu_flag,
    insurance.insurance_combination,
    claim.claim_points,
    claim.inclusive_points,
    claim.adjustment_points,
    claim.claim_ffs_points,
    care.ffs_equivalent_points,
    claim.claim_points - care.ffs_equivalent_points as claim_minus_ffs_points,
    period.los_period,
    readmission.next_admission_date,
    coalesce(readmission.readmitted_within_7d, false) as readmitted_within_7d,
    coalesce(readmission.readmitted_within_30d, false) as readmitted_within_30d,
    coalesce(readmission.unplanned_readmitted_within_30d, false) as unplanned_readmitted_within_30d,
    coalesce(care.nursing_evaluated_days, 0) as nursing_evaluated_days,
    coalesce(care.nursing_qualifying_days, 0) as nursing_qualifying_days
from stays
inner join {{ ref('stay_form') }} as form {{ of_stay('form') }}
inner join {{ ref('stay_diagnosis') }} as diagnosis {{ of_stay('diagnosis') }}
left join {{ ref('stay_insurance') }} as insurance {{ of_stay('insurance') }}
left join {{ ref('stay_period') }} as period {{ of_stay('period') }}
left join {{ ref('stay_readmission') }} as readmission {{ of_stay('readmission') }}
left join {{ ref('stay_claim') }} as claim {{ of_admission('claim') }}
left join {{ ref('stay_care') }} as care {{ of_admission('care') }}
