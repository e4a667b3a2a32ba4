with

source as (

    select * from {{ source('tracker', 'dashboard_service_campaign') }}

),

final as (

    select
        {{ identifier('id') }} as campaign_id,
        name as campaign_name,
        {{ instant('start_date') }} as starts_at,
        {{ instant('end_date') }} as ends_at,
        {{ instant('updated_at') }} as updated_at,
        _part as part_name,
        _row as row_in_part
    from source
    where
        {{ is_present('id', 'dashboard_service_campaign') }}
        and {{ is_instant_or_null('start_date', 'dashboard_service_campaign') }}
        and {{ is_instant_or_null('end_date', 'dashboard_service_campaign') }}
        and {{ is_instant_or_null('updated_at', 'dashboard_service_campaign') }}

)

select * from final
