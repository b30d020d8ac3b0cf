{# Every evaluated patient-day and whether it qualifies by the rules in force on it. A day without an A record (必要度II:
   its A items come from EFn through a code master that is not public) stays evaluated and cannot qualify here. #}
with worth as (

    select
        valid_from,
        valid_to
        {%- for item in nursing_items('a') + nursing_items('b') %},
        max(case when item = '{{ item }}' then points else 0 end) as {{ item }}
        {%- endfor %}
    from {{ ref('nursing_item_points') }}
    group by valid_from, valid_to

),

scored as (

    select
        days.submission_yyyymm,
        days.facility_code,
        days.patient_data_id,
        days.admission_date,
        days.service_date,
        days.service_yyyymm,
        days.has_a_record,
        {#- the three special treatments are one item of the form: the dearest counts #}
        {%- for item in ['wound_care', 'respiratory_care', 'syringe_pump', 'transfusion', 'admission_after_ambulance'] %}
        days.{{ item }} * worth.{{ item }} +
        {%- endfor %}
        greatest(
            days.radiotherapy * worth.radiotherapy,
            days.drainage * worth.drainage,
            days.sterile_room * worth.sterile_room
        ) as a_points,
        {%- for item in nursing_items('b') %}
        days.{{ item }} * worth.{{ item }}{{ " +" if not loop.last }}
        {%- endfor %} as b_points
    from {{ ref('stg_stay_day_hn') }} as days
    left join worth
        on days.service_date >= worth.valid_from
        and (worth.valid_to is null or days.service_date <= worth.valid_to)
    where days.is_evaluated

)

-- C items are not in the H file: a rule that wants one is never met here
select
    scored.submission_yyyymm,
    scored.facility_code,
    scored.patient_data_id,
    scored.admission_date,
    scored.service_date,
    scored.service_yyyymm,
    scored.has_a_record,
    max(case when rules.rule is not null then 1 else 0 end) as qualifies
from scored
left join {{ ref('nursing_rules') }} as rules
    on scored.has_a_record
    and scored.a_points >= rules.min_a
    and scored.b_points >= rules.min_b
    and rules.min_c = 0
    and scored.service_date >= rules.valid_from
    and (rules.valid_to is null or scored.service_date <= rules.valid_to)
group by
    scored.submission_yyyymm,
    scored.facility_code,
    scored.patient_data_id,
    scored.admission_date,
    scored.service_date,
    scored.service_yyyymm,
    scored.has_a_record
