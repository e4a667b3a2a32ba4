with

clicks as (

    select * from {{ ref('stg_tracker__clicks') }}

),

final as (

    select click_id
    from clicks
    group by click_id
    having count(*) > 1

)

select * from final
