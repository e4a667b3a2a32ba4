{#
    The attributed events that tracker_raw_data shows of a date are those that the time series counts. No event is later
    than its last date, or earlier than the last `raw_days` dates. The earliest date shown is left out: the cap on rows
    may cut it. If no event is shown, none of those dates has one.
#}
with

dates as (

    select
        *,
        row_number() over (
            order by event_date desc
        ) as dates_back
    from {{ ref('time_series_data') }}

),

events as (

    select
        event_type,
        cast(event_time as date) as event_date,
        officer_id is not null as is_attributed
    from {{ ref('tracker_raw_data') }}

),

shown as (

    select
        event_date,
        count(*) filter (
            where is_attributed and event_type = 'click'
        ) as total_clicks,
        count(*) filter (
            where is_attributed and event_type = 'signup'
        ) as total_signups
    from events
    group by event_date

),

compared as (

    select
        dates.dates_back,
        dates.total_clicks,
        dates.total_signups,
        shown.event_date as date_shown,
        coalesce(dates.event_date, shown.event_date) as event_date,
        coalesce(shown.total_clicks, 0) as total_clicks_shown,
        coalesce(shown.total_signups, 0) as total_signups_shown
    from dates
    full outer join shown
        on dates.event_date = shown.event_date

),

final as (

    select *
    from compared
    where
        (
            date_shown is not null
            and (
                dates_back > {{ raw_days() }}
                or date_shown > (select max(dates.event_date) from dates)
            )
        )
        or (
            dates_back <= {{ raw_days() }}
            and coalesce(
                event_date > (select min(shown.event_date) from shown), true
            )
            and (
                total_clicks <> total_clicks_shown
                or total_signups <> total_signups_shown
            )
        )

)

select * from final
