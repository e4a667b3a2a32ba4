{# What is added up of an officer, once for all worksheets that show or judge it. #}
with

officers as (

    select * from {{ ref('int_officers_named') }}

),

link_days as (

    select * from {{ ref('int_link_days_attributed') }}

),

totals as (

    select
        officer_id,
        sum(total_clicks) as total_clicks,
        sum(total_signups) as total_signups,
        sum(unique_clicks) as unique_clicks,
        sum(total_signups) filter (
            where event_date >= {{ days_before_as_of(6) }}
        ) as signups_last_7_days,
        sum(total_signups) filter (
            where event_date >= {{ days_before_as_of(29) }}
        ) as signups_last_30_days,
        sum(total_signups) filter (
            where event_date >= {{ days_before_as_of(34) }}
        ) as signups_last_35_days,
        sum(total_signups) filter (
            where
            event_date between {{ days_before_as_of(59) }}
            and {{ days_before_as_of(30) }}
        ) as signups_before,
        sum(total_clicks) filter (
            where event_date >= {{ days_before_as_of(29) }}
        ) as clicks_last_30_days,
        sum(total_clicks) filter (
            where
            event_date between {{ days_before_as_of(59) }}
            and {{ days_before_as_of(30) }}
        ) as clicks_before,
        count(distinct event_date) filter (
            where
            event_date >= {{ days_before_as_of(29) }}
            and total_signups > 0
        ) as active_dates,
        max(event_date) filter (
            where total_signups > 0
        ) as last_signup_date
    from link_days
    group by officer_id

),

final as (

    select
        officers.officer_id,
        officers.officer_name,
        cast(coalesce(totals.total_clicks, 0) as bigint) as total_clicks,
        cast(coalesce(totals.total_signups, 0) as bigint) as total_signups,
        cast(coalesce(totals.unique_clicks, 0) as bigint) as unique_clicks,
        cast(coalesce(totals.signups_last_7_days, 0) as bigint)
            as signups_last_7_days,
        cast(coalesce(totals.signups_last_30_days, 0) as bigint)
            as signups_last_30_days,
        cast(coalesce(totals.signups_last_35_days, 0) as bigint)
            as signups_last_35_days,
        cast(coalesce(totals.signups_before, 0) as bigint) as signups_before,
        cast(coalesce(totals.clicks_last_30_days, 0) as bigint)
            as clicks_last_30_days,
        cast(coalesce(totals.clicks_before, 0) as bigint) as clicks_before,
        cast(coalesce(totals.active_dates, 0) as bigint) as active_dates,
        totals.last_signup_date
    from officers
    left join totals
        on officers.officer_id = totals.officer_id

)

select * from final
