with

changes as (

    select
        officer_id,
        signups_last_30_days as total_signups,
        coalesce(nullif(officer_name, ''), officer_id) as officer,
        signups_last_30_days - signups_before as signups_change
    from {{ ref('officer_trends') }}

),

final as (

    select
        officer,
        total_signups,
        signups_change,
        signups_change > 0 as is_up,
        row_number() over (
            partition by signups_change > 0
            order by
                abs(signups_change) desc,
                total_signups desc,
                officer asc,
                officer_id asc
        ) as row_number
    from changes
    where signups_change <> 0

)

select * from final
