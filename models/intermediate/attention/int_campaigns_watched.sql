{# Findings about campaigns that are about to end while somebody works for them. #}
with

links as (

    select * from {{ ref('int_links_rated') }}

),

campaigns as (

    select distinct
        campaign_id,
        end_date,
        {{ shown_name('campaign_name', 'campaign_id') }} as campaign,
        {{ days_between(days_before_as_of(0), 'end_date') }} as days_to_go
    from links
    where status in ('live', 'silent')

),

final as (

    select
        'campaign_ends' as rule_name,
        campaign as subject,
        end_date as since,
        days_to_go as number,
        7 as expected,
        'Campaign ' || campaign || ' ends in '
        || {{ counted('days_to_go', 'day') }} || ', on '
        || cast(end_date as {{ dbt.type_string() }}) || '.' as finding
    from campaigns
    where days_to_go between 1 and 7

)

select * from final
