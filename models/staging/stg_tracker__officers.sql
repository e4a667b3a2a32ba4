with

source as (

    select * from {{ source('tracker', 'auth_service_officer') }}

),

final as (

    select
        {{ identifier('id') }} as officer_id,
        {{ identifier('user_id') }} as user_id,
        {{ instant('updated_at') }} as updated_at,
        _part as part_name,
        _row as row_in_part
    from source
    where
        {{ is_present('id', 'auth_service_officer') }}
        and {{ is_instant_or_null('updated_at', 'auth_service_officer') }}

)

select * from final
