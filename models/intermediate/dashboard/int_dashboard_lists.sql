with

list_rows as (

    select places.row_number
    from (values (1), (2), (3)) as places (row_number)

),

findings as (

    select
        severity,
        finding,
        since,
        finding_rank,
        count(*) over () as findings
    from {{ ref('attention') }}

),

moved as (

    select * from {{ ref('int_officers_moved') }}

),

final as (

    select
        list_rows.row_number,
        case when list_rows.row_number = 1 then '{{ reporting_timezone() }}' end
            as reporting_timezone,
        case
            when list_rows.row_number = 1 and findings.findings > 3
                then
                    '3 of '
                    || cast(findings.findings as {{ dbt.type_string() }})
                    || '; all are in Attention'
        end as findings_shown,
        case
            when findings.severity = 1 then 'Act'
            when findings.severity = 2 then 'Look'
        end as finding_mark,
        case
            when list_rows.row_number = 1
                then coalesce(findings.finding, 'Nothing needs attention.')
            else findings.finding
        end as finding,
        findings.since as finding_since,
        case
            when list_rows.row_number = 1 then coalesce(risen.officer, 'Nobody')
            else risen.officer
        end as risen_officer,
        risen.total_signups as risen_signups,
        risen.signups_change as risen_change,
        case
            when
                list_rows.row_number = 1
                then coalesce(fallen.officer, 'Nobody')
            else fallen.officer
        end as fallen_officer,
        fallen.total_signups as fallen_signups,
        fallen.signups_change as fallen_change
    from list_rows
    left join findings
        on list_rows.row_number = findings.finding_rank
    left join moved as risen
        on list_rows.row_number = risen.row_number and risen.is_up
    left join moved as fallen
        on list_rows.row_number = fallen.row_number and not fallen.is_up

)

select * from final
