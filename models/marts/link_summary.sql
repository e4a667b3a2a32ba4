with

links as (

    select * from {{ ref('int_links_rated') }}

),

final as (

    select
        referral_link_id,
        referral_code,
        officer_name,
        campaign_name,
        status,
        created_date,
        total_clicks,
        total_signups,
        {{ rate('total_signups', 'total_clicks') }} as click_to_signup_rate,
        unique_clicks,
        clicks_last_30_days,
        signups_last_30_days,
        first_click_date,
        last_click_date,
        last_signup_date,
        days_silent,
        clicks_after_end,
        {# What asks for a look comes first. #}
        cast(
            case status
                when 'silent' then 1
                when 'never clicked' then 2
                when 'live' then 3
                when 'upcoming' then 4
                when 'ended' then 5
                when 'inactive' then 6
                else 7
            end as bigint
        ) as status_rank
    from links

)

select * from final
