{{ config(materialized='table', dist='customer_id', sort=['customer_id', 'orders'], sort_type='compound') }}
select
    customers.customer_id,
    customers.name,
    count(open_orders.order_id) as orders,
    cast(coalesce(sum(open_orders.amount), 0) as decimal(18, 2)) as amount
from {{ ref('customers') }} as customers
left join {{ ref('open_orders') }} as open_orders on customers.customer_id = open_orders.customer_id
group by customers.customer_id, customers.name
