with

clicks as (

    select * from {{ ref('stg_tracker__clicks') }}

),

earliest_clicks as (

    {{ earliest_copies(
        'clicks',
        key='click_id',
        instant='clicked_at',
        tie_breakers=['referral_link_id', 'ip', 'user_agent'],
    ) }}

),

final as (

    select
        click_id,
        referral_link_id,
        clicked_at,
        ip,
        user_agent
    from earliest_clicks

)

select * from final
