with

officers as (

    select * from {{ ref('stg_tracker__officers') }}

),

users as (

    select * from {{ ref('stg_tracker__users') }}

),

latest_officers as (

    {{ newest_version('officers', 'officer_id') }}

),

latest_users as (

    {{ newest_version('users', 'user_id') }}

),

final as (

    select
        latest_officers.officer_id,
        latest_users.full_name as officer_name
    from latest_officers
    left join latest_users
        on latest_officers.user_id = latest_users.user_id

)

select * from final
