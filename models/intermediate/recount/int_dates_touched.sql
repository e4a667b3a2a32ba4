{#
    A date must be counted anew if a part that holds events of it came, went or changed, or if another copy of an event
    there did: a copy that arrives elsewhere, or leaves, decides whether this one is the earliest.
#}
with

counted as (

    select * from {{ counted_parts() }}

),

moved as (

    select * from {{ moved_events() }}

),

dated as (

    select * from {{ ref('int_parts_dated') }}

),

arrived as (

    select * from {{ ref('int_event_ids_arrived') }}

),

gone_parts as (

    select * from counted
    except
    select * from dated

),

new_parts as (

    select * from dated
    except
    select * from counted

),

changed_parts as (

    select * from gone_parts
    union all
    select * from new_parts

),

clicks_seen_before as (

    select {{ reporting_date('clicks.clicked_at') }} as event_date
    from {{ ref('stg_tracker__clicks') }} as clicks
    inner join arrived
        on clicks.click_id = arrived.event_id
    where
        {{ is_in_old_part('click', 'clicks.part_name') }}
        and arrived.event_type = 'click'

),

signups_seen_before as (

    select {{ reporting_date('signups.signed_up_at') }} as event_date
    from {{ ref('stg_tracker__signups') }} as signups
    inner join arrived
        on signups.signup_id = arrived.event_id
    where
        {{ is_in_old_part('signup', 'signups.part_name') }}
        and arrived.event_type = 'signup'

),

moved_with_a_part as (

    select distinct
        moved.event_type,
        moved.event_id
    from moved
    inner join changed_parts
        on
            moved.event_type = changed_parts.event_type
            and moved.part_name = changed_parts.part_name

),

unfinished as (

    select * from {{ dates_left_unfinished() }}

),

other_copies as (

    select moved.event_date
    from moved
    inner join moved_with_a_part
        on
            moved.event_type = moved_with_a_part.event_type
            and moved.event_id = moved_with_a_part.event_id

),

final as (

    select event_date
    from changed_parts
    where event_date is not null

    union

    select event_date from clicks_seen_before

    union

    select event_date from signups_seen_before

    union

    select event_date from other_copies

    union

    select event_date from unfinished

)

select * from final
