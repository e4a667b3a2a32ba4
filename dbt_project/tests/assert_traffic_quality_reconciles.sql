{#
    The sums over all officers are those of the last 30 dates of the time series; no part of the clicks or signups is
    more than all of them.
#}
with

officers as (

    select * from {{ ref('traffic_quality') }}

),

dates as (

    select
        *,
        row_number() over (
            order by event_date desc
        ) as days_ago
    from {{ ref('time_series_data') }}

),

series as (

    select
        sum(total_clicks) as total_clicks,
        sum(total_signups) as total_signups,
        sum(total_clicks - unique_clicks) as repeat_clicks
    from dates
    where days_ago <= 30

),

totals as (

    select
        coalesce(sum(total_clicks), 0) as total_clicks,
        coalesce(sum(total_signups), 0) as total_signups,
        coalesce(sum(repeat_clicks), 0) as repeat_clicks
    from officers

),

final as (

    select 'all officers' as row_name
    from totals
    inner join series
        on
            totals.total_clicks <> series.total_clicks
            or totals.total_signups <> series.total_signups
            or totals.repeat_clicks <> series.repeat_clicks

    union all

    select officer_id as row_name
    from officers
    where
        bot_clicks > total_clicks
        or suspect_clicks > total_clicks
        or repeat_clicks > total_clicks
        or instant_signups > total_signups
        or suspect_signups > total_signups
        or largest_visitor_share > 1

)

select * from final
