{# Officers and campaigns at work, with the signups of their last 7 dates, and of those and the 28 before together. #}
with

officers as (

    select
        'officer' as kind,
        {{ shown_name('officer_name', 'officer_id') }} as subject,
        signups_last_7_days,
        signups_last_35_days
    from {{ ref('int_officers_totalled') }}
    where
        officer_id in (
            select links.officer_id
            from {{ ref('int_links_rated') }} as links
            where links.status in ('live', 'silent')
        )

),

campaigns as (

    select
        'campaign' as kind,
        {{ shown_name('campaigns.campaign_name', 'campaigns.campaign_id') }}
            as subject,
        {{ total(
            'link_days.total_signups',
            'link_days.event_date >= ' ~ days_before_as_of(6),
        ) }} as signups_last_7_days,
        sum(link_days.total_signups) as signups_last_35_days
    from {{ ref('int_campaigns_dated') }} as campaigns
    inner join {{ ref('int_link_days_attributed') }} as link_days
        on campaigns.campaign_id = link_days.campaign_id
    where
        link_days.event_date >= {{ days_before_as_of(34) }}
        and coalesce(campaigns.start_date <= {{ days_before_as_of(0) }}, true)
        and coalesce(campaigns.end_date >= {{ days_before_as_of(0) }}, true)
    group by campaigns.campaign_id, campaigns.campaign_name

),

final as (

    select * from officers
    union all
    select * from campaigns

)

select * from final
