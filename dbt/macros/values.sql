{# Delivered text to values. Everything here is plain SQL that Redshift and DuckDB read alike: no TRY_CAST exists on
   Redshift, and a cast there raises even on rows that a filter drops, so the guard stands INSIDE the cast: what does
   not match is NULL before it is cast, whatever the order of evaluation. #}

{# Text as delivered, nothing stripped; empty and the printed words Null/NULL/null mean "no value" (spec p20, p146). #}
{% macro text(column) -%}
    case when {{ column }} in ('', 'Null', 'NULL', 'null') then null else {{ column }} end
{%- endmacro %}

{# YYYYMMDD of the calendar to DATE, else NULL: 00000000, 99999999, unknown parts and impossible days. Years 1000-9999. #}
{% macro date8(column) -%}
    cast(case when {{ column }} ~ '{{ calendar_pattern() }}'
        then substring({{ column }}, 1, 4) || '-' || substring({{ column }}, 5, 2) || '-' || substring({{ column }}, 7, 2)
    end as date)
{%- endmacro %}

{% macro calendar_pattern() -%}
    ^([1-9][0-9]{3}((0[13578]|1[02])(0[1-9]|[12][0-9]|3[01])|(0[469]|11)(0[1-9]|[12][0-9]|30)|02(0[1-9]|1[0-9]|2[0-8]))|([1-9][0-9](0[48]|[2468][048]|[13579][26])|([2468][048]|[13579][26])00)0229)$
{%- endmacro %}

{# A whole number: leading zeros, a minus sign before or inside the padding ('-0000100', '0000-100'), blanks around it;
   anything else, and more than nine significant digits, is NULL. #}
{% macro int(column) -%}
    case when {{ column }} like '%-%' then -1 else 1 end
    * cast(case when trim({{ column }}) ~ '^0*-?0*[0-9]{1,9}$' then replace(trim({{ column }}), '-', '') end as integer)
{%- endmacro %}

{# A number with up to six decimals, signs and zeros as for int(); at most nine digits before the point. #}
{% macro decimal(column) -%}
    {{ _decimal(column, 9, 18) }}
{%- endmacro %}

{# The same with at most three digits before the point: a coefficient. Products with points stay within 38 digits. #}
{% macro coefficient(column) -%}
    {{ _decimal(column, 3, 9) }}
{%- endmacro %}

{% macro _decimal(column, digits, precision) -%}
    cast(case when {{ column }} like '%-%' then -1 else 1 end
    * cast(case when trim({{ column }}) ~ '^0*-?0*[0-9]{1,{{ digits }}}([.][0-9]{0,6}0*)?$'
        then replace(trim({{ column }}), '-', '') end as decimal({{ precision }}, 6)) as decimal({{ precision }}, 6))
{%- endmacro %}

{# Usable year of a date whose unknown parts are 0 (spec p42): 19710000 -> 1971; NULL where the year is unknown. #}
{% macro year_of(column) -%}
    cast(case when {{ column }} ~ '^[1-9][0-9]{7}$' and {{ column }} <> '99999999' then substring({{ column }}, 1, 4) end as integer)
{%- endmacro %}

{# Month of a date as 'yyyymm'. #}
{% macro yyyymm(date) -%}
    cast(extract(year from {{ date }}) * 100 + extract(month from {{ date }}) as varchar(6))
{%- endmacro %}

{# A DPC code as the ministry's tables write it: capital letters, but x for "no such branch". #}
{% macro dpc_code(column) -%}
    replace(upper({{ column }}), 'X', 'x')
{%- endmacro %}
{# Full years between a delivered birth date (text) and a date; unknown month or day count as January and as the first
   (spec p42: 19710000). NULL where the year is unknown. #}
{% macro age_on(date, birth) -%}
    cast(extract(year from {{ date }}) as integer) - {{ year_of(birth) }}
    - case
        when extract(month from {{ date }}) * 100 + extract(day from {{ date }})
            < cast(case when {{ birth }} ~ '^[0-9]{8}$' then substring({{ birth }}, 5, 4) end as integer)
        then 1 else 0
    end
{%- endmacro %}
