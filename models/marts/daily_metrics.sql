with

link_days as (

    select * from {{ ref('int_link_days_attributed') }}

),

final as (

    select
        event_date,
        referral_link_id,
        referral_code,
        officer_id,
        officer_name,
        campaign_id,
        campaign_name,
        total_clicks,
        total_signups,
        {{ rate('total_signups', 'total_clicks') }} as click_to_signup_rate,
        unique_clicks
    from link_days
    where event_date >= {{ days_before_as_of(89) }}

)

select * from final
