{# Officers have the signups of Officer_Summary, row by row, and together those of the dashboard's two periods. #}
with

trends as (

    select * from {{ ref('officer_trends') }}

),

officers as (

    select * from {{ ref('officer_summary') }}

),

periods as (

    select * from {{ ref('dashboard_data') }}
    where period in ('Last 30 days', '30 days before')

),

sums as (

    select
        'Last 30 days' as period,
        coalesce(sum(signups_last_30_days), 0) as total_signups,
        coalesce(sum(clicks_last_30_days), 0) as total_clicks
    from trends

    union all

    select
        '30 days before' as period,
        coalesce(sum(signups_before), 0) as total_signups,
        coalesce(sum(clicks_before), 0) as total_clicks
    from trends

),

final as (

    select
        coalesce(trends.officer_id, officers.officer_id) as difference,
        trends.signups_last_30_days as shown,
        officers.signups_last_30_days as expected
    from trends
    full outer join officers
        on trends.officer_id = officers.officer_id
    where
        trends.officer_id is null
        or officers.officer_id is null
        or trends.signups_last_30_days <> officers.signups_last_30_days

    union all

    select
        periods.period as difference,
        sums.total_signups as shown,
        periods.period_signups as expected
    from periods
    inner join sums
        on periods.period = sums.period
    where
        sums.total_signups <> periods.period_signups
        or sums.total_clicks <> periods.period_clicks

)

select * from final
