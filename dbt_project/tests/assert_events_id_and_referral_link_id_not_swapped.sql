{#
    No event's id is a link's while its link is unknown: an export that had these two columns under each other's names
    would leave every event unattributed. Only uuids tell, as other ids may be alike by chance.
#}
with

events as (

    select * from {{ ref('tracker_raw_data') }}

),

links as (

    select * from {{ ref('int_links_attributed') }}

),

final as (

    select
        events.event_type,
        events.event_id,
        events.referral_link_id
    from events
    inner join links
        on events.event_id = links.referral_link_id
    where
        events.officer_id is null
        and length(events.event_id) = 36

)

select * from final
