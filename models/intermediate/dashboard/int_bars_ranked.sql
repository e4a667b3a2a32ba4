with

things as (

    select
        'officer' as kind,
        officer_id as thing_id,
        coalesce(nullif(officer_name, ''), officer_id) as thing_name,
        total_clicks,
        total_signups
    from {{ ref('officer_summary') }}

    union all

    select
        'campaign' as kind,
        campaign_id as thing_id,
        coalesce(nullif(campaign_name, ''), campaign_id) as thing_name,
        total_clicks,
        total_signups
    from {{ ref('campaign_summary') }}

),

placed as (

    select
        *,
        row_number() over (
            partition by kind
            order by
                total_signups desc,
                total_clicks desc,
                thing_name asc,
                thing_id asc
        ) as place,
        {# As much of a name as the axis of a chart has room for. #}
        case
            when length(thing_name) <= 24 then thing_name
            else
                substring(thing_name, 1, 14) || '…'
                || substring(thing_name, length(thing_name) - 8, 9)
        end as bar
    from things

),

{# The ten with most signups, and all others in one row; one alone keeps its name. #}
final as (

    select
        kind,
        cast(least(place, 11) as bigint) as row_number,
        count(*) > 1 as is_rest,
        case
            when count(*) = 1 then max(bar)
            else 'Others (' || cast(count(*) as {{ dbt.type_string() }}) || ')'
        end as bar,
        cast(sum(total_clicks) as bigint) as total_clicks,
        cast(sum(total_signups) as bigint) as total_signups,
        {{ rate('sum(total_signups)', 'sum(total_clicks)') }}
            as click_to_signup_rate
    from placed
    group by kind, least(place, 11)

)

select * from final
