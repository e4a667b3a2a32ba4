{#
    Every link would be unattributed, and all metrics zero, if an export had these two columns under each other's
    names. A column that holds ids of the other kind, and none of its own, says so. Only uuids tell, as other ids may be
    alike by chance.
#}
with

links as (

    select * from {{ ref('stg_tracker__referral_links') }}

),

officers as (

    select officer_id from {{ ref('int_officers_named') }}

),

campaigns as (

    select campaign_id from {{ ref('int_campaigns_dated') }}

),

final as (

    select
        links.referral_link_id,
        links.officer_id,
        links.campaign_id
    from links
    where
        length(links.officer_id) = 36
        and links.officer_id in (select campaigns.campaign_id from campaigns)
        and links.campaign_id in (select officers.officer_id from officers)
        and links.officer_id not in (select officers.officer_id from officers)
        and links.campaign_id not in (
            select campaigns.campaign_id from campaigns
        )

)

select * from final
