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
        {{ is_bot('user_agent') }} as is_bot,
        {{ conversion_bin('conversion_minutes') }} as conversion_bin,
        count(*) as events,
        count(*) filter (
            where fraud_score > {{ fraud_threshold() }}
        ) as suspects
    from events
    group by
        event_date,
        referral_link_id,
        event_type,
        visitor,
        is_bot,
        conversion_bin

),

final as (

    select
        event_date,
        referral_link_id,
        {{ total('events', "event_type = 'click'") }} as total_clicks,
        {{ total('events', "event_type = 'signup'") }} as total_signups,
        count(*) filter (where event_type = 'click') as unique_clicks,
        {{ total('events', "event_type = 'click' and is_bot") }} as bot_clicks,
        {{ total('suspects', "event_type = 'click'") }} as suspect_clicks,
        {{ total('suspects', "event_type = 'signup'") }} as suspect_signups,
        coalesce(
            max(events) filter (where event_type = 'click'), 0
        ) as largest_visitor_clicks,
        {{ total_in_bins('instant') }} as instant_signups,
        {{ total_in_bins('instant', 'hour') }} as signups_under_1_hour,
        {{ total_in_bins('day') }} as signups_1_to_24_hours,
        {{ total_in_bins('week') }} as signups_1_to_7_days,
        {{ total_in_bins('longer') }} as signups_over_7_days,
        {{ total_in_bins('unknown') }} as signups_unknown
    from visitors
    group by event_date, referral_link_id

)

select * from final
