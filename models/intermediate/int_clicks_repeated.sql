with

clicks as (

    select * from {{ ref('stg_tracker__clicks') }}

),

repeated_ids as (

    select * from {{ ref('int_click_ids_repeated') }}

),

copies as (

    select clicks.*
    from clicks
    inner join repeated_ids
        on clicks.click_id = repeated_ids.click_id

),

earliest_copies as (

    {{ earliest_copies(
        'copies',
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
    from earliest_copies

)

select * from final
