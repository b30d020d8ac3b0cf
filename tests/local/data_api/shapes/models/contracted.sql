{{ config(materialized='table', contract={'enforced': true}, backup=false, sort='order_id', sort_type='interleaved') }}
select order_id, cast(status as varchar(10)) as status from {{ ref('orders_late') }}
