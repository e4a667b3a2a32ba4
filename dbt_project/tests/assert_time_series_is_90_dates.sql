{# No date of the 90 is missing, and none is there twice. #}
with

series as (

    select
        count(*) as dates,
        count(distinct event_date) as distinct_dates,
        min(event_date) as first_date,
        max(event_date) as last_date
    from {{ ref('time_series_data') }}

),

final as (

    select *
    from series
    where
        dates <> 90
        or distinct_dates <> 90
        or {{ dbt.dateadd('day', 89, 'first_date') }} <> last_date

)

select * from final
