with

officers as (

    select * from {{ ref('int_officers_totalled') }}

),

compared as (

    select
        *,
        {{ rate('signups_last_30_days', 'clicks_last_30_days') }}
            as rate_last_30_days,
        {{ rate('signups_before', 'clicks_before') }} as rate_before,
        {# Officers with equally many share a rank, and the next one comes after all of them. #}
        case
            when signups_last_30_days > 0
                then rank() over (
                    order by signups_last_30_days desc
                )
        end as signups_rank,
        case
            when signups_before > 0
                then rank() over (
                    order by signups_before desc
                )
        end as signups_rank_before,
        sum(signups_last_30_days) over () as signups_of_all
    from officers

),

final as (

    select
        officer_id,
        officer_name,
        signups_last_30_days,
        signups_before,
        {{ rate('signups_last_30_days', 'signups_before') }} - 1
            as signups_change,
        clicks_last_30_days,
        clicks_before,
        {{ rate('clicks_last_30_days', 'clicks_before') }} - 1
            as clicks_change,
        rate_last_30_days,
        rate_before,
        rate_last_30_days - rate_before as rate_change,
        cast(signups_rank as bigint) as signups_rank,
        cast(signups_rank_before as bigint) as signups_rank_before,
        cast(signups_rank_before - signups_rank as bigint) as rank_change,
        {{ rate('signups_last_30_days', 'signups_of_all') }}
            as share_of_signups,
        active_dates,
        {{ days_between('last_signup_date', days_before_as_of(0)) }}
            as days_since_last_signup
    from compared

)

select * from final
