{# Tables are named where they are asked, since DuckDB reads all columns of a query with a CTE that is read twice. #}
with

{# All dates of a new part are recounted. #}
arrived as (

    select * from {{ ref('int_events_unioned') }}
    where is_new

),

{# The first two conditions are for speed: by them files, and within files groups of rows, are left unread. #}
known as (

    select * from {{ ref('int_events_unioned') }}
    where
        not is_new
        and {{ is_in_part_to_recount('part_name') }}
        and {{ is_near_dates('occurred_at', ref('int_dates_to_recount')) }}
        and event_date in (
            select dates.event_date
            from {{ ref('int_dates_to_recount') }} as dates
        )

),

events as (

    select * from arrived
    union all
    select * from known

),

final as (

    select
        event_type,
        event_id,
        {{ event_hash('event_type', 'event_id') }} as event_hash,
        referral_link_id,
        occurred_at,
        event_date,
        ip,
        user_agent,
        fraud_score,
        conversion_minutes,
        part_name
    from events

)

select * from final
