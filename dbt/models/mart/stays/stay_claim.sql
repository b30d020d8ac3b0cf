{# The claim of every admission in Dn, rounded half up once per service month over all submissions:
   inclusive = round(sum(93: D-11 x D-15) x D-30); adjustment = sum(94: D-11); other rows in points (spec p194, p214).
   A 93 row without a coefficient takes the month's; where the month has none, the claim is unknown. #}
with months as (

    select
        facility_code,
        patient_data_id,
        admission_date,
        service_yyyymm,
        sum(weighted_points) as weighted_points,
        sum(unweighted_points) as unweighted_points,
        max(hospital_coefficient) as hospital_coefficient,
        sum(adjustment_points) as adjustment_points,
        sum(claim_ffs_points) as claim_ffs_points
    from {{ ref('stg_stay_month_dn') }}
    group by facility_code, patient_data_id, admission_date, service_yyyymm

),

rounded as (

    select
        months.*,
        case
            when unweighted_points = 0 then {{ half_up('cast(weighted_points as decimal(38, 6))') }}
            when hospital_coefficient is not null then {{ half_up(
                'cast(cast(weighted_points as decimal(30, 6)) '
                ~ '+ cast(unweighted_points as decimal(20, 0)) * hospital_coefficient as decimal(38, 6))') }}
        end as inclusive_points
    from months

),

stays as (

    select
        facility_code,
        patient_data_id,
        admission_date,
        case when count(*) = count(inclusive_points) then {{ whole('sum(inclusive_points)') }} end as inclusive_points,
        {{ whole('sum(adjustment_points)') }} as adjustment_points,
        {{ whole('sum(claim_ffs_points)') }} as claim_ffs_points
    from rounded
    group by facility_code, patient_data_id, admission_date

)

select
    facility_code,
    patient_data_id,
    admission_date,
    inclusive_points,
    adjustment_points,
    claim_ffs_points,
    inclusive_points + adjustment_points + claim_ffs_points as claim_points
from stays
