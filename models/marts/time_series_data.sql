with

link_days as (

    select * from {{ ref('int_link_days_attributed') }}

),

{# The 90 dates, and the 6 before them that the first averages need. #}
dates as (

    {{ dbt.date_spine(
        datepart='day',
        start_date=days_before_as_of(95),
        end_date=days_before_as_of(-1),
    ) }}

),

totals as (

    select
        event_date,
        sum(total_clicks) as total_clicks,
        sum(total_signups) as total_signups,
        sum(unique_clicks) as unique_clicks
    from link_days
    where event_date >= {{ days_before_as_of(95) }}
    group by event_date

),

filled as (

    select
        cast(dates.date_day as date) as event_date,
        cast(coalesce(totals.total_clicks, 0) as bigint) as total_clicks,
        cast(coalesce(totals.total_signups, 0) as bigint) as total_signups,
        cast(coalesce(totals.unique_clicks, 0) as bigint) as unique_clicks
    from dates
    left join totals
        on cast(dates.date_day as date) = totals.event_date

),

averaged as (

    select
        *,
        avg(total_clicks) over (
            order by event_date rows between 6 preceding and current row
        ) as clicks_average_7_days,
        avg(total_signups) over (
            order by event_date rows between 6 preceding and current row
        ) as signups_average_7_days
    from filled

),

final as (

    select
        event_date,
        total_clicks,
        total_signups,
        {{ rate('total_signups', 'total_clicks') }} as click_to_signup_rate,
        unique_clicks,
        clicks_average_7_days,
        signups_average_7_days
    from averaged
    where event_date >= {{ days_before_as_of(89) }}

)

select * from final
