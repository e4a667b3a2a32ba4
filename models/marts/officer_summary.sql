with

officers as (

    select * from {{ ref('int_officers_totalled') }}

),

final as (

    select
        officer_id,
        officer_name,
        total_clicks,
        total_signups,
        {{ rate('total_signups', 'total_clicks') }} as click_to_signup_rate,
        unique_clicks,
        signups_last_7_days,
        signups_last_30_days,
        last_signup_date
    from officers

)

select * from final
