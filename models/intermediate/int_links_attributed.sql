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

final as (

    select
        latest_links.referral_link_id,
        officers.officer_id,
        officers.officer_name,
        campaigns.campaign_id,
        campaigns.campaign_name
    from latest_links
    inner join officers
        on latest_links.officer_id = officers.officer_id
    inner join campaigns
        on latest_links.campaign_id = campaigns.campaign_id

)

select * from final
