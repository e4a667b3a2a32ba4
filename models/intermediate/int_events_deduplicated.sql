{#
    Few events arrive more than once. Only those are compared with each other, beforehand, so that the many others pass
    through here without being sorted.
#}
with

repeated as (

    select * from {{ ref('int_event_hashes_repeated') }}

),

copies as (

    select * from {{ ref('int_events_copied') }}

),

moved as (

    select * from {{ ref('int_events_moved') }}

),

clicks as (

    select clicks.*
    from {{ ref('stg_tracker__clicks') }} as clicks
    left join repeated
        on
            {{ event_hash('clicks.click_id') }} = repeated.event_hash
            and repeated.event_type = 'click'
    where
        {{ is_on_touched_date(
            'click', 'clicks.clicked_at', 'clicks.part_name'
        ) }}
        and repeated.event_hash is null

),

signups as (

    select signups.*
    from {{ ref('stg_tracker__signups') }} as signups
    left join repeated
        on
            {{ event_hash('signups.signup_id') }} = repeated.event_hash
            and repeated.event_type = 'signup'
    where
        {{ is_on_touched_date(
            'signup', 'signups.signed_up_at', 'signups.part_name'
        ) }}
        and repeated.event_hash is null

),

earliest_copies as (

    {{ earliest_copies(
        'copies',
        key='event_type, event_id',
        instant='occurred_at',
        tie_breakers=['referral_link_id', 'ip', 'user_agent'],
    ) }}

),

first_dates as (

    select
        event_type,
        event_id,
        min(event_date) as event_date
    from moved
    group by event_type, event_id

),

{# An event that lies on several dates counts on the first of them, touched or not. #}
earliest as (

    select earliest_copies.*
    from earliest_copies
    left join first_dates
        on
            earliest_copies.event_type = first_dates.event_type
            and earliest_copies.event_id = first_dates.event_id
    where
        first_dates.event_date is null
        or first_dates.event_date = earliest_copies.event_date

),

final as (

    select
        'click' as event_type,
        referral_link_id,
        {{ reporting_date('clicked_at') }} as event_date,
        ip,
        user_agent
    from clicks

    union all

    select
        'signup' as event_type,
        referral_link_id,
        {{ reporting_date('signed_up_at') }} as event_date,
        cast(null as {{ dbt.type_string() }}) as ip,
        cast(null as {{ dbt.type_string() }}) as user_agent
    from signups

    union all

    select
        event_type,
        referral_link_id,
        event_date,
        ip,
        user_agent
    from earliest

)

select * from final
