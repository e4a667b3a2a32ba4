"""A tracker's exports of any size, as Parquet: what `bench/build.py` builds from.

A year of clicks, a file a day; a signup for every twentieth. One event in a hundred comes hours
late, in a later day's file, and one in a thousand is there twice, the copy a day later.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import duckdb

if TYPE_CHECKING:
    from pathlib import Path

LAST_DAY = dt.date(2026, 10, 31)
DAYS = 365
OFFICERS, CAMPAIGNS, LINKS = 200, 40, 2000

CLICKS, SIGNUPS = "tracking_service_clickevent", "tracking_service_signupevent"


def identifier(namespace: str, number: str) -> str:
    """Return SQL for the uuid of a thing with a number; equal numbers give equal uuids."""
    return f"cast(md5('{namespace}' || cast({number} as varchar)) as uuid)"


DESCRIPTIONS = {
    "auth_service_user": f"""
        select {identifier("user", "i")} as id, 'Officer ' || i as full_name
        from range({OFFICERS}) as numbers (i)""",
    "auth_service_officer": f"""
        select {identifier("officer", "i")} as id, {identifier("user", "i")} as user_id
        from range({OFFICERS}) as numbers (i)""",
    "dashboard_service_campaign": f"""
        select
            {identifier("campaign", "i")} as id, 'Campaign ' || i as name,
            timestamptz '2025-11-01 00:00:00+00' as start_date,
            cast(null as timestamptz) as end_date,
            timestamptz '2025-10-01 00:00:00+00' as updated_at
        from range({CAMPAIGNS}) as numbers (i)""",
    "dashboard_service_referrallink": f"""
        select
            {identifier("link", "i")} as id,
            {identifier("officer", f"i % {OFFICERS}")} as officer_id,
            {identifier("campaign", f"i % {CAMPAIGNS}")} as campaign_id,
            timestamptz '2025-10-01 00:00:00+00' as updated_at
        from range({LINKS}) as numbers (i)""",
}


def link_of(hashed: str) -> str:
    """Return SQL for the link of an event by its hash; a few links have most of the events."""
    place = f"cast(floor(power(({hashed} % 1000003) / 1000003.0, 2) * {LINKS}) as bigint)"
    return identifier("link", place)


def clicks(day: int, per_day: int) -> str:
    """Return a query for one day's clicks, oldest first, with what comes late or twice."""
    start = LAST_DAY - dt.timedelta(days=DAYS - 1 - day)
    first = day * per_day
    return f"""
        with numbers as (
            select i, hash(i) as h
            from range({first}, {first + per_day}) as numbers (i)
            union all
            select i, hash(i) as h
            from range({max(first - per_day, 0)}, {first}) as numbers (i)
            where i % 1000 = 7
        )
        select
            {identifier("click", "i")} as id,
            {link_of("h")} as referral_link_id,
            timestamptz '{start} 00:00:00+00' + to_microseconds(
                cast((i - {first}) * (86400000000 / {per_day}) as bigint)
                - case when i % 100 = 3 then cast(3600000000 * (h % 12) as bigint) else 0 end
            ) as timestamp,
            '10.' || (h >> 8) % 8 || '.' || (h >> 16) % 256 || '.' || (h >> 24) % 256 as ip,
            'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/'
                || 100 + (h >> 32) % 40 || '.0.0.' || (h >> 40) % 20
                || if(h % 20 = 0, ' (compatible; Googlebot/2.1)', ' Safari/537.36')
                as user_agent,
            cast((h >> 48) % 12 as double) as fraud_score
        from numbers
        order by timestamp"""


def signups(day: int, per_day: int) -> str:
    """Return a query for one day's signups: ten minutes after every twentieth of its clicks."""
    start = LAST_DAY - dt.timedelta(days=DAYS - 1 - day)
    first = day * per_day
    return f"""
        select
            {identifier("signup", "i")} as id,
            {identifier("click", "i")} as click_event_id,
            {link_of("hash(i)")} as referral_link_id,
            timestamptz '{start} 00:10:00+00' + to_microseconds(
                cast((i - {first}) * (86400000000 / {per_day}) as bigint)
            ) as timestamp,
            10 as conversion_minutes,
            cast(hash(i) % 12 as double) as fraud_score
        from range({first}, {first + per_day}, 20) as numbers (i)
        order by timestamp"""


def write(folder: Path, number: int) -> None:
    """Write the exports of about so many clicks, but for the last day's; what is there is kept."""
    for table in (CLICKS, SIGNUPS):
        (folder / table).mkdir(parents=True, exist_ok=True)
        (folder / table / f"{LAST_DAY}.parquet").unlink(missing_ok=True)
    with duckdb.connect(config={"memory_limit": "2GB"}) as connection:
        connection.execute("set TimeZone = 'UTC'")
        for table, query in DESCRIPTIONS.items():
            connection.execute(f"copy ({query}) to '{folder}/{table}.parquet'")
        for day in range(DAYS - 1):
            date = LAST_DAY - dt.timedelta(days=DAYS - 1 - day)
            if not (folder / SIGNUPS / f"{date}.parquet").exists():
                write_day(connection, folder, number, day)


def write_day(
    connection: duckdb.DuckDBPyConnection, folder: Path, number: int, day: int = DAYS - 1
) -> None:
    """Write one day's files; without `day` those of the last one."""
    date = LAST_DAY - dt.timedelta(days=DAYS - 1 - day)
    for table, query in ((CLICKS, clicks), (SIGNUPS, signups)):
        connection.execute(
            f"copy ({query(day, number // DAYS)}) to '{folder}/{table}/{date}.parquet'"
        )
