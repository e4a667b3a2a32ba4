with

dates as (

    select
        *,
        row_number() over (
            order by event_date
        ) as row_number
    from {{ ref('time_series_data') }}

),

periods as (

    select * from {{ ref('int_periods_compared') }}

),

things as (

    select
        'officer' as kind,
        officer_id as thing_id,
        coalesce(nullif(officer_name, ''), officer_id) as thing_name,
        total_clicks,
        total_signups
    from {{ ref('officer_summary') }}

    union all

    select
        'campaign' as kind,
        campaign_id as thing_id,
        coalesce(nullif(campaign_name, ''), campaign_id) as thing_name,
        total_clicks,
        total_signups
    from {{ ref('campaign_summary') }}

),

placed as (

    select
        *,
        row_number() over (
            partition by kind
            order by
                total_signups desc,
                total_clicks desc,
                thing_name asc,
                thing_id asc
        ) as place,
        {# As much of a name as the axis of a chart has room for. #}
        case
            when length(thing_name) <= 24 then thing_name
            else
                substring(thing_name, 1, 14) || '…'
                || substring(thing_name, length(thing_name) - 8, 9)
        end as bar
    from things

),

{# The ten with most signups, and all others in one row; one alone keeps its name. #}
bars as (

    select
        kind,
        least(place, 11) as row_number,
        count(*) > 1 as is_rest,
        case
            when count(*) = 1 then max(bar)
            else 'Others (' || cast(count(*) as {{ dbt.type_string() }}) || ')'
        end as bar,
        cast(sum(total_signups) as bigint) as total_signups,
        {{ rate('sum(total_signups)', 'sum(total_clicks)') }}
            as click_to_signup_rate
    from placed
    group by kind, least(place, 11)

),

{# The same campaigns in another order: of all there are, one with a click and a signup would lead. #}
rates as (

    select
        bar,
        click_to_signup_rate,
        row_number() over (
            order by
                is_rest asc,
                click_to_signup_rate desc nulls last,
                row_number asc
        ) as row_number
    from bars
    where kind = 'campaign'

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
        rates.click_to_signup_rate as campaign_rate
    from dates
    left join periods
        on dates.row_number = periods.row_number
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
