with

{# A null address or user agent is like another: that makes it a value of its own. #}
visitors as (

    select
        event_date,
        referral_link_id,
        {{ visitor('ip', 'user_agent') }} as visitor,
        {{ is_bot('user_agent') }} as is_bot,
        count(*) as clicks,
        count(*) filter (where {{ is_suspect('fraud_score') }}) as suspects
    from {{ ref('int_events_deduplicated') }}
    where event_type = 'click'
    group by event_date, referral_link_id, visitor, is_bot

),

click_days as (

    select
        event_date,
        referral_link_id,
        cast(sum(clicks) as bigint) as total_clicks,
        {{ total('clicks', 'is_bot') }} as bot_clicks,
        cast(sum(suspects) as bigint) as suspect_clicks,
        count(*) as unique_clicks,
        max(clicks) as largest_visitor_clicks
    from visitors
    group by event_date, referral_link_id

),

signups as (

    select
        event_date,
        referral_link_id,
        {{ is_suspect('fraud_score') }} as is_suspect,
        {{ bin('conversion_minutes') }} as bin
    from {{ ref('int_events_deduplicated') }}
    where event_type = 'signup'

),

signup_days as (

    select
        event_date,
        referral_link_id,
        count(*) as total_signups,
        count(*) filter (where is_suspect) as suspect_signups,
        count(*) filter (where bin = 'instant') as instant_signups,
        count(*) filter (where bin in ('instant', 'hour'))
            as signups_under_1_hour,
        count(*) filter (where bin = 'day') as signups_1_to_24_hours,
        count(*) filter (where bin = 'week') as signups_1_to_7_days,
        count(*) filter (where bin = 'longer') as signups_over_7_days,
        count(*) filter (where bin = 'unknown') as signups_unknown
    from signups
    group by event_date, referral_link_id

),

final as (

    select
        coalesce(click_days.event_date, signup_days.event_date) as event_date,
        coalesce(click_days.referral_link_id, signup_days.referral_link_id)
            as referral_link_id,
        coalesce(click_days.total_clicks, 0) as total_clicks,
        coalesce(signup_days.total_signups, 0) as total_signups,
        coalesce(click_days.unique_clicks, 0) as unique_clicks,
        coalesce(click_days.bot_clicks, 0) as bot_clicks,
        coalesce(click_days.suspect_clicks, 0) as suspect_clicks,
        coalesce(signup_days.suspect_signups, 0) as suspect_signups,
        coalesce(click_days.largest_visitor_clicks, 0)
            as largest_visitor_clicks,
        coalesce(signup_days.instant_signups, 0) as instant_signups,
        coalesce(signup_days.signups_under_1_hour, 0) as signups_under_1_hour,
        coalesce(signup_days.signups_1_to_24_hours, 0) as signups_1_to_24_hours,
        coalesce(signup_days.signups_1_to_7_days, 0) as signups_1_to_7_days,
        coalesce(signup_days.signups_over_7_days, 0) as signups_over_7_days,
        coalesce(signup_days.signups_unknown, 0) as signups_unknown
    from click_days
    full outer join signup_days
        on
            click_days.event_date = signup_days.event_date
            and click_days.referral_link_id
            is not distinct from signup_days.referral_link_id

)

select * from final
