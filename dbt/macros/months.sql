{# The submission months asked for: a list of 'yyyymm', empty for all. A full refresh always builds all of them:
   it drops the table, so building only some months would lose the others. #}
{% macro months_asked() %}
    {%- set months = [] -%}
    {%- if not flags.FULL_REFRESH -%}
        {%- for part in ((var('months', '') or '') | string).split(',') if part | trim -%}
            {%- set month = part | trim -%}
            {%- if not modules.re.fullmatch('[0-9]{6}', month) -%}
                {{ exceptions.raise_compiler_error("vars.months: expected yyyymm such as 202504, comma-separated; found '" ~ month ~ "'") }}
            {%- endif -%}
            {%- do months.append(month) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(months) }}
{% endmacro %}

{# Condition that keeps the months asked for. #}
{% macro in_months(column='submission_yyyymm') -%}
    {%- set months = months_asked() -%}
    {%- if months -%}
        {{ column }} in ({% for month in months %}'{{ month }}'{% if not loop.last %}, {% endif %}{% endfor %})
    {%- else -%}
        1 = 1
    {%- endif -%}
{%- endmacro %}

{# Incremental strategy: what stands in the months asked for goes, what was computed comes, in one transaction.
   A month that is empty now is emptied, because the months come from the variable and not from the new rows. #}
{% macro get_incremental_month_replace_sql(arg_dict) %}
    {%- set columns = get_quoted_csv(arg_dict['dest_columns'] | map(attribute='name')) %}
    delete from {{ arg_dict['target_relation'] }} where {{ in_months() }};
    insert into {{ arg_dict['target_relation'] }} ({{ columns }})
        (select {{ columns }} from {{ arg_dict['temp_relation'] }})
{% endmacro %}
