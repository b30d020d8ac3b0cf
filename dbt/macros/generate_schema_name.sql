{# The schemas are exactly raw, stage, ref and mart on every target: no prefix of the profile. #}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ (custom_schema_name or target.schema) | trim }}
{%- endmacro %}
