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
        {{ rate('totals.total_signups', 'totals.total_clicks') }}
            as click_to_signup_rate,
        cast(coalesce(totals.unique_clicks, 0) as bigint) as unique_clicks,
        cast(coalesce(totals.signups_last_7_days, 0) as bigint)
            as signups_last_7_days,
        cast(coalesce(totals.signups_last_30_days, 0) as bigint)
            as signups_last_30_days,
        totals.last_signup_date
    from officers
    left join totals
        on officers.officer_id = totals.officer_id

)

select * from final
