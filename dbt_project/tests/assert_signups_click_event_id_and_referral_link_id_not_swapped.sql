{#
    No signup's link is a click: an export that had these two columns under each other's names would leave every signup
    unattributed. Only uuids tell, as other ids may be alike by chance.
#}
with

signups as (

    select *
    from {{ ref('tracker_raw_data') }}
    where event_type = 'signup'

),

clicks as (

    select *
    from {{ ref('tracker_raw_data') }}
    where event_type = 'click'

),

final as (

    select
        signups.event_id,
        signups.referral_link_id
    from signups
    inner join clicks
        on signups.referral_link_id = clicks.event_id
    where
        signups.officer_id is null
        and length(signups.referral_link_id) = 36

)

select * from final
