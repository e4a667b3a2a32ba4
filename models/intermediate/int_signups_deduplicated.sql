with

signups as (

    select * from {{ ref('stg_tracker__signups') }}

),

clicks as (

    select * from {{ ref('int_clicks_deduplicated') }}

),

signups_with_visitors as (

    select
        signups.*,
        clicks.ip,
        clicks.user_agent
    from signups
    left join clicks
        on signups.click_id = clicks.click_id

),

earliest_signups as (

    {{ earliest_copies(
        'signups_with_visitors',
        key='signup_id',
        instant='signed_up_at',
        tie_breakers=[
            'referral_link_id',
            'ip',
            'user_agent',
            'user_email_hash',
            'click_id',
        ],
    ) }}

),

final as (

    select
        signup_id,
        referral_link_id,
        signed_up_at,
        user_email_hash,
        ip,
        user_agent
    from earliest_signups

)

select * from final
