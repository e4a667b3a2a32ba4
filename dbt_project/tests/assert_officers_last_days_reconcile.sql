{# The officers' signups of the last 7 and 30 days are those of the last 7 and 30 dates of the time series. #}
with

dates as (

    select
        total_signups,
        row_number() over (
            order by event_date desc
        ) as days_ago
    from {{ ref('time_series_data') }}

),

series as (

    select
        sum(total_signups) filter (
            where days_ago <= 7
        ) as signups_last_7_days,
        sum(total_signups) filter (
            where days_ago <= 30
        ) as signups_last_30_days
    from dates

),

officers as (

    select
        coalesce(sum(signups_last_7_days), 0) as signups_last_7_days,
        coalesce(sum(signups_last_30_days), 0) as signups_last_30_days
    from {{ ref('officer_summary') }}

),

final as (

    select
        officers.signups_last_7_days,
        series.signups_last_7_days as signups_last_7_days_in_series,
        officers.signups_last_30_days,
        series.signups_last_30_days as signups_last_30_days_in_series
    from officers
    inner join series
        on
            officers.signups_last_7_days <> series.signups_last_7_days
            or officers.signups_last_30_days <> series.signups_last_30_days

)

select * from final
