{# What the dashboard adds up is what the other marts add up, period by period and bar by bar. #}
with

dashboard as (

    select * from {{ ref('dashboard_data') }}

),

bars as (

    select
        coalesce(sum(officer_signups), 0) as officer_signups,
        coalesce(sum(campaign_signups), 0) as campaign_signups,
        count(officer) as officers,
        count(campaign) as campaigns,
        count(campaign_by_rate) as campaigns_by_rate,
        count(finding_mark) as findings,
        count(risen_change) as risen,
        count(fallen_change) as fallen
    from dashboard

),

officers as (

    select
        least(count(*), 11) as officers,
        coalesce(sum(total_clicks), 0) as total_clicks,
        coalesce(sum(total_signups), 0) as total_signups,
        coalesce(sum(signups_last_7_days), 0) as signups_last_7_days,
        coalesce(sum(signups_last_30_days), 0) as signups_last_30_days
    from {{ ref('officer_summary') }}

),

campaigns as (

    select least(count(*), 11) as campaigns
    from {{ ref('campaign_summary') }}

),

trends as (

    select
        least(
            count(case when signups_last_30_days > signups_before then 1 end), 3
        )
            as risen,
        least(
            count(case when signups_last_30_days < signups_before then 1 end), 3
        )
            as fallen
    from {{ ref('officer_trends') }}

),

attention as (

    select least(count(*), 3) as findings
    from {{ ref('attention') }}

),

series as (

    select
        dashboard.row_number,
        sum(series.total_clicks) as total_clicks,
        sum(series.total_signups) as total_signups
    from dashboard
    inner join {{ ref('time_series_data') }} as series
        on
            dashboard.first_date <= series.event_date
            and dashboard.last_date >= series.event_date
    group by dashboard.row_number

),

final as (

    select
        dashboard.period,
        dashboard.period_clicks,
        dashboard.period_signups,
        bars.officer_signups,
        bars.campaign_signups,
        coalesce(series.total_clicks, officers.total_clicks) as total_clicks,
        coalesce(series.total_signups, officers.total_signups) as total_signups
    from dashboard
    cross join bars
    cross join officers
    cross join campaigns
    cross join trends
    cross join attention
    left join series
        on dashboard.row_number = series.row_number
    where
        dashboard.period is not null
        and (
            dashboard.period_clicks
            <> coalesce(series.total_clicks, officers.total_clicks)
            or dashboard.period_signups
            <> coalesce(series.total_signups, officers.total_signups)
            or bars.officer_signups <> officers.total_signups
            or bars.campaign_signups <> officers.total_signups
            or bars.officers <> officers.officers
            or bars.campaigns <> campaigns.campaigns
            or bars.campaigns_by_rate > campaigns.campaigns
            or bars.findings <> attention.findings
            or bars.risen <> trends.risen
            or bars.fallen <> trends.fallen
            or (
                dashboard.row_number = 2
                and dashboard.period_signups <> officers.signups_last_7_days
            )
            or (
                dashboard.row_number = 4
                and dashboard.period_signups <> officers.signups_last_30_days
            )
        )

)

select * from final
