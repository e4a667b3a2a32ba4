with

clicks as (

    select click_id
    from {{ ref('stg_tracker__clicks') }}
    where {{ is_on_touched_date('click', 'clicked_at') }}
    group by click_id
    having count(*) > 1

),

signups as (

    select signup_id
    from {{ ref('stg_tracker__signups') }}
    where {{ is_on_touched_date('signup', 'signed_up_at') }}
    group by signup_id
    having count(*) > 1

),

{# Of those only one copy may lie on a touched date, and not be the one that counts. #}
moved as (

    select * from {{ moved_events() }}

),

final as (

    select
        'click' as event_type,
        click_id as event_id
    from clicks

    union

    select
        'signup' as event_type,
        signup_id as event_id
    from signups

    union

    select
        event_type,
        event_id
    from moved

)

select * from final
