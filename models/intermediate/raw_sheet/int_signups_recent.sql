-- depends_on: {{ ref('int_link_days_counted') }}
{# It writes down which events moved, and tells on which dates the newest events lie. #}
with

signups as (

    select * from {{ ref('stg_tracker__signups') }}
    where
        {{ is_between_dates('signed_up_at', first_date_shown(), as_of_date()) }}

),

counted_earlier as (

    {{ moved_before('signup', first_date_shown()) }}

),

ranked as (

    select
        signups.*,
        rank() over (
            partition by signups.signup_id
            order by
                signups.signed_up_at,
                signups.referral_link_id nulls last
        ) as copy_rank
    from signups
    left join counted_earlier
        on signups.signup_id = counted_earlier.event_id
    where counted_earlier.event_id is null

),

numbered as (

    select
        *,
        dense_rank() over (
            order by signed_up_at desc, signup_id desc
        ) as newest_first
    from ranked
    where copy_rank = 1

),

final as (

    select
        signup_id,
        referral_link_id,
        signed_up_at,
        click_id,
        user_email_hash
    from numbered
    where newest_first <= {{ raw_max_rows() }}

)

select * from final
