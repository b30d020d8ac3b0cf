{# As dbt's own, but a statement ends where the Data API's limit of bytes is reached, not after so many rows. #}
{% macro redshift_data__load_csv_rows(model, agate_table) %}
  {%- set columns = get_seed_column_quoted_csv(model, agate_table.column_names) -%}
  {%- set head = 'insert into ' ~ this.render() ~ ' (' ~ columns ~ ') values ' -%}
  {%- set places = '(' ~ (['%s'] * (agate_table.column_names | length)) | join(',') ~ ')' -%}
  {%- set statements = [] -%}
  {%- for rows in adapter.seed_batches(head, agate_table) -%}
    {%- set bindings = [] -%}
    {%- for row in rows -%}{%- do bindings.extend(row) -%}{%- endfor -%}
    {%- set sql = head ~ ([places] * (rows | length)) | join(',') -%}
    {%- do adapter.add_query(sql, bindings=bindings, abridge_sql_log=True) -%}
    {%- do statements.append(sql) -%}
  {%- endfor -%}
  {{ return(statements[0]) }}
{% endmacro %}
