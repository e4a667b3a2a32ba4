with

clicks as (

    select
        event_id as click_id,
        min(occurred_at) as clicked_at
    from {{ ref('int_events_unioned') }}
    where
        event_type = 'click'
        and {{ is_on_raw_dates(ref('int_raw_dates')) }}
    group by event_id

),

signups as (

    select * from {{ ref('int_raw_signups') }}

),

counted_earlier as (

    {{ counted_before_raw_dates(
        'click', ref('int_raw_dates')
    ) }}

),

newest as (

    select clicks.click_id
    from clicks
    left join counted_earlier
        on clicks.click_id = counted_earlier.event_id
    where counted_earlier.event_id is null
    order by clicks.clicked_at desc, clicks.click_id desc
    limit {{ raw_max_rows() }}

),

needed as (

    select
        click_id,
        true as is_recent
    from newest

    union all

    select
        click_id,
        false as is_recent
    from signups
    where click_id is not null

),

final as (

    select
        click_id,
        bool_or(is_recent) as is_recent
    from needed
    group by click_id

)

select * from final
