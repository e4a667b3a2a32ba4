{#
    What each part of the source has. Parts that were counted before are known; only the others are read. A part without
    events has one row too, or it would be new forever.
#}
with

parts as (

    select
        event_type,
        part_name,
        is_new,
        {{ counted_version('part_version') }} as part_version
    from {{ ref('stg_tracker__parts') }}

),

counted as (

    select * from {{ counted_parts() }}

),

arrived as (

    select distinct
        event_type,
        part_name,
        event_date
    from {{ ref('int_events_unioned') }}
    where is_new

),

final as (

    select
        counted.event_type,
        counted.part_name,
        counted.part_version,
        counted.event_date
    from counted
    inner join parts
        on
            counted.event_type = parts.event_type
            and counted.part_name = parts.part_name
    where not parts.is_new

    union all

    select
        parts.event_type,
        parts.part_name,
        parts.part_version,
        arrived.event_date
    from parts
    left join arrived
        on
            parts.event_type = arrived.event_type
            and parts.part_name = arrived.part_name
    where parts.is_new

)

select * from final
