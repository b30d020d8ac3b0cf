{# Rows that break the grain: the combination of `columns` stands twice, or one of `never_null` (all of them unless told)
   is NULL. `monthly`: only the submission months of this run are looked at, as only they were written. #}
{% test unique_grain(model, columns, never_null=none, monthly=false) %}
select
    {{ columns | join(', ') }},
    count(*) as rows_found
from {{ model }}
{%- if monthly %}
where {{ in_months() }}
{%- endif %}
group by {{ columns | join(', ') }}
having count(*) > 1{% for column in never_null or columns %} or {{ column }} is null{% endfor %}
{% endtest %}
