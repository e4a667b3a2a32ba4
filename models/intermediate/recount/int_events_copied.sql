with

repeated as (

    select * from {{ ref('int_event_hashes_repeated') }}

),

clicks as (

    select
        clicks.*,
        {{ reporting_date('clicks.clicked_at') }} as event_date
    from {{ ref('stg_tracker__clicks') }} as clicks
    inner join repeated
        on {{ event_hash('clicks.click_id') }} = repeated.event_hash
    where
        {{ is_on_touched_date(
            'click', 'clicks.clicked_at', 'clicks.part_name'
        ) }}
        and repeated.event_type = 'click'

),

signups as (

    select
        signups.*,
        {{ reporting_date('signups.signed_up_at') }} as event_date
    from {{ ref('stg_tracker__signups') }} as signups
    inner join repeated
        on {{ event_hash('signups.signup_id') }} = repeated.event_hash
    where
        {{ is_on_touched_date(
            'signup', 'signups.signed_up_at', 'signups.part_name'
        ) }}
        and repeated.event_type = 'signup'

),

final as (

    select
        'click' as event_type,
        click_id as event_id,
        referral_link_id,
        clicked_at as occurred_at,
        event_date,
        ip,
        user_agent,
        part_name
    from clicks

    union all

    select
        'signup' as event_type,
        signup_id as event_id,
        referral_link_id,
        signed_up_at as occurred_at,
        event_date,
        cast(null as {{ dbt.type_string() }}) as ip,
        cast(null as {{ dbt.type_string() }}) as user_agent,
        part_name
    from signups

)

select * from final
