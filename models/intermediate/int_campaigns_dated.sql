with

campaigns as (

    select * from {{ ref('stg_tracker__campaigns') }}

),

latest_campaigns as (

    {{ newest_version('campaigns', 'campaign_id') }}

),

dated as (

    select
        campaign_id,
        campaign_name,
        {{ reporting_date('starts_at') }} as start_date,
        {{ reporting_date('ends_at') }} as end_date
    from latest_campaigns

),

{# A time at either end of the calendar may be on a date beyond it, by its zone. #}
final as (

    select
        campaign_id,
        campaign_name,
        case
            when start_date < cast('0001-01-01' as date)
                then cast('0001-01-01' as date)
            else start_date
        end as start_date,
        case
            when end_date > cast('9999-12-31' as date)
                then cast('9999-12-31' as date)
            else end_date
        end as end_date
    from dated

)

select * from final
