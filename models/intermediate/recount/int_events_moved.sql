{#
    Of events whose copies all lie on one date nothing need be remembered. These few are: if a part goes, or another
    date is counted anew, they tell which copy counts.
#}
with

moved_before as (

    select * from {{ moved_events() }}

),

copies as (

    select * from {{ ref('int_events_copied') }}

),

dated as (

    select * from {{ ref('int_parts_dated') }}

),

arrived as (

    select * from {{ ref('int_event_ids_arrived') }}

),

counted as (

    select * from {{ counted_parts() }}

),

gone_parts as (

    select * from counted
    except
    select * from dated

),

{# What came or went with a part is looked at anew: all its copies lie on touched dates. #}
looked_at_anew as (

    select
        event_type,
        event_id
    from arrived

    union

    select
        moved_before.event_type,
        moved_before.event_id
    from moved_before
    inner join gone_parts
        on
            moved_before.event_type = gone_parts.event_type
            and moved_before.part_name = gone_parts.part_name

),

kept as (

    select moved_before.*
    from moved_before
    left join looked_at_anew
        on
            moved_before.event_type = looked_at_anew.event_type
            and moved_before.event_id = looked_at_anew.event_id
    where looked_at_anew.event_id is null

),

spread as (

    select
        event_type,
        event_id
    from copies
    group by event_type, event_id
    having min(event_date) <> max(event_date)

),

final as (

    select
        event_type,
        event_id,
        part_name,
        event_date
    from kept

    union

    select
        copies.event_type,
        copies.event_id,
        copies.part_name,
        copies.event_date
    from copies
    inner join spread
        on
            copies.event_type = spread.event_type
            and copies.event_id = spread.event_id

)

select * from final
