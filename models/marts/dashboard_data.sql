with

dates as (

    select
        *,
        row_number() over (
            order by event_date
        ) as row_number
    from {{ ref('time_series_data') }}

),

bars as (

    select * from {{ ref('int_bars_ranked') }}

),

{# The same campaigns in another order. Of few clicks, a rate says nothing. #}
rates as (

    select
        bar,
        click_to_signup_rate,
        case
            when is_rest then 11
            else
                row_number() over (
                    order by
                        is_rest asc,
                        click_to_signup_rate desc,
                        row_number asc
                )
        end as row_number
    from bars
    where kind = 'campaign' and total_clicks >= 30

),

final as (

    select
        cast(dates.row_number as bigint) as row_number,
        periods.period,
        periods.first_date,
        periods.last_date,
        periods.latest_event_date,
        periods.total_clicks as period_clicks,
        periods.clicks_change,
        periods.total_signups as period_signups,
        periods.signups_change,
        periods.click_to_signup_rate as period_rate,
        periods.rate_change,
        dates.event_date,
        dates.total_clicks,
        dates.clicks_average_7_days,
        dates.total_signups,
        dates.signups_average_7_days,
        officers.bar as officer,
        officers.total_signups as officer_signups,
        campaigns.bar as campaign,
        campaigns.total_signups as campaign_signups,
        rates.bar as campaign_by_rate,
        rates.click_to_signup_rate as campaign_rate,
        lists.reporting_timezone,
        lists.findings_shown,
        lists.finding_mark,
        lists.finding,
        lists.finding_since,
        lists.risen_officer,
        lists.risen_signups,
        lists.risen_change,
        lists.fallen_officer,
        lists.fallen_signups,
        lists.fallen_change
    from dates
    left join {{ ref('int_periods_compared') }} as periods
        on dates.row_number = periods.row_number
    left join {{ ref('int_dashboard_lists') }} as lists
        on dates.row_number = lists.row_number
    left join bars as officers
        on dates.row_number = officers.row_number and officers.kind = 'officer'
    left join bars as campaigns
        on
            dates.row_number = campaigns.row_number
            and campaigns.kind = 'campaign'
    left join rates
        on dates.row_number = rates.row_number

)

select * from final
