with

officers as (

    select * from {{ ref('int_officers_named') }}

),

link_days as (

    select *
    from {{ ref('int_link_days_attributed') }}
    where event_date >= {{ days_before_as_of(29) }}

),

totals as (

    select
        officer_id,
        sum(total_clicks) as total_clicks,
        sum(bot_clicks) as bot_clicks,
        sum(unique_clicks) as unique_clicks,
        sum(suspect_clicks) as suspect_clicks,
        {# A share of a few clicks says nothing. #}
        max({{ rate('largest_visitor_clicks', 'total_clicks') }}) filter (
            where total_clicks >= 20
        ) as largest_visitor_share,
        sum(total_signups) as total_signups,
        sum(instant_signups) as instant_signups,
        sum(suspect_signups) as suspect_signups
    from link_days
    group by officer_id

),

final as (

    select
        officers.officer_id,
        officers.officer_name,
        cast(coalesce(totals.total_clicks, 0) as bigint) as total_clicks,
        cast(coalesce(totals.bot_clicks, 0) as bigint) as bot_clicks,
        {{ rate('totals.bot_clicks', 'totals.total_clicks') }} as bot_share,
        cast(coalesce(totals.total_clicks - totals.unique_clicks, 0) as bigint)
            as repeat_clicks,
        cast(coalesce(totals.suspect_clicks, 0) as bigint) as suspect_clicks,
        totals.largest_visitor_share,
        cast(coalesce(totals.total_signups, 0) as bigint) as total_signups,
        cast(coalesce(totals.instant_signups, 0) as bigint) as instant_signups,
        cast(coalesce(totals.suspect_signups, 0) as bigint) as suspect_signups,
        {{ rate(
            'totals.total_signups', '(totals.total_clicks - totals.bot_clicks)'
        ) }} as signups_per_human_click
    from officers
    left join totals
        on officers.officer_id = totals.officer_id

)

select * from final
