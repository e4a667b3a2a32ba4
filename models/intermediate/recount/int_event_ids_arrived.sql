-- depends_on: {{ ref('int_parts_dated') }}
{#
    Both read the new events; what is wrong with them is said once, there. Nothing, where no old part is left: then no id
    can have been seen before.
#}
with

clicks as (

    select click_id
    from {{ ref('stg_tracker__clicks') }}
    where {{ may_have_been_seen('click') }}

),

signups as (

    select signup_id
    from {{ ref('stg_tracker__signups') }}
    where {{ may_have_been_seen('signup') }}

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

)

select * from final
