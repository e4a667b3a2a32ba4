{#
    Ids as hashes take a third of the memory, and are many. Two ids of one hash are looked at as if they were one that
    arrived twice, found to be two, and counted as two.
#}
with

clicks as (

    select {{ event_hash('click_id') }} as event_hash
    from {{ ref('stg_tracker__clicks') }}
    where {{ is_on_touched_date('click', 'clicked_at') }}

),

signups as (

    select {{ event_hash('signup_id') }} as event_hash
    from {{ ref('stg_tracker__signups') }}
    where {{ is_on_touched_date('signup', 'signed_up_at') }}

),

{# Of those only one copy may lie on a touched date, and not be the one that counts. #}
moved as (

    select * from {{ moved_events() }}

),

final as (

    select
        'click' as event_type,
        event_hash
    from clicks
    group by event_hash
    having count(*) > 1

    union

    select
        'signup' as event_type,
        event_hash
    from signups
    group by event_hash
    having count(*) > 1

    union

    select
        event_type,
        {{ event_hash('event_id') }} as event_hash
    from moved

)

select * from final
