with

source as (

    select * from {{ source('tracker', 'auth_service_user') }}

),

final as (

    select
        {{ identifier('id') }} as user_id,
        full_name,
        {{ instant('updated_at') }} as updated_at,
        _part as part_name,
        _row as row_in_part
    from source
    where
        {{ is_present('id', 'auth_service_user') }}
        and {{ is_instant_or_null('updated_at', 'auth_service_user') }}

)

select * from final
