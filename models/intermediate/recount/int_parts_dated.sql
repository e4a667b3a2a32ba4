{#
    What each part of the source holds. Parts that were counted before are known; only the others are read. A part
    without events has one row too, or it would be new for ever.
#}
with

parts as (

    select
        event_type,
        part_name,
        {{ counted_version('part_version') }} as part_version
    from {{ ref('stg_tracker__parts') }}

),

counted as (

    select * from {{ counted_parts() }}

),

clicks as (

    select distinct
        part_name,
        {{ reporting_date('clicked_at') }} as event_date
    from {{ ref('stg_tracker__clicks') }}
    where {{ is_in_new_part('click') }}

),

signups as (

    select distinct
        part_name,
        {{ reporting_date('signed_up_at') }} as event_date
    from {{ ref('stg_tracker__signups') }}
    where {{ is_in_new_part('signup') }}

),

arrived as (

    select
        'click' as event_type,
        part_name,
        event_date
    from clicks

    union all

    select
        'signup' as event_type,
        part_name,
        event_date
    from signups

),

known as (

    select counted.*
    from counted
    inner join parts
        on
            counted.event_type = parts.event_type
            and counted.part_name = parts.part_name
            and counted.part_version = parts.part_version

),

final as (

    select
        event_type,
        part_name,
        part_version,
        event_date
    from known

    union

    select
        parts.event_type,
        parts.part_name,
        parts.part_version,
        arrived.event_date
    from parts
    left join known
        on
            parts.event_type = known.event_type
            and parts.part_name = known.part_name
    left join arrived
        on
            parts.event_type = arrived.event_type
            and parts.part_name = arrived.part_name
    where known.part_name is null

)

select * from final
