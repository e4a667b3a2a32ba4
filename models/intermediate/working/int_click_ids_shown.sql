-- depends_on: {{ ref('int_link_days_counted') }}
{# It writes down which events moved. #}
with

clicks as (

    select
        click_id,
        min(clicked_at) as clicked_at
    from {{ ref('stg_tracker__clicks') }}
    where
        {{ reporting_date('clicked_at') }} between
        {{ days_before_as_of(raw_days() - 1) }} and {{ days_before_as_of(0) }}
    group by click_id

),

signups as (

    select * from {{ ref('int_signups_recent') }}

),

counted_earlier as (

    {{ moved_before('click', days_before_as_of(raw_days() - 1)) }}

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
