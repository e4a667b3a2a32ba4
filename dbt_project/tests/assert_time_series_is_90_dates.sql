{# No date of the 90 is missing, and none is there twice. #}
select
    count(*) as dates,
    min(event_date) as first_date,
    max(event_date) as last_date
from {{ ref('time_series_data') }}
having
    count(*) <> 90
    or count(distinct event_date) <> 90
    or {{ dbt.datediff('min(event_date)', 'max(event_date)', 'day') }} <> 89
