with

campaigns as (

    select * from {{ ref('int_campaigns_dated') }}

),

link_days as (

    select *
    from {{ ref('int_link_days_attributed') }}
    where event_date >= {{ days_before_as_of(89) }}

),

totals as (

    select
        campaign_id,
        sum(total_signups) as total_signups,
        sum(signups_under_1_hour) as under_1_hour,
        sum(signups_1_to_24_hours) as from_1_to_24_hours,
        sum(signups_1_to_7_days) as from_1_to_7_days,
        sum(signups_over_7_days) as over_7_days,
        sum(signups_unknown) as unknown_time
    from link_days
    group by campaign_id

),

final as (

    select
        campaigns.campaign_id,
        campaigns.campaign_name,
        cast(coalesce(totals.total_signups, 0) as bigint) as total_signups,
        cast(coalesce(totals.under_1_hour, 0) as bigint) as under_1_hour,
        cast(coalesce(totals.from_1_to_24_hours, 0) as bigint)
            as from_1_to_24_hours,
        cast(coalesce(totals.from_1_to_7_days, 0) as bigint)
            as from_1_to_7_days,
        cast(coalesce(totals.over_7_days, 0) as bigint) as over_7_days,
        cast(coalesce(totals.unknown_time, 0) as bigint) as unknown_time,
        {{ rate(
            'totals.under_1_hour', '(totals.total_signups - totals.unknown_time)'
        ) }} as share_under_1_hour,
        {{ rate(
            '(totals.under_1_hour + totals.from_1_to_24_hours)',
            '(totals.total_signups - totals.unknown_time)'
        ) }} as share_under_1_day
    from campaigns
    left join totals
        on campaigns.campaign_id = totals.campaign_id

)

select * from final
