{# A rate times its row's clicks is its row's signups; without clicks it is null, never 0. #}
with

rates as (

    select
        'officer_summary' as mart,
        click_to_signup_rate,
        total_clicks,
        total_signups
    from {{ ref('officer_summary') }}

    union all

    select
        'campaign_summary' as mart,
        click_to_signup_rate,
        total_clicks,
        total_signups
    from {{ ref('campaign_summary') }}

    union all

    select
        'link_summary' as mart,
        click_to_signup_rate,
        total_clicks,
        total_signups
    from {{ ref('link_summary') }}

    union all

    select
        'time_series_data' as mart,
        click_to_signup_rate,
        total_clicks,
        total_signups
    from {{ ref('time_series_data') }}

    union all

    select
        'daily_metrics' as mart,
        click_to_signup_rate,
        total_clicks,
        total_signups
    from {{ ref('daily_metrics') }}

),

final as (

    select *
    from rates
    where
        (click_to_signup_rate is null) <> (total_clicks = 0)
        or abs(click_to_signup_rate * total_clicks - total_signups) > 0.000001

)

select * from final
