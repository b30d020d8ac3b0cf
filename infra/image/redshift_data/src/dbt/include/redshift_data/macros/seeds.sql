{# Rows of one INSERT of a seed: as many as fit into a statement of the Data API. #}
{% macro redshift_data__get_batch_size() %}
    {{ return(adapter.seed_batch_rows(load_agate_table())) }}
{% endmacro %}
