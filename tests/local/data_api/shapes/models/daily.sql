{{ config(materialized='incremental', unique_key=['ordered_on', 'status'], incremental_strategy='delete+insert', dist='all') }}
select ordered_on, status, count(*) as orders from {{ ref('orders_bound') }} group by ordered_on, status
