{# Items of nursing need, named as in the seed nursing_item_points. #}
{% macro nursing_items(group) %}
    {{ return({
        'a': ['wound_care', 'respiratory_care', 'syringe_pump', 'transfusion', 'radiotherapy', 'drainage', 'sterile_room',
              'admission_after_ambulance'],
        'b': ['turning_over', 'transfer', 'oral_hygiene', 'eating', 'dressing', 'follows_instructions',
              'dangerous_behavior'],
    }[group]) }}
{% endmacro %}

{# The largest answer (0, 1 or 2) of the rows; where there is a help column, it only counts with help given. #}
{% macro most_of(state, help=none) -%}
    max(case when {{ state }} = '2'{% if help %} and {{ help }} = '1'{% endif %} then 2
        when {{ state }} = '1'{% if help %} and {{ help }} = '1'{% endif %} then 1 else 0 end)
{%- endmacro %}
