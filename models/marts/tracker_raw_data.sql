with

raw_clicks as (

    select * from {{ ref('int_raw_clicks') }}

),

links as (

    select * from {{ ref('int_links_attributed') }}

),

signups_with_visitors as (

    select
        signups.*,
        raw_clicks.ip,
        raw_clicks.user_agent
    from {{ ref('int_raw_signups') }} as signups
    left join raw_clicks
        on signups.click_id = raw_clicks.click_id

),

{# Copies of a signup that differ in their click or e-mail address alone. #}
deduplicated_signups as (

    {{ earliest_copies(
        'signups_with_visitors',
        key='signup_id',
        instant='signed_up_at',
        tie_breakers=['ip', 'user_agent', 'fraud_score']
        + ['conversion_minutes', 'user_email_hash', 'click_id'],
    ) }}

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
    from raw_clicks
    where is_recent

    union all

    select
        'signup' as event_type,
        signup_id as event_id,
        signed_up_at as occurred_at,
        referral_link_id,
        user_email_hash,
        ip,
        user_agent
    from deduplicated_signups

),

numbered as (

    select
        *,
        {{ reporting_time('occurred_at') }} as event_time,
        cast(row_number() over (
            order by occurred_at desc, event_type desc, event_id desc
        ) as bigint) as newest_first
    from events

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
        {{ shown_user_agent('numbered.user_agent') }} as user_agent,
        numbered.event_id,
        numbered.newest_first
    from numbered
    left join links
        on numbered.referral_link_id = links.referral_link_id
    where numbered.newest_first <= {{ raw_max_rows() }}

)

select * from final
