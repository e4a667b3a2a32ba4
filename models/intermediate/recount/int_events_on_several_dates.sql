{#
    Of events whose copies are all on one date nothing is remembered. These few are: if a part is removed, or another
    date is recounted, they say which copy counts.
#}
with

remembered as (

    select * from {{ events_on_several_dates() }}

),

copies as (

    select * from {{ ref('int_duplicate_events') }}

),

counted as (

    select * from {{ counted_parts() }}

),

dated as (

    select * from {{ ref('int_parts_dated') }}

),

gone_parts as (

    select * from counted
    except
    select * from dated

),

{# All copies of these are on dates to recount: the copies there are say what is so now. #}
events_of_gone_parts as (

    select
        remembered.event_type,
        remembered.event_id
    from remembered
    inner join gone_parts
        on
            remembered.event_type = gone_parts.event_type
            and remembered.part_name = gone_parts.part_name

),

kept as (

    select remembered.*
    from remembered
    left join events_of_gone_parts
        on
            remembered.event_type = events_of_gone_parts.event_type
            and remembered.event_id = events_of_gone_parts.event_id
    where events_of_gone_parts.event_id is null

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
