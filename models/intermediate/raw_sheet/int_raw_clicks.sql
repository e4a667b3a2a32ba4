with

needed as (

    select * from {{ ref('int_raw_click_ids') }}

),

on_several_dates as (

    select event_id
    from {{ events_on_several_dates() }}
    where event_type = 'click'

),

{# Nearly every click of a recent signup is on these dates too: people sign up soon, or never. #}
near as (

    select clicks.*
    from {{ ref('int_events_unioned') }} as clicks
    inner join needed
        on clicks.event_id = needed.click_id
    where
        clicks.event_type = 'click'
        and {{ is_near_dates(
            'clicks.occurred_at', ref('int_raw_dates'),
            first='first_date', last='last_date', days_before=30,
        ) }}

),

missing as (

    select distinct needed.click_id
    from needed
    left join near
        on needed.click_id = near.event_id
    left join on_several_dates
        on needed.click_id = on_several_dates.event_id
    where
        near.event_id is null
        or on_several_dates.event_id is not null

),

{# Only for the few that were not found is all of the history searched, and not at all if there are none. #}
searched_for as (

    select clicks.*
    from {{ ref('int_events_unioned') }} as clicks
    inner join missing
        on clicks.event_id = missing.click_id
    where clicks.event_type = 'click'

),

copies as (

    select * from near
    union all
    select * from searched_for

),

earliest_copies as (

    {{ earliest_copies(
        'copies',
        key='event_id',
        instant='occurred_at',
        tie_breakers=['referral_link_id', 'ip', 'user_agent'],
    ) }}

),

final as (

    select
        needed.click_id,
        earliest_copies.referral_link_id,
        earliest_copies.occurred_at as clicked_at,
        earliest_copies.ip,
        earliest_copies.user_agent,
        needed.is_recent
    from earliest_copies
    inner join needed
        on earliest_copies.event_id = needed.click_id

)

select * from final
