{# On each of the last 90 dates time_series_data, daily_metrics and the daily history count the same. #}
with

dates as (

    select * from {{ ref('time_series_data') }}

),

history as (

    select
        link_days.event_date,
        sum(link_days.total_clicks) as total_clicks,
        sum(link_days.total_signups) as total_signups,
        sum(link_days.unique_clicks) as unique_clicks
    from {{ ref('int_link_days_counted') }} as link_days
    inner join {{ ref('int_links_attributed') }} as links
        on link_days.referral_link_id = links.referral_link_id
    group by link_days.event_date

),

daily_metrics as (

    select
        event_date,
        sum(total_clicks) as total_clicks,
        sum(total_signups) as total_signups,
        sum(unique_clicks) as unique_clicks
    from {{ ref('daily_metrics') }}
    group by event_date

),

final as (

    select
        dates.event_date,
        dates.total_clicks,
        daily_metrics.total_clicks as total_clicks_in_daily_metrics,
        history.total_clicks as total_clicks_in_history,
        dates.total_signups,
        daily_metrics.total_signups as total_signups_in_daily_metrics,
        history.total_signups as total_signups_in_history,
        dates.unique_clicks,
        daily_metrics.unique_clicks as unique_clicks_in_daily_metrics,
        history.unique_clicks as unique_clicks_in_history
    from dates
    left join daily_metrics
        on dates.event_date = daily_metrics.event_date
    left join history
        on dates.event_date = history.event_date
    where
        dates.total_clicks <> coalesce(daily_metrics.total_clicks, 0)
        or dates.total_clicks <> coalesce(history.total_clicks, 0)
        or dates.total_signups <> coalesce(daily_metrics.total_signups, 0)
        or dates.total_signups <> coalesce(history.total_signups, 0)
        or dates.unique_clicks <> coalesce(daily_metrics.unique_clicks, 0)
        or dates.unique_clicks <> coalesce(history.unique_clicks, 0)

)

select * from final
