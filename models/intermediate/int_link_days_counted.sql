with

events as (

    select
        event_date,
        referral_link_id,
        {{ kind_of_event('event_type', 'user_agent', 'conversion_minutes') }}
            as kind,
        {{ visitor('ip', 'user_agent') }} as visitor,
        fraud_score > {{ fraud_threshold() }} as is_suspect
    from {{ ref('int_events_deduplicated') }}

),

{# A null address or user agent is like another: that makes it a value of its own. #}
visitors as (

    select
        event_date,
        referral_link_id,
        kind,
        visitor,
        count(*) as events,
        count(*) filter (where is_suspect) as suspects
    from events
    group by event_date, referral_link_id, kind, visitor

),

kinds as (

    select
        event_date,
        referral_link_id,
        kind,
        count(*) as visitors,
        sum(events) as events,
        sum(suspects) as suspects,
        max(events) as largest
    from visitors
    group by event_date, referral_link_id, kind

),

final as (

    select
        event_date,
        referral_link_id,
        {{ total('events', "kind in ('click', 'bot')") }}
            as total_clicks,
        {{ total('events', "kind not in ('click', 'bot')") }}
            as total_signups,
        {{ total('visitors', "kind in ('click', 'bot')") }}
            as unique_clicks,
        {{ total('events', "kind = 'bot'") }} as bot_clicks,
        {{ total('suspects', "kind in ('click', 'bot')") }}
            as suspect_clicks,
        {{ total('suspects', "kind not in ('click', 'bot')") }}
            as suspect_signups,
        coalesce(
            max(largest) filter (where kind in ('click', 'bot')), 0
        ) as largest_visitor_clicks,
        {{ total('events', "kind = 'instant'") }} as instant_signups,
        {{ total('events', "kind in ('instant', 'hour')") }}
            as signups_under_1_hour,
        {{ total('events', "kind = 'day'") }} as signups_1_to_24_hours,
        {{ total('events', "kind = 'week'") }} as signups_1_to_7_days,
        {{ total('events', "kind = 'longer'") }} as signups_over_7_days,
        {{ total('events', "kind = 'unknown'") }} as signups_unknown
    from kinds
    group by event_date, referral_link_id

)

select * from final
