{# Records of one FF1 family, numbered in `choice` by line: a record delivered twice counts by its first line. #}
{% macro form_records(model, columns) %}
    select
        submission_yyyymm,
        submission_facility,
        patient_data_id,
        admission_date,
        coalesce(same_day_stay_number, '0') as same_day_no,
        coalesce(record_summary_number, '0') as record_no,
        {%- for column in columns %}
        {{ column }},
        {%- endfor %}
        row_number() over (
            partition by
                submission_yyyymm,
                submission_facility,
                patient_data_id,
                admission_date,
                coalesce(same_day_stay_number, '0'),
                coalesce(record_summary_number, '0')
            order by line_no
        ) as choice
    from {{ ref(model) }}
{% endmacro %}

{# Join condition: `right` holds the same record of the same submission as `left`. #}
{% macro of_record(left, right) %}
    on {{ left }}.submission_yyyymm = {{ right }}.submission_yyyymm
    and {{ left }}.submission_facility = {{ right }}.submission_facility
    and {{ left }}.patient_data_id = {{ right }}.patient_data_id
    and {{ left }}.admission_date = {{ right }}.admission_date
    and {{ left }}.same_day_no = {{ right }}.same_day_no
    and {{ left }}.record_no = {{ right }}.record_no
{%- endmacro %}

{# Join condition: `right` holds the parent record of the form that stands for the stay in `stays`. #}
{% macro of_form(right) %}
    on stays.form_yyyymm = {{ right }}.submission_yyyymm
    and stays.facility_code = {{ right }}.submission_facility
    and stays.patient_data_id = {{ right }}.patient_data_id
    and stays.admission_date = {{ right }}.admission_date
    and stays.same_day_no = {{ right }}.same_day_no
    and {{ right }}.record_no = '0'
{%- endmacro %}

{# Join condition: `right` holds the same stay. #}
{% macro of_stay(right) %}
    on stays.facility_code = {{ right }}.facility_code
    and stays.patient_data_id = {{ right }}.patient_data_id
    and stays.admission_date = {{ right }}.admission_date
    and stays.same_day_no = {{ right }}.same_day_no
{%- endmacro %}

{# Join condition: `right` holds the admission's rows of EFn, Dn or Hn, which know no same-day number: they belong to the
   lowest one. #}
{% macro of_admission(right) %}
    on stays.facility_code = {{ right }}.facility_code
    and stays.patient_data_id = {{ right }}.patient_data_id
    and stays.admission_date = {{ right }}.admission_date
    and stays.takes_month_rows
{%- endmacro %}
