with

link_days as (

    select * from {{ ref('int_link_days_counted') }}

),

links as (

    select * from {{ ref('int_links_attributed') }}

),

final as (

    select
        link_days.event_date,
        link_days.referral_link_id,
        links.referral_code,
        links.officer_id,
        links.officer_name,
        links.campaign_id,
        links.campaign_name,
        link_days.total_clicks,
        link_days.total_signups,
        link_days.unique_clicks,
        link_days.bot_clicks,
        link_days.suspect_clicks,
        link_days.suspect_signups,
        link_days.largest_visitor_clicks,
        link_days.instant_signups,
        link_days.signups_under_1_hour,
        link_days.signups_1_to_24_hours,
        link_days.signups_1_to_7_days,
        link_days.signups_over_7_days,
        link_days.signups_unknown
    from link_days
    inner join links
        on link_days.referral_link_id = links.referral_link_id
    where link_days.event_date <= cast('{{ as_of_date() }}' as date)

)

select * from final
