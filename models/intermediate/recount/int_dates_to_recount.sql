{#
    A date is recounted if a part with events on it was added, changed or removed, or if another copy of one of its events
    was: a copy that arrives on another date, or leaves it, decides whether this one is the earliest.
#}
with

counted as (

    select * from {{ counted_parts() }}

),

dated as (

    select * from {{ ref('int_parts_dated') }}

),

on_several_dates as (

    select * from {{ events_on_several_dates() }}

),

changed_parts as (

    (
        select * from counted
        except
        select * from dated
    )
    union all
    (
        select * from dated
        except
        select * from counted
    )

),

earlier_copies as (

    select earlier.event_date
    from {{ ref('int_events_unioned') }} as earlier
    inner join {{ ref('int_events_unioned') }} as arrived
        on
            earlier.event_type = arrived.event_type
            and earlier.event_id = arrived.event_id
    where
        arrived.is_new
        and not earlier.is_new

),

events_of_changed_parts as (

    select distinct
        on_several_dates.event_type,
        on_several_dates.event_id
    from on_several_dates
    inner join changed_parts
        on
            on_several_dates.event_type = changed_parts.event_type
            and on_several_dates.part_name = changed_parts.part_name

),

other_copies as (

    select on_several_dates.event_date
    from on_several_dates
    inner join events_of_changed_parts
        on
            on_several_dates.event_type = events_of_changed_parts.event_type
            and on_several_dates.event_id = events_of_changed_parts.event_id

),

final as (

    select event_date
    from changed_parts
    where event_date is not null

    union

    select event_date from earlier_copies

    union

    select event_date from other_copies

    union

    select event_date from {{ dates_left_unfinished() }}

)

select * from final
