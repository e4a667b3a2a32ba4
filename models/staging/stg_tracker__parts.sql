with

source as (

    select * from {{ source('tracker', 'parts') }}

),

final as (

    select
        event_type,
        part as part_name,
        version as part_version,
        is_new
    from source
    where event_type is not null

)

select * from final
