with

link_days as (

    select
        event_date,
        sum(total_clicks) as total_clicks,
        sum(total_signups) as total_signups
    from {{ ref('int_link_days_attributed') }}
    group by event_date

),

periods as (

    select
        periods.row_number,
        periods.period,
        cast(
            {{ dbt.dateadd('day', '-first_day', days_before_as_of(0)) }} as date
        ) as first_date,
        cast(
            {{ dbt.dateadd('day', '-last_day', days_before_as_of(0)) }} as date
        ) as last_date
    from (
        values
        (1, 'All dates', null, 0),
        (2, 'Last 7 days', 6, 0),
        (3, '7 days before', 13, 7),
        (4, 'Last 30 days', 29, 0),
        (5, '30 days before', 59, 30)
    ) as periods (row_number, period, first_day, last_day)

),

totals as (

    select
        periods.row_number,
        periods.period,
        periods.first_date,
        periods.last_date,
        max(link_days.event_date) as latest_event_date,
        coalesce(sum(link_days.total_clicks), 0) as total_clicks,
        coalesce(sum(link_days.total_signups), 0) as total_signups
    from periods
    left join link_days
        on
            periods.last_date >= link_days.event_date
            and (
                periods.first_date is null
                or periods.first_date <= link_days.event_date
            )
    group by
        periods.row_number,
        periods.period,
        periods.first_date,
        periods.last_date

),

rated as (

    select
        *,
        {{ rate('total_signups', 'total_clicks') }} as click_to_signup_rate
    from totals

),

final as (

    select
        this.row_number,
        this.period,
        this.first_date,
        this.last_date,
        this.latest_event_date,
        cast(this.total_clicks as bigint) as total_clicks,
        {{ rate('this.total_clicks', 'earlier.total_clicks') }} - 1
            as clicks_change,
        cast(this.total_signups as bigint) as total_signups,
        {{ rate('this.total_signups', 'earlier.total_signups') }} - 1
            as signups_change,
        this.click_to_signup_rate,
        this.click_to_signup_rate - earlier.click_to_signup_rate
            as rate_change
    {# The row below a period of days is of as many days before it. #}
    from rated as this
    left join rated as earlier
        on
            this.row_number + 1 = earlier.row_number
            and this.row_number in (2, 4)

)

select * from final
