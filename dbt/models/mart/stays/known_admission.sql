{# Every admission known from FF1 or EFn, and what its forms say about being planned: of each record the newer form, the
   parent's word before a child's (A000080 may stand in a child, which comes in the month of the transfer). The merged
   records A and B are no admissions of their own. An admission known from EFn only has no form yet. #}
with records as (

    select distinct
        submission_yyyymm,
        submission_facility,
        patient_data_id,
        admission_date,
        coalesce(same_day_stay_number, '0') as same_day_no,
        coalesce(record_summary_number, '0') as record_no
    from {{ ref('stg_ff1') }}
    where coalesce(record_summary_number, '0') not in ('A', 'B')
        and patient_data_id is not null
        and admission_date is not null

),

newest as (

    select
        records.*,
        row_number() over (
            partition by
                records.submission_facility,
                records.patient_data_id,
                records.admission_date,
                records.same_day_no,
                records.record_no
            order by loads.created_at desc nulls last, records.submission_yyyymm desc
        ) as choice
    from records
    left join {{ source('raw', 'loads') }} as loads
        on records.submission_yyyymm = loads.submission_yyyymm
        and records.submission_facility = loads.submission_facility
        and loads.file_type = 'FF1'

),

admissions as ({{ form_records('stg_ff1_admission', ['planned_or_emergency_admission']) }}),

readmissions as ({{ form_records('stg_ff1_readmission', ['readmission_type']) }}),

told as (

    select
        newest.submission_facility as facility_code,
        newest.patient_data_id,
        newest.admission_date,
        newest.same_day_no,
        admissions.planned_or_emergency_admission,
        readmissions.readmission_type,
        row_number() over (
            partition by newest.submission_facility, newest.patient_data_id, newest.admission_date, newest.same_day_no
            order by
                case when admissions.planned_or_emergency_admission is null then 1 else 0 end,
                newest.record_no
        ) as planned_choice,
        row_number() over (
            partition by newest.submission_facility, newest.patient_data_id, newest.admission_date, newest.same_day_no
            order by
                case when readmissions.readmission_type is null then 1 else 0 end,
                newest.record_no
        ) as readmission_choice
    from newest
    left join admissions {{ of_record('newest', 'admissions') }} and admissions.choice = 1
    left join readmissions {{ of_record('newest', 'readmissions') }} and readmissions.choice = 1
    where newest.choice = 1

),

from_forms as (

    select
        facility_code,
        patient_data_id,
        admission_date,
        same_day_no,
        max(case when planned_choice = 1 then planned_or_emergency_admission end) as planned_emergency_code,
        max(case when readmission_choice = 1 then readmission_type end) as readmission_type
    from told
    group by facility_code, patient_data_id, admission_date, same_day_no

),

from_acts as (

    select distinct
        facility_code,
        patient_data_id,
        admission_date
    from {{ ref('stg_stay_month_efn') }}
    where patient_data_id is not null and admission_date is not null

),

form_days as (

    select distinct facility_code, patient_data_id, admission_date from from_forms

)

select
    facility_code,
    patient_data_id,
    admission_date,
    same_day_no,
    planned_emergency_code,
    readmission_type,
    coalesce(
        case
            when readmission_type is not null then readmission_type = '2'
            else planned_emergency_code not in ('100', '101')
        end,
        false
    ) as unplanned_flag
from from_forms

union all

select
    from_acts.facility_code,
    from_acts.patient_data_id,
    from_acts.admission_date,
    '0' as same_day_no,
    cast(null as varchar(9)) as planned_emergency_code,
    cast(null as varchar(3)) as readmission_type,
    false as unplanned_flag
from from_acts
left join form_days
    on from_acts.facility_code = form_days.facility_code
    and from_acts.patient_data_id = form_days.patient_data_id
    and from_acts.admission_date = form_days.admission_date
where form_days.facility_code is null
