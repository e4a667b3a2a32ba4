with

campaigns as (

    select * from {{ ref('stg_tracker__campaigns') }}

),

latest_campaigns as (

    {{ newest_version('campaigns', 'campaign_id') }}

),

final as (

    select
        campaign_id,
        campaign_name,
        {{ calendar_date('starts_at') }} as start_date,
        {{ calendar_date('ends_at') }} as end_date
    from latest_campaigns

)

select * from final
