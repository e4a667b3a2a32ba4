{# The sums over all officers, over all campaigns and over all links are those of the daily history up to the as-of date. #}
with

as_of as (

    select max(event_date) as event_date from {{ ref('time_series_data') }}

),

history as (

    select
        coalesce(sum(link_days.total_clicks), 0) as total_clicks,
        coalesce(sum(link_days.total_signups), 0) as total_signups,
        coalesce(sum(link_days.unique_clicks), 0) as unique_clicks
    from {{ ref('int_link_days_counted') }} as link_days
    inner join {{ ref('int_links_attributed') }} as links
        on link_days.referral_link_id = links.referral_link_id
    inner join as_of
        on link_days.event_date <= as_of.event_date

),

summaries as (

    select
        'officer_summary' as mart,
        coalesce(sum(total_clicks), 0) as total_clicks,
        coalesce(sum(total_signups), 0) as total_signups,
        coalesce(sum(unique_clicks), 0) as unique_clicks
    from {{ ref('officer_summary') }}

    union all

    select
        'campaign_summary' as mart,
        coalesce(sum(total_clicks), 0) as total_clicks,
        coalesce(sum(total_signups), 0) as total_signups,
        coalesce(sum(unique_clicks), 0) as unique_clicks
    from {{ ref('campaign_summary') }}

    union all

    select
        'link_summary' as mart,
        coalesce(sum(total_clicks), 0) as total_clicks,
        coalesce(sum(total_signups), 0) as total_signups,
        coalesce(sum(unique_clicks), 0) as unique_clicks
    from {{ ref('link_summary') }}

),

final as (

    select
        summaries.mart,
        summaries.total_clicks,
        history.total_clicks as total_clicks_in_history,
        summaries.total_signups,
        history.total_signups as total_signups_in_history,
        summaries.unique_clicks,
        history.unique_clicks as unique_clicks_in_history
    from summaries
    inner join history
        on
            summaries.total_clicks <> history.total_clicks
            or summaries.total_signups <> history.total_signups
            or summaries.unique_clicks <> history.unique_clicks

)

select * from final
