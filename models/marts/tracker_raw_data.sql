-- depends_on: {{ ref('int_link_days_counted') }}
{# Both read the events; what is wrong with them is said once, there. #}
with

clicks as (

    select * from {{ ref('int_clicks_deduplicated') }}

),

signups as (

    select * from {{ ref('int_signups_deduplicated') }}

),

links as (

    select * from {{ ref('int_links_attributed') }}

),

events as (

    select
        'click' as event_type,
        click_id as event_id,
        clicked_at as occurred_at,
        referral_link_id,
        cast(null as {{ dbt.type_string() }}) as user_email_hash,
        ip,
        user_agent
    from clicks

    union all

    select
        'signup' as event_type,
        signup_id as event_id,
        signed_up_at as occurred_at,
        referral_link_id,
        user_email_hash,
        ip,
        user_agent
    from signups

),

numbered as (

    select
        *,
        {{ reporting_time('occurred_at') }} as event_time,
        row_number() over (
            order by occurred_at desc, event_type desc, event_id desc
        ) as newest_first
    from events
    where
        {{ reporting_date('occurred_at') }} between
        {{ days_before_as_of(raw_days() - 1) }} and {{ days_before_as_of(0) }}

),

final as (

    select
        numbered.event_time,
        numbered.event_type,
        numbered.referral_link_id,
        links.officer_id,
        links.campaign_id,
        links.campaign_name,
        numbered.user_email_hash,
        {{ shown_ip('numbered.ip') }} as ip,
        numbered.user_agent,
        numbered.event_id,
        numbered.newest_first
    from numbered
    left join links
        on numbered.referral_link_id = links.referral_link_id
    where numbered.newest_first <= {{ raw_max_rows() }}

)

select * from final
