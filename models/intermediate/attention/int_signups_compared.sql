{#
    Officers and campaigns at work, with the signups of their last dates and of those and the dates before together. An
    officer is compared twice, since within 7 dates chance alone halves 20 signups a week too often.
#}
with

officers as (

    select
        *,
        {{ shown_name('officer_name', 'officer_id') }} as subject,
        {# Who began lately has as many dates before the last 28 as since the first event. #}
        least(
            84,
            {{ days_between('first_event_date', days_before_as_of(27)) }}
        ) as days_before
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
        campaigns.campaign_id,
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

    select
        'officer' as kind,
        officer_id as subject_id,
        subject,
        7 as days,
        28 as days_before,
        signups_last_7_days as signups,
        signups_last_35_days as signups_of_all
    from officers

    union all

    select
        'officer' as kind,
        officer_id as subject_id,
        subject,
        28 as days,
        days_before,
        signups_last_28_days as signups,
        signups_last_112_days as signups_of_all
    from officers
    where days_before >= 28

    union all

    select
        'campaign' as kind,
        campaign_id as subject_id,
        subject,
        7 as days,
        28 as days_before,
        signups_last_7_days as signups,
        signups_last_35_days as signups_of_all
    from campaigns

)

select * from final
