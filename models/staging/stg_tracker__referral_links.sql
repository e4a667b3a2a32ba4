with

source as (

    select * from {{ source('tracker', 'dashboard_service_referrallink') }}

),

final as (

    select
        {{ identifier('id') }} as referral_link_id,
        {{ identifier('officer_id') }} as officer_id,
        {{ identifier('campaign_id') }} as campaign_id,
        ref_code,
        {{ instant('created_at') }} as created_at,
        {{ truth('is_active', 'dashboard_service_referrallink') }} as is_active,
        {{ instant('revoke_at') }} as revoke_at,
        {{ instant('updated_at') }} as updated_at,
        _part as part_name,
        _row as row_in_part
    from source
    where
        {{ is_present('id', 'dashboard_service_referrallink') }}
        and {{ is_instant_or_null(
            'created_at', 'dashboard_service_referrallink'
        ) }}
        and {{ is_instant_or_null(
            'revoke_at', 'dashboard_service_referrallink'
        ) }}
        and {{ is_instant_or_null(
            'updated_at', 'dashboard_service_referrallink'
        ) }}

)

select * from final
