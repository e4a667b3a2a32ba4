{#
    Few events arrive more than once. Only those are compared with each other, beforehand, so that the many others pass
    through here without being sorted.
#}
with

events as (

    select * from {{ ref('int_events_to_recount') }}

),

duplicates as (

    select * from {{ ref('int_duplicate_id_hashes') }}

),

copies as (

    select * from {{ ref('int_duplicate_events') }}

),

on_several_dates as (

    select * from {{ ref('int_events_on_several_dates') }}

),

earliest_copies as (

    {{ earliest_copies(
        'copies',
        key='event_type, event_id',
        instant='occurred_at',
        tie_breakers=[
            'referral_link_id', 'ip', 'user_agent', 'fraud_score',
            'conversion_minutes',
        ],
    ) }}

),

first_dates as (

    select
        event_type,
        event_id,
        min(event_date) as event_date
    from on_several_dates
    group by event_type, event_id

),

final as (

    select
        events.event_type,
        events.referral_link_id,
        events.event_date,
        events.ip,
        events.user_agent,
        events.fraud_score,
        events.conversion_minutes
    from events
    left join duplicates
        on events.event_hash = duplicates.event_hash
    where duplicates.event_hash is null

    union all

    {# An event that is on several dates counts on the first of them, recounted or not. #}
    select
        earliest_copies.event_type,
        earliest_copies.referral_link_id,
        earliest_copies.event_date,
        earliest_copies.ip,
        earliest_copies.user_agent,
        earliest_copies.fraud_score,
        earliest_copies.conversion_minutes
    from earliest_copies
    left join first_dates
        on
            earliest_copies.event_type = first_dates.event_type
            and earliest_copies.event_id = first_dates.event_id
    where
        first_dates.event_date is null
        or first_dates.event_date = earliest_copies.event_date

)

select * from final
