-- What the five worksheets say, asked of the same files by hand: the limit that `bench/build.py` measures dbt against.
-- No state, no tests, no second source, no error that names a file; the same rules for events, dates and windows.
-- {folder}, {as_of} and {date_of}, the conversion of an instant to a date that refsync makes as well, are filled in.

create temp view clicks as
select
    id,
    referral_link_id,
    "timestamp",
    {date_of} as event_date,
    ip,
    user_agent
from read_parquet('{folder}/tracking_service_clickevent/*.parquet');

create temp view signups as
select
    id,
    click_event_id,
    referral_link_id,
    "timestamp",
    {date_of} as event_date
from read_parquet('{folder}/tracking_service_signupevent/*.parquet');

create temp table repeated as
select id from clicks group by id having count(*) > 1;

create temp table links as
select
    links.id as referral_link_id,
    officers.id as officer_id,
    users.full_name as officer_name,
    campaigns.id as campaign_id,
    campaigns.name as campaign_name
from read_parquet('{folder}/dashboard_service_referrallink.parquet') as links
inner join read_parquet('{folder}/auth_service_officer.parquet') as officers on links.officer_id = officers.id
inner join read_parquet('{folder}/dashboard_service_campaign.parquet') as campaigns on links.campaign_id = campaigns.id
left join read_parquet('{folder}/auth_service_user.parquet') as users on officers.user_id = users.id;

create temp table counted_signups as
select * from signups
qualify row_number() over (partition by id order by "timestamp", referral_link_id nulls last) = 1;

create temp table link_days as
with counted_clicks as (
    select clicks.referral_link_id, clicks.event_date, clicks.ip, clicks.user_agent
    from clicks
    anti join repeated on clicks.id = repeated.id
    union all
    select referral_link_id, event_date, ip, user_agent
    from (
        select * from clicks
        where id in (select id from repeated)
        qualify row_number() over (
            partition by id order by "timestamp", referral_link_id nulls last, ip nulls last, user_agent nulls last
        ) = 1
    )
),

visitors as (
    select event_date, referral_link_id, ip, user_agent, count(*) as clicks
    from counted_clicks
    group by all
),

counted as (
    select event_date, referral_link_id, clicks, 1 as unique_clicks, 0 as signups from visitors
    union all
    select event_date, referral_link_id, 0, 0, 1 from counted_signups
)

select
    event_date,
    referral_link_id,
    sum(clicks) as total_clicks,
    sum(signups) as total_signups,
    sum(unique_clicks) as unique_clicks
from counted
where event_date <= date '{as_of}'
group by all;

create temp table credited as
select * from link_days inner join links using (referral_link_id);

create table officer_summary as
select
    officers.id,
    any_value(full_name) as officer_name,
    coalesce(sum(total_clicks), 0) as total_clicks,
    coalesce(sum(total_signups), 0) as total_signups,
    sum(total_signups) / nullif(sum(total_clicks), 0) as rate,
    coalesce(sum(unique_clicks), 0) as unique_clicks,
    coalesce(sum(total_signups) filter (where event_date > date '{as_of}' - 7), 0) as last_7,
    coalesce(sum(total_signups) filter (where event_date > date '{as_of}' - 30), 0) as last_30,
    max(event_date) filter (where total_signups > 0) as last_signup_date
from read_parquet('{folder}/auth_service_officer.parquet') as officers
left join read_parquet('{folder}/auth_service_user.parquet') as users on officers.user_id = users.id
left join credited on officers.id = credited.officer_id
group by officers.id;

create table campaign_summary as
select
    campaigns.id,
    any_value(name) as campaign_name,
    any_value(start_date) as start_date,
    any_value(end_date) as end_date,
    coalesce(sum(total_clicks), 0) as total_clicks,
    coalesce(sum(total_signups), 0) as total_signups,
    sum(total_signups) / nullif(sum(total_clicks), 0) as rate,
    coalesce(sum(total_signups), 0) / (
        1 + date_diff('day', cast(any_value(start_date) as date), date '{as_of}')
    ) as average_signups_per_day,
    coalesce(sum(unique_clicks), 0) as unique_clicks,
    count(distinct officer_id) as active_officers,
    max(event_date) filter (where total_signups > 0) as last_signup_date
from read_parquet('{folder}/dashboard_service_campaign.parquet') as campaigns
left join credited on campaigns.id = credited.campaign_id
group by campaigns.id;

create table time_series_data as
with filled as (
    select
        cast(day as date) as event_date,
        coalesce(sum(total_clicks), 0) as clicks,
        coalesce(sum(total_signups), 0) as signups,
        coalesce(sum(unique_clicks), 0) as unique_clicks
    from range(timestamp '{as_of}' - interval 95 days, timestamp '{as_of}' + interval 1 day, interval 1 day) as days (day)
    left join credited on credited.event_date = cast(day as date)
    group by 1
)

select
    *,
    signups / nullif(clicks, 0) as rate,
    avg(clicks) over seven as clicks_average,
    avg(signups) over seven as signups_average
from filled
window seven as (order by event_date rows 6 preceding)
qualify event_date > date '{as_of}' - 90;

create table daily_metrics as
select *, total_signups / nullif(total_clicks, 0) as rate
from credited
where event_date > date '{as_of}' - 90;

create table tracker_raw_data as
with shown_signups as (
    select * from counted_signups
    where event_date between date '{as_of}' - 29 and date '{as_of}'
    order by "timestamp" desc, id desc
    limit 50000
),

newest_clicks as (
    select id, true as is_recent
    from (
        select id, min("timestamp") as "timestamp" from clicks
        where event_date between date '{as_of}' - 29 and date '{as_of}'
        group by id
    )
    order by "timestamp" desc, id desc
    limit 50000
),

wanted as (
    select id, max(is_recent) as is_recent
    from (
        select * from newest_clicks
        union all
        select click_event_id, false from shown_signups
    )
    group by id
),

visits as (
    select clicks.*, is_recent
    from clicks
    inner join wanted on clicks.id = wanted.id
    qualify row_number() over (
        partition by clicks.id order by "timestamp", referral_link_id nulls last, ip nulls last, user_agent nulls last
    ) = 1
),

events as (
    select "timestamp", 'click' as event_type, id, referral_link_id, ip, user_agent
    from visits
    where is_recent
    union all
    select shown_signups."timestamp", 'signup', shown_signups.id, shown_signups.referral_link_id, ip, user_agent
    from shown_signups
    left join visits on visits.id = click_event_id
)

select events.*, links.* exclude (referral_link_id)
from events
left join links using (referral_link_id)
order by "timestamp" desc, event_type desc, id desc
limit 50000;
