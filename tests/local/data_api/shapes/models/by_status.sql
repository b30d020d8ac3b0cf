{{ config(materialized='incremental', unique_key='status', incremental_strategy='merge', on_schema_change='append_new_columns') }}
select
    status,
    count(*) as orders
    {% if var('more', false) %}, cast(sum(amount) as decimal(18, 2)) as amount{% endif %}
from {{ ref('orders_bound') }}
group by status
