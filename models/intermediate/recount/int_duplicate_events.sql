with

events as (

    select * from {{ ref('int_events_to_recount') }}

),

duplicates as (

    select * from {{ ref('int_duplicate_id_hashes') }}

),

final as (

    select
        events.event_type,
        events.event_id,
        events.referral_link_id,
        events.occurred_at,
        events.event_date,
        events.ip,
        events.user_agent,
        events.fraud_score,
        events.conversion_minutes,
        events.part_name
    from events
    inner join duplicates
        on events.event_hash = duplicates.event_hash

)

select * from final
