{#
    No link's id is an officer's or a campaign's while its own officer or campaign is unknown: an export that had these
    columns under each other's names would leave every event unattributed. Only uuids tell, as other ids may be alike
    by chance.
#}
with

links as (

    select *
    from {{ ref('stg_tracker__referral_links') }}
    where length(referral_link_id) = 36

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
        (
            links.referral_link_id in (select officers.officer_id from officers)
            and links.officer_id not in (
                select officers.officer_id from officers
            )
        )
        or (
            links.referral_link_id in (
                select campaigns.campaign_id from campaigns
            )
            and links.campaign_id not in (
                select campaigns.campaign_id from campaigns
            )
        )

)

select * from final
