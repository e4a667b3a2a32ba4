{# Findings about the tracker as a whole: that it sends nothing, or events that cannot be counted. #}
with

link_days as (

    select * from {{ ref('int_link_days_counted') }}
    where event_date <= {{ days_before_as_of(0) }}

),

latest as (

    select max(event_date) as event_date from link_days

),

silent as (

    select
        event_date,
        {{ days_between('event_date', days_before_as_of(0)) }} as days_silent
    from latest

),

unattributed as (

    select
        min(link_days.event_date) as event_date,
        sum(link_days.total_clicks + link_days.total_signups) as events
    from link_days
    left join {{ ref('int_links_attributed') }} as links
        on link_days.referral_link_id = links.referral_link_id
    where
        link_days.event_date >= {{ days_before_as_of(6) }}
        and links.referral_link_id is null

),

final as (

    select
        'tracker_silent' as rule_name,
        'Tracker' as subject,
        event_date as since,
        days_silent as number,
        1 as expected,
        'The tracker has no click or signup since '
        || cast(event_date as {{ dbt.type_string() }}) || ', for '
        || {{ counted('days_silent', 'day') }} || '.' as finding
    from silent
    where days_silent > 1

    union all

    select
        'unattributed' as rule_name,
        'Tracker' as subject,
        event_date as since,
        events as number,
        0 as expected,
        'Not counted in the last 7 days: ' || {{ counted('events', 'event') }}
        || ' whose link, officer or campaign is unknown.' as finding
    from unattributed
    where events > 0

)

select * from final
