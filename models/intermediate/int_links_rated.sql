with

links as (

    select * from {{ ref('int_links_attributed') }}

),

totals as (

    select
        *,
        {{ days_between('last_click_date', days_before_as_of(0)) }}
            as days_silent
    from {{ ref('int_links_totalled') }}

),

final as (

    select
        links.referral_link_id,
        links.referral_code,
        links.officer_id,
        links.officer_name,
        links.campaign_id,
        links.campaign_name,
        links.end_date,
        links.created_date,
        links.last_date,
        totals.total_clicks,
        totals.total_signups,
        totals.unique_clicks,
        totals.clicks_last_30_days,
        totals.signups_last_30_days,
        totals.first_click_date,
        totals.last_click_date,
        totals.last_signup_date,
        totals.days_silent,
        totals.clicks_after_end,
        {# The first condition that is true decides. What is unknown decides nothing. #}
        case
            when links.revoke_date <= {{ days_before_as_of(0) }} then 'revoked'
            when not links.is_active then 'inactive'
            when links.end_date < {{ days_before_as_of(0) }} then 'ended'
            when links.start_date > {{ days_before_as_of(0) }} then 'upcoming'
            when
                totals.total_clicks = 0
                and coalesce(
                    links.created_date <= {{ days_before_as_of(7) }}, true
                )
                then 'never clicked'
            when
                totals.days_silent >= 14 and totals.clicks_of_last_weeks >= 14
                then 'silent'
            else 'live'
        end as status
    from links
    inner join totals
        on links.referral_link_id = totals.referral_link_id

)

select * from final
