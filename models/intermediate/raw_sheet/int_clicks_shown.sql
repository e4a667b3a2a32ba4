with

clicks as (

    select * from {{ ref('stg_tracker__clicks') }}

),

wanted as (

    select * from {{ ref('int_click_ids_shown') }}

),

found as (

    select * from {{ ref('int_clicks_near') }}

),

missing as (

    select * from {{ ref('int_click_ids_missing') }}

),

{# Only for the few that were not found is all of the history searched. #}
searched_for as (

    select clicks.*
    from clicks
    inner join missing
        on clicks.click_id = missing.click_id
    where {{ has_any('int_click_ids_missing') }}

),

copies as (

    select
        click_id,
        referral_link_id,
        clicked_at,
        ip,
        user_agent
    from found

    union all

    select
        click_id,
        referral_link_id,
        clicked_at,
        ip,
        user_agent
    from searched_for

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
        earliest_copies.click_id,
        earliest_copies.referral_link_id,
        earliest_copies.clicked_at,
        earliest_copies.ip,
        earliest_copies.user_agent,
        wanted.is_recent
    from earliest_copies
    inner join wanted
        on earliest_copies.click_id = wanted.click_id

)

select * from final
