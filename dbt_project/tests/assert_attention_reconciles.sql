{# Each finding's number is a cell of another worksheet, a sum of such cells, or a number of the daily history. #}
with

findings as (

    select * from {{ ref('attention') }}

),

as_of as (

    select max(event_date) as event_date from {{ ref('time_series_data') }}

),

link_days as (

    select
        *,
        {{ shown_name('referral_code', 'referral_link_id') }} as link,
        {{ shown_name('officer_name', 'officer_id') }} as officer,
        {{ shown_name('campaign_name', 'campaign_id') }} as campaign
    from {{ ref('daily_metrics') }}

),

links as (

    select
        *,
        {{ shown_name('referral_code', 'referral_link_id') }} as link
    from {{ ref('link_summary') }}

),

campaigns as (

    select
        *,
        {{ shown_name('campaign_name', 'campaign_id') }} as campaign
    from {{ ref('campaign_summary') }}

),

history as (

    select
        link_days.*,
        as_of.event_date as as_of_date,
        links.referral_link_id is not null as is_attributed,
        {{ shown_name('links.referral_code', 'links.referral_link_id') }}
            as link
    from {{ ref('int_link_days_counted') }} as link_days
    inner join as_of
        on link_days.event_date <= as_of.event_date
    left join links
        on link_days.referral_link_id = links.referral_link_id

),

tracker as (

    select
        max(event_date) as since,
        {{ days_between('max(event_date)', 'max(as_of_date)') }} as number
    from history

),

{# What can be found, by rule and subject, and by the officer or campaign since two of them may have one name. #}
cells as (

    select
        findings.finding_rank,
        link_days.officer_id as thing_id,
        sum(link_days.total_signups) as number
    from findings
    inner join link_days
        on
            findings.subject = link_days.officer
            and findings.since <= link_days.event_date
    where findings.rule_name in ('officer_down', 'officer_up')
    group by findings.finding_rank, link_days.officer_id

    union all

    select
        findings.finding_rank,
        link_days.campaign_id as thing_id,
        sum(link_days.total_signups) as number
    from findings
    inner join link_days
        on
            findings.subject = link_days.campaign
            and findings.since <= link_days.event_date
    where findings.rule_name in ('campaign_down', 'campaign_up')
    group by findings.finding_rank, link_days.campaign_id

    union all

    select
        findings.finding_rank,
        link_days.referral_link_id as thing_id,
        sum(link_days.total_clicks) as number
    from findings
    inner join link_days
        on
            findings.subject = link_days.link
            and findings.since <= link_days.event_date
    where findings.rule_name = 'clicks_after_end'
    group by findings.finding_rank, link_days.referral_link_id

    union all

    select
        findings.finding_rank,
        history.referral_link_id as thing_id,
        history.largest_visitor_clicks as number
    from findings
    inner join history
        on
            findings.subject = history.link
            and findings.since = history.event_date
    where findings.rule_name = 'one_visitor'

    union all

    select
        findings.finding_rank,
        links.referral_link_id as thing_id,
        links.days_silent as number
    from findings
    inner join links
        on
            findings.subject = links.link
            and findings.since = links.last_click_date
    where findings.rule_name = 'link_silent' and links.status = 'silent'

    union all

    select
        findings.finding_rank,
        campaigns.campaign_id as thing_id,
        {{ days_between('as_of.event_date', 'campaigns.end_date') }} as number
    from findings
    inner join campaigns
        on
            findings.subject = campaigns.campaign
            and findings.since = campaigns.end_date
    cross join as_of
    where findings.rule_name = 'campaign_ends'

    union all

    select
        findings.finding_rank,
        null as thing_id,
        tracker.number
    from findings
    inner join tracker
        on findings.since = tracker.since
    where findings.rule_name = 'tracker_silent'

    union all

    select
        findings.finding_rank,
        null as thing_id,
        sum(history.total_clicks + history.total_signups) as number
    from findings
    inner join history
        on findings.since <= history.event_date
    where findings.rule_name = 'unattributed' and not history.is_attributed
    group by findings.finding_rank

),

found as (

    select distinct findings.finding_rank
    from findings
    left join cells
        on
            findings.finding_rank = cells.finding_rank
            and findings.number = cells.number
    {# Nobody is found with a cell of another who has the same name only; officers without signups have no cell. #}
    where
        cells.finding_rank is not null
        or (
            findings.number = 0
            and findings.rule_name in ('officer_down', 'campaign_down')
        )

),

final as (

    select
        findings.rule_name,
        findings.subject,
        findings.since,
        findings.number
    from findings
    left join found
        on findings.finding_rank = found.finding_rank
    where found.finding_rank is null

)

select * from final
