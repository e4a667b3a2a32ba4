select id, ordered_at, drink, cups, cups * price as paid, cups % 2 = 0 as even
from {{ ref('orders') }}
