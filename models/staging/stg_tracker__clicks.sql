with

source as (

    select * from {{ source('tracker', 'tracking_service_clickevent') }}

),

final as (

    select
        {{ identifier('id') }} as click_id,
        {{ identifier('referral_link_id') }} as referral_link_id,
        {{ instant('timestamp') }} as clicked_at,
        {# PostgreSQL writes some addresses with their mask. #}
        nullif(split_part(ip, '/', 1), '') as ip,
        user_agent,
        {{ number('fraud_score', 'tracking_service_clickevent') }}
            as fraud_score,
        _file as part_name,
        _is_new as is_new
    from source
    where
        {{ is_present('id', 'tracking_service_clickevent') }}
        and {{ is_instant('timestamp', 'tracking_service_clickevent') }}

)

select * from final
