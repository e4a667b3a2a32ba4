{#
    The raw worksheet goes back `raw_days` dates, or fewer where the newest of them have as many clicks, and as many
    signups, as it shows events at most. The daily history says so.
#}
with

link_days as (

    select * from {{ ref('int_link_days_counted') }}
    where
        event_date between {{ days_before_as_of(raw_days() - 1) }}
        and {{ days_before_as_of(0) }}

),

dates as (

    select
        event_date,
        sum(total_clicks) as total_clicks,
        sum(total_signups) as total_signups
    from link_days
    group by event_date

),

counted as (

    select
        event_date,
        sum(total_clicks) over (
            order by event_date desc
        ) as clicks_since,
        sum(total_signups) over (
            order by event_date desc
        ) as signups_since
    from dates

),

final as (

    select
        coalesce(
            max(event_date) filter (
                where
                clicks_since >= {{ raw_max_rows() }}
                and signups_since >= {{ raw_max_rows() }}
            ),
            {{ days_before_as_of(raw_days() - 1) }}
        ) as first_date,
        {{ days_before_as_of(0) }} as last_date
    from counted

)

select * from final
