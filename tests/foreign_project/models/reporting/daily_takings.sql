select
    cast(ordered_at as date) as day,
    sum(cups) as cups,
    sum(cups * price) as takings,
    count(drink) / count(*) as named_share,
    uuid() as internal_key
from {{ ref('orders') }}
group by all
