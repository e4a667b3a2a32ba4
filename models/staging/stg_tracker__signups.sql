with

source as (

    select * from {{ source('tracker', 'tracking_service_signupevent') }}

),

final as (

    select
        {{ identifier('id') }} as signup_id,
        {{ identifier('click_event_id') }} as click_id,
        {{ identifier('referral_link_id') }} as referral_link_id,
        {{ instant('timestamp') }} as signed_up_at,
        {# A plain address goes no further than this line. #}
        coalesce(
            user_email_hash, {{ email_hash('user_email') }}
        ) as user_email_hash,
        {{ number('conversion_minutes', 'tracking_service_signupevent') }}
            as conversion_minutes,
        {{ number('fraud_score', 'tracking_service_signupevent') }}
            as fraud_score,
        _file as part_name,
        _is_new as is_new
    from source
    where
        {{ is_present('id', 'tracking_service_signupevent') }}
        and {{ is_instant('timestamp', 'tracking_service_signupevent') }}

)

select * from final
