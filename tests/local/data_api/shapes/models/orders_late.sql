{{ config(materialized='view', bind=false) }}
select order_id, status from {{ source('raw', 'orders') }}
