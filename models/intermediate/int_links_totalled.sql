{# What is added up of a link, once for all worksheets that show or judge it. #}
with

links as (

    select * from {{ ref('int_links_attributed') }}

),

link_days as (

    select * from {{ ref('int_link_days_attributed') }}

),

totals as (

    select
        link_days.referral_link_id,
        sum(link_days.total_clicks) as total_clicks,
        sum(link_days.total_signups) as total_signups,
        sum(link_days.unique_clicks) as unique_clicks,
        sum(link_days.total_clicks) filter (
            where link_days.event_date >= {{ days_before_as_of(29) }}
        ) as clicks_last_30_days,
        sum(link_days.total_signups) filter (
            where link_days.event_date >= {{ days_before_as_of(29) }}
        ) as signups_last_30_days,
        min(link_days.event_date) filter (
            where link_days.total_clicks > 0
        ) as first_click_date,
        max(link_days.event_date) filter (
            where link_days.total_clicks > 0
        ) as last_click_date,
        max(link_days.event_date) filter (
            where link_days.total_signups > 0
        ) as last_signup_date,
        sum(link_days.total_clicks) filter (
            where link_days.event_date > links.last_date
        ) as clicks_after_end
    from link_days
    inner join links
        on link_days.referral_link_id = links.referral_link_id
    group by link_days.referral_link_id

),

{# Whether a link that fell silent had been in use: its clicks of the 28 dates that end with the last one. #}
last_weeks as (

    select
        link_days.referral_link_id,
        sum(link_days.total_clicks) as clicks_of_last_weeks
    from link_days
    inner join totals
        on
            link_days.referral_link_id = totals.referral_link_id
            and {{ days_between(
                'link_days.event_date', 'totals.last_click_date',
            ) }} between 0 and 27
    group by link_days.referral_link_id

),

final as (

    select
        links.referral_link_id,
        cast(coalesce(totals.total_clicks, 0) as bigint) as total_clicks,
        cast(coalesce(totals.total_signups, 0) as bigint) as total_signups,
        cast(coalesce(totals.unique_clicks, 0) as bigint) as unique_clicks,
        cast(coalesce(totals.clicks_last_30_days, 0) as bigint)
            as clicks_last_30_days,
        cast(coalesce(totals.signups_last_30_days, 0) as bigint)
            as signups_last_30_days,
        totals.first_click_date,
        totals.last_click_date,
        totals.last_signup_date,
        cast(coalesce(last_weeks.clicks_of_last_weeks, 0) as bigint)
            as clicks_of_last_weeks,
        cast(coalesce(totals.clicks_after_end, 0) as bigint) as clicks_after_end
    from links
    left join totals
        on links.referral_link_id = totals.referral_link_id
    left join last_weeks
        on links.referral_link_id = last_weeks.referral_link_id

)

select * from final
