with

links as (

    select * from {{ ref('stg_tracker__referral_links') }}

),

officers as (

    select * from {{ ref('int_officers_named') }}

),

campaigns as (

    select * from {{ ref('int_campaigns_dated') }}

),

latest_links as (

    {{ newest_version('links', 'referral_link_id') }}

),

attributed as (

    select
        latest_links.referral_link_id,
        latest_links.ref_code as referral_code,
        officers.officer_id,
        officers.officer_name,
        campaigns.campaign_id,
        campaigns.campaign_name,
        campaigns.start_date,
        campaigns.end_date,
        latest_links.is_active,
        {{ calendar_date('latest_links.created_at') }} as created_date,
        {{ calendar_date('latest_links.revoke_at') }} as revoke_date
    from latest_links
    inner join officers
        on latest_links.officer_id = officers.officer_id
    inner join campaigns
        on latest_links.campaign_id = campaigns.campaign_id

),

final as (

    select
        *,
        {# Both engines pass over a null here. #}
        least(revoke_date, end_date) as last_date
    from attributed

)

select * from final
