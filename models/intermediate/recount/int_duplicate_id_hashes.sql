{#
    Ids as hashes take a third of the memory, and are many. Two ids of one hash are first taken for one that arrived
    twice, then found to be two, and counted as two.
#}
with

events as (

    select event_hash from {{ ref('int_events_to_recount') }}

),

{# Of these only one copy may be on a date to recount, and not be the one that counts. #}
on_several_dates as (

    select * from {{ events_on_several_dates() }}

),

final as (

    select event_hash
    from events
    group by event_hash
    having count(*) > 1

    union

    select {{ event_hash('event_type', 'event_id') }} as event_hash
    from on_several_dates

)

select * from final
