with

wanted as (

    select * from {{ ref('int_click_ids_shown') }}

),

found as (

    select * from {{ ref('int_clicks_near') }}

),

moved as (

    select * from {{ moved_events() }}

),

final as (

    select wanted.click_id
    from wanted
    left join found
        on wanted.click_id = found.click_id
    where found.click_id is null

    union

    select wanted.click_id
    from wanted
    inner join moved
        on wanted.click_id = moved.event_id
    where moved.event_type = 'click'

)

select * from final
