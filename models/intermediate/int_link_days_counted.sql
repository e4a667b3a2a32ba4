with

events as (

    select
        event_date,
        referral_link_id,
        {{ kind_of_event('event_type', 'conversion_minutes') }} as kind,
        {{ visitor('ip', 'user_agent') }} as visitor,
        {{ is_bot('user_agent') }} as is_bot,
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
        count(*) filter (where is_suspect) as suspects,
        bool_or(is_bot) as is_bot
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
        sum(events) filter (where is_bot) as bots,
        max(events) as largest
    from visitors
    group by event_date, referral_link_id, kind

),

final as (

    select
        event_date,
        referral_link_id,
        {{ total('events', "kind = 'click'") }} as total_clicks,
        {{ total('events', "kind <> 'click'") }} as total_signups,
        {{ total('visitors', "kind = 'click'") }} as unique_clicks,
        {{ total('bots', "kind = 'click'") }} as bot_clicks,
        {{ total('suspects', "kind = 'click'") }} as suspect_clicks,
        {{ total('suspects', "kind <> 'click'") }} as suspect_signups,
        {{ total('largest', "kind = 'click'") }} as largest_visitor_clicks,
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
