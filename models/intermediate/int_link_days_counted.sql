with

events as (

    select * from {{ ref('int_events_deduplicated') }}

),

{# A null address or user agent is like another: that makes it a value of its own. #}
visitors as (

    select
        event_date,
        referral_link_id,
        event_type,
        {{ visitor('ip', 'user_agent') }} as visitor,
        count(*) as events
    from events
    group by event_date, referral_link_id, event_type, visitor

),

final as (

    select
        event_date,
        referral_link_id,
        cast(
            coalesce(sum(events) filter (where event_type = 'click'), 0)
            as bigint
        ) as total_clicks,
        cast(
            coalesce(sum(events) filter (where event_type = 'signup'), 0)
            as bigint
        ) as total_signups,
        count(*) filter (where event_type = 'click') as unique_clicks
    from visitors
    group by event_date, referral_link_id

)

select * from final
