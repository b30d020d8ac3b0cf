{{ config(materialized='view') }}
select order_id, customer_id, amount, status, ordered_on from {{ source('raw', 'orders') }}
