{# points x count of two INTEGER columns without overflow; a part that cannot be read adds nothing (dq reports it). #}
{% macro points_times(points, count) -%}
    coalesce(cast({{ points }} as decimal(9, 0)) * cast({{ count }} as decimal(9, 0)), 0)
{%- endmacro %}

{# A sum of points as BIGINT. Sums beyond 10^18 are no points of a hospital: NULL instead of a failing cast. #}
{% macro whole(expression) -%}
    cast(case when abs({{ expression }}) < 1000000000000000000 then {{ expression }} end as bigint)
{%- endmacro %}

{# A decimal rounded half up (away from zero for negative values) to whole points, as DECIMAL(38, 0). #}
{% macro half_up(expression) -%}
    cast(round({{ expression }}, 0) as decimal(38, 0))
{%- endmacro %}

{# num / den as DOUBLE PRECISION, NULL where den is 0. Both are whole numbers below 2^53, so the quotient is the one
   nearest IEEE value on every engine: no decimal scale, no integer division. #}
{% macro ratio(num, den) -%}
    cast({{ num }} as double precision) / nullif(cast({{ den }} as double precision), 0)
{%- endmacro %}

{# How many rows meet a condition. #}
{% macro count_if(condition) -%}
    coalesce(sum(case when {{ condition }} then 1 else 0 end), 0)
{%- endmacro %}
