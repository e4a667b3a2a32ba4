with

clicks as (

    select * from {{ ref('stg_tracker__clicks') }}

),

wanted as (

    select * from {{ ref('int_click_ids_shown') }}

),

{# Nearly every click of a recent signup lies in these dates too: people sign up soon, or never. #}
final as (

    select
        clicks.click_id,
        clicks.referral_link_id,
        clicks.clicked_at,
        clicks.ip,
        clicks.user_agent
    from clicks
    inner join wanted
        on clicks.click_id = wanted.click_id
    where
        {{ is_between_dates(
            'clicks.clicked_at', first_date_shown(days_more=30), as_of_date()
        ) }}

)

select * from final
