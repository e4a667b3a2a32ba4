{#
    Findings about officers and campaigns with fewer or more signups than chance explains. If nothing has changed, each
    signup is on one of the last dates with the chance that is those dates' part of all, so their number is binomial.
#}
with

compared as (

    select
        *,
        days + days_before as days_of_all,
        count(*) over (
            partition by kind, days
        ) as subjects
    from {{ ref('int_signups_compared') }}
    where signups_of_all >= 20

),

{# 2.58 standard deviations; more where many are compared, since by chance one of many is always far off. #}
margins as (

    select
        *,
        cast(signups_of_all as double) * days / days_of_all as expected,
        sqrt(greatest(cast(6.6564 as double), 5 + 2 * ln(subjects)))
        * sqrt(cast(signups_of_all as double) * days * days_before)
        / days_of_all as margin
    from compared

),

findings as (

    select
        *,
        '_down' as direction
    from margins
    where signups + 0.5 < expected - margin

    union all

    select
        *,
        '_up' as direction
    from margins
    where
        days = 7
        and signups - 0.5 > expected + margin

),

{# One finding for each: that of the last 7 dates, if there are two. #}
ranked as (

    select
        *,
        row_number() over (
            partition by kind, subject_id
            order by days asc
        ) as finding_number
    from findings

),

final as (

    select
        kind || direction as rule,
        subject,
        case
            when days = 7 then {{ days_before_as_of(6) }}
            else {{ days_before_as_of(27) }}
        end as since,
        signups as number,
        expected,
        case kind when 'officer' then 'Officer ' else 'Campaign ' end
        || subject || ': ' || {{ counted('signups', 'signup') }}
        || ' in the last ' || cast(days as {{ dbt.type_string() }})
        || ' days, ' || {{ one_decimal('expected') }} || ' expected.' as finding
    from ranked
    where finding_number = 1

)

select * from final
