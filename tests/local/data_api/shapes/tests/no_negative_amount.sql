select order_id from {{ ref('orders_bound') }} where amount < 0
