{#
    Every link would be unattributed if an export had these two columns under each other's names. Links name officers
    by their id; where they name what stands in user_id, and users have what stands in id, the columns are swapped.
#}
with

officers as (

    select * from {{ ref('stg_tracker__officers') }}

),

users as (

    select user_id from {{ ref('stg_tracker__users') }}

),

links as (

    select officer_id
    from {{ ref('stg_tracker__referral_links') }}
    where officer_id is not null

),

final as (

    select
        officers.officer_id,
        officers.user_id
    from officers
    where
        officers.officer_id in (select users.user_id from users)
        and officers.user_id in (select links.officer_id from links)
        and officers.officer_id not in (select links.officer_id from links)
        and officers.user_id not in (select users.user_id from users)

)

select * from final
