-- depends_on: {{ ref('int_link_days_counted') }}
{# It writes down which events moved, and tells on which dates the newest events lie. #}
with

clicks as (

    select
        click_id,
        min(clicked_at) as clicked_at
    from {{ ref('stg_tracker__clicks') }}
    where
        {{ is_between_dates('clicked_at', first_date_shown(), as_of_date()) }}
    group by click_id

),

signups as (

    select * from {{ ref('int_signups_recent') }}

),

counted_earlier as (

    {{ moved_before('click', first_date_shown()) }}

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

wanted as (

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
    from wanted
    group by click_id

)

select * from final
