{#
    Events up to the as-of date that count in no metric: their link is unknown or missing, or its officer or campaign
    is. The warning has their number.
#}
{{ config(
    severity='warn',
    fail_calc='coalesce(sum(events), 0)',
    meta={'refsync': {
        'warning': '{count} events of unknown links are not counted: export links, officers and campaigns again.',
        'warning_of_one': '1 event of an unknown link is not counted: export links, officers and campaigns again.',
    }},
) }}

with

as_of as (

    select max(event_date) as event_date from {{ ref('time_series_data') }}

),

final as (

    select
        link_days.referral_link_id,
        sum(link_days.total_clicks + link_days.total_signups) as events
    from {{ ref('int_link_days_counted') }} as link_days
    inner join as_of
        on link_days.event_date <= as_of.event_date
    left join {{ ref('int_links_attributed') }} as links
        on link_days.referral_link_id = links.referral_link_id
    where links.referral_link_id is null
    group by link_days.referral_link_id

)

select * from final
