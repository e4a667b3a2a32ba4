with

signups as (

    select * from {{ ref('stg_tracker__signups') }}

),

ranked as (

    select
        *,
        rank() over (
            partition by signup_id
            order by signed_up_at, referral_link_id nulls last
        ) as copy_rank
    from signups

),

final as (

    select
        signup_id,
        referral_link_id,
        signed_up_at,
        click_id,
        user_email_hash
    from ranked
    where copy_rank = 1

)

select * from final
