{#
    Few clicks arrive more than once. Only those are compared with each other, beforehand, so that the many
    others pass through here without being sorted.
#}
with

clicks as (

    select * from {{ ref('stg_tracker__clicks') }}

),

repeated_clicks as (

    select * from {{ ref('int_clicks_repeated') }}

),

final as (

    select
        clicks.click_id,
        clicks.referral_link_id,
        clicks.clicked_at,
        clicks.ip,
        clicks.user_agent
    from clicks
    left join repeated_clicks
        on clicks.click_id = repeated_clicks.click_id
    where repeated_clicks.click_id is null

    union all

    select
        click_id,
        referral_link_id,
        clicked_at,
        ip,
        user_agent
    from repeated_clicks

)

select * from final
