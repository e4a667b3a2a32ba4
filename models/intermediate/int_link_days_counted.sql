with

clicks as (

    select * from {{ ref('int_clicks_deduplicated') }}

),

signups as (

    select * from {{ ref('int_signups_earliest') }}

),

{# A null address or user agent groups with its like: that makes it a value of its own. #}
visitors as (

    select
        {{ reporting_date('clicked_at') }} as event_date,
        referral_link_id,
        ip,
        user_agent,
        count(*) as clicks
    from clicks
    group by event_date, referral_link_id, ip, user_agent

),

signup_days as (

    select
        {{ reporting_date('signed_up_at') }} as event_date,
        referral_link_id,
        count(distinct signup_id) as signups
    from signups
    group by event_date, referral_link_id

),

counted as (

    select
        event_date,
        referral_link_id,
        clicks,
        1 as unique_clicks,
        0 as signups
    from visitors

    union all

    select
        event_date,
        referral_link_id,
        0 as clicks,
        0 as unique_clicks,
        signups
    from signup_days

),

final as (

    select
        event_date,
        referral_link_id,
        cast(sum(clicks) as bigint) as total_clicks,
        cast(sum(signups) as bigint) as total_signups,
        cast(sum(unique_clicks) as bigint) as unique_clicks
    from counted
    group by event_date, referral_link_id

)

select * from final
