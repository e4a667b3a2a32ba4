with

findings as (

    select * from {{ ref('int_tracker_watched') }}
    union all
    select * from {{ ref('int_signups_watched') }}
    union all
    select * from {{ ref('int_links_watched') }}
    union all
    select * from {{ ref('int_campaigns_watched') }}

),

rated as (

    select
        *,
        case
            when
                rule_name in (
                    'tracker_silent',
                    'officer_down',
                    'campaign_down',
                    'one_visitor'
                )
                then 1
            else 2
        end as severity
    from findings

),

numbered as (

    select
        *,
        row_number() over (
            order by
                severity asc,
                abs(number - expected) desc,
                subject asc,
                rule_name asc,
                since asc,
                finding asc
        ) as finding_rank
    from rated

),

final as (

    select
        cast(finding_rank as bigint) as finding_rank,
        cast(severity as bigint) as severity,
        subject,
        finding,
        since,
        cast(number as bigint) as number,
        cast(expected as double) as expected,
        rule_name
    from numbered
    where finding_rank <= 50

)

select * from final
