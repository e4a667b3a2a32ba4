{# The bins of a campaign are its signups; those of all campaigns are the signups of the time series. #}
with

campaigns as (

    select * from {{ ref('conversion_times') }}

),

totals as (

    select coalesce(sum(total_signups), 0) as total_signups
    from campaigns

),

series as (

    select sum(total_signups) as total_signups
    from {{ ref('time_series_data') }}

),

final as (

    select
        campaign_id as row_name,
        total_signups,
        under_1_hour
        + from_1_to_24_hours
        + from_1_to_7_days
        + over_7_days
        + unknown_time as other_total_signups
    from campaigns

    union all

    select
        'all campaigns' as row_name,
        totals.total_signups,
        series.total_signups as other_total_signups
    from totals
    cross join series

)

select * from final
where total_signups <> other_total_signups
