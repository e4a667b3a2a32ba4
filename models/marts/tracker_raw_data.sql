with

clicks as (

    select * from {{ ref('stg_tracker__clicks') }}

),

signups as (

    select * from {{ ref('int_signups_recent') }}

),

clicks_found as (

    select * from {{ ref('int_clicks_shown') }}

),

clicks_missing as (

    select * from {{ ref('int_click_ids_missing') }}

),

wanted_clicks as (

    select * from {{ ref('int_click_ids_shown') }}

),

links as (

    select * from {{ ref('int_links_attributed') }}

),

{# Only the few that were not found near the dates that are shown are looked for in all of the history. #}
clicks_of_any_date as (

    select clicks.*
    from clicks
    inner join clicks_missing
        on clicks.click_id = clicks_missing.click_id
    where {{ has_any('int_click_ids_missing') }}

),

wanted_copies as (

    select
        click_id,
        referral_link_id,
        clicked_at,
        ip,
        user_agent
    from clicks_found

    union all

    select
        click_id,
        referral_link_id,
        clicked_at,
        ip,
        user_agent
    from clicks_of_any_date

),

earliest_clicks as (

    {{ earliest_copies(
        'wanted_copies',
        key='click_id',
        instant='clicked_at',
        tie_breakers=['referral_link_id', 'ip', 'user_agent'],
    ) }}

),

shown_clicks as (

    select
        earliest_clicks.*,
        wanted_clicks.is_recent
    from earliest_clicks
    inner join wanted_clicks
        on earliest_clicks.click_id = wanted_clicks.click_id

),

signups_with_visitors as (

    select
        signups.*,
        shown_clicks.ip,
        shown_clicks.user_agent
    from signups
    left join shown_clicks
        on signups.click_id = shown_clicks.click_id

),

{# Copies of a signup that differ in their click or e-mail address alone. #}
deduplicated_signups as (

    {{ earliest_copies(
        'signups_with_visitors',
        key='signup_id',
        instant='signed_up_at',
        tie_breakers=['ip', 'user_agent', 'user_email_hash', 'click_id'],
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
    from shown_clicks
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
        row_number() over (
            order by occurred_at desc, event_type desc, event_id desc
        ) as newest_first
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
        numbered.user_agent,
        numbered.event_id,
        numbered.newest_first
    from numbered
    left join links
        on numbered.referral_link_id = links.referral_link_id
    where numbered.newest_first <= {{ raw_max_rows() }}

)

select * from final
