with

signups as (

    select * from {{ ref('int_events_unioned') }}
    where
        event_type = 'signup'
        and {{ is_on_raw_dates(ref('int_raw_dates')) }}

),

counted_earlier as (

    {{ counted_before_raw_dates(
        'signup', ref('int_raw_dates')
    ) }}

),

ranked as (

    select
        signups.*,
        rank() over (
            partition by signups.event_id
            order by
                signups.occurred_at,
                signups.referral_link_id nulls last
        ) as copy_rank
    from signups
    left join counted_earlier
        on signups.event_id = counted_earlier.event_id
    where counted_earlier.event_id is null

),

numbered as (

    select
        *,
        dense_rank() over (
            order by occurred_at desc, event_id desc
        ) as newest_first
    from ranked
    where copy_rank = 1

),

final as (

    select
        event_id as signup_id,
        referral_link_id,
        occurred_at as signed_up_at,
        click_id,
        user_email_hash,
        fraud_score,
        conversion_minutes
    from numbered
    where newest_first <= {{ raw_max_rows() }}

)

select * from final
