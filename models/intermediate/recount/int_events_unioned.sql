{# A view: whoever reads it twice in one query, for other rows each time, opens the files of those rows alone. #}
with

clicks as (

    select * from {{ ref('stg_tracker__clicks') }}

),

signups as (

    select * from {{ ref('stg_tracker__signups') }}

),

final as (

    select
        'click' as event_type,
        click_id as event_id,
        referral_link_id,
        clicked_at as occurred_at,
        {{ reporting_date('clicked_at') }} as event_date,
        ip,
        user_agent,
        fraud_score,
        cast(null as double) as conversion_minutes,
        cast(null as {{ dbt.type_string() }}) as click_id,
        cast(null as {{ dbt.type_string() }}) as user_email_hash,
        part_name,
        is_new
    from clicks

    union all

    select
        'signup' as event_type,
        signup_id as event_id,
        referral_link_id,
        signed_up_at as occurred_at,
        {{ reporting_date('signed_up_at') }} as event_date,
        cast(null as {{ dbt.type_string() }}) as ip,
        cast(null as {{ dbt.type_string() }}) as user_agent,
        fraud_score,
        conversion_minutes,
        click_id,
        user_email_hash,
        part_name,
        is_new
    from signups

)

select * from final
