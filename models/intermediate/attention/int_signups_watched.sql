{#
    Findings about officers and campaigns with fewer or more signups than chance explains. If nothing has changed, each
    of the signups of 35 dates is on one of the last 7 with a chance of a fifth, so their number is binomial. A finding
    needs 2.58 standard deviations, less half a signup, because signups are whole numbers.
#}
with

compared as (

    select
        *,
        cast(signups_last_35_days as double) / 5 as expected,
        sqrt(4 * cast(signups_last_35_days as double) / 25) as deviation
    from {{ ref('int_signups_compared') }}
    where signups_last_35_days >= 20

),

findings as (

    select
        *,
        '_down' as direction
    from compared
    where (signups_last_7_days - expected + 0.5) / deviation < -2.58

    union all

    select
        *,
        '_up' as direction
    from compared
    where (signups_last_7_days - expected - 0.5) / deviation > 2.58

),

final as (

    select
        kind || direction as rule_name,
        subject,
        {{ days_before_as_of(6) }} as since,
        signups_last_7_days as number,
        expected,
        case kind when 'officer' then 'Officer ' else 'Campaign ' end
        || subject || ': ' || {{ counted('signups_last_7_days', 'signup') }}
        || ' in the last 7 days, ' || {{ one_decimal('expected') }}
        || ' expected.' as finding
    from findings

)

select * from final
