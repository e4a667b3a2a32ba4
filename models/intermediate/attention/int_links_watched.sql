{# Findings about single links, and their clicks of the last 7 dates. #}
with

links as (

    select
        *,
        {{ shown_name('referral_code', 'referral_link_id') }} as link_name,
        'Link ' || {{ shown_name('referral_code', 'referral_link_id') }}
        || ' of ' || {{ shown_name('officer_name', 'officer_id') }} as link
    from {{ ref('int_links_rated') }}

),

link_days as (

    select
        link_days.event_date,
        link_days.total_clicks,
        link_days.largest_visitor_clicks,
        links.referral_link_id,
        links.link_name,
        links.link,
        links.last_date
    from {{ ref('int_link_days_attributed') }} as link_days
    inner join links
        on link_days.referral_link_id = links.referral_link_id
    where link_days.event_date >= {{ days_before_as_of(6) }}

),

late_clicks as (

    select
        link_name,
        link,
        last_date,
        min(event_date) as since,
        sum(total_clicks) as clicks
    from link_days
    where event_date > last_date and total_clicks > 0
    group by referral_link_id, link_name, link, last_date

),

final as (

    select
        'one_visitor' as rule_name,
        link_name as subject,
        event_date as since,
        largest_visitor_clicks as number,
        total_clicks / 2.0 as expected,
        link || ': one visitor made '
        || cast(largest_visitor_clicks as {{ dbt.type_string() }}) || ' of '
        || {{ counted('total_clicks', 'click') }} || ' on '
        || cast(event_date as {{ dbt.type_string() }}) || '.' as finding
    from link_days
    where total_clicks >= 50 and largest_visitor_clicks * 2 >= total_clicks

    union all

    select
        'clicks_after_end' as rule_name,
        link_name as subject,
        since,
        clicks as number,
        0 as expected,
        link || ': ' || {{ counted('clicks', 'click') }}
        || ' in the last 7 days, after its end on '
        || cast(last_date as {{ dbt.type_string() }}) || '.' as finding
    from late_clicks

    union all

    select
        'link_silent' as rule_name,
        link_name as subject,
        last_click_date as since,
        days_silent as number,
        14 as expected,
        link || ': no click for ' || {{ counted('days_silent', 'day') }}
        || '.' as finding
    from links
    where status = 'silent'

)

select * from final
