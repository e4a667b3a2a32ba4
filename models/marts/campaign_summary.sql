with

campaigns as (

    select * from {{ ref('int_campaigns_dated') }}

),

link_days as (

    select * from {{ ref('int_link_days_attributed') }}

),

totals as (

    select
        campaign_id,
        sum(total_clicks) as total_clicks,
        sum(total_signups) as total_signups,
        sum(unique_clicks) as unique_clicks,
        count(distinct officer_id) as active_officers,
        max(event_date) filter (
            where total_signups > 0
        ) as last_signup_date
    from link_days
    group by campaign_id

),

periods as (

    select
        campaign_id,
        start_date,
        least(
            coalesce(end_date, {{ days_before_as_of(0) }}),
            {{ days_before_as_of(0) }}
        ) as last_date
    from campaigns

),

durations as (

    select
        campaign_id,
        {{ dbt.datediff(
            'start_date', 'last_date', 'day',
        ) }} + 1 as dates
    from periods
    where start_date <= last_date

),

final as (

    select
        campaigns.campaign_id,
        campaigns.campaign_name,
        campaigns.start_date,
        campaigns.end_date,
        cast(coalesce(totals.total_clicks, 0) as bigint) as total_clicks,
        cast(coalesce(totals.total_signups, 0) as bigint) as total_signups,
        {{ rate('totals.total_signups', 'totals.total_clicks') }}
            as click_to_signup_rate,
        {{ rate('coalesce(totals.total_signups, 0)', 'durations.dates') }}
            as average_signups_per_day,
        cast(coalesce(totals.unique_clicks, 0) as bigint) as unique_clicks,
        cast(coalesce(totals.active_officers, 0) as bigint) as active_officers,
        totals.last_signup_date
    from campaigns
    left join totals
        on campaigns.campaign_id = totals.campaign_id
    left join durations
        on campaigns.campaign_id = durations.campaign_id

)

select * from final
