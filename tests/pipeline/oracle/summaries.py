"""The worksheets about officers, campaigns and dates."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from itertools import groupby
from typing import TYPE_CHECKING

from tests.pipeline.oracle.values import nulls_last, required

if TYPE_CHECKING:
    from tests.pipeline.oracle.source import Event, Source
    from tests.pipeline.oracle.tables import Row


def officer_summary(source: Source) -> list[Row]:
    """Return one row per officer, those without events included."""
    rows = []
    for officer_id, name in source.officers.items():
        events = [event for event in source.attributed if event.officer_id == officer_id]
        rows.append(
            (
                officer_id,
                name,
                source.clicks(events),
                source.signups(events),
                source.rate(events),
                source.unique_clicks(events),
                source.signups(events, source.settings.last_dates(7)),
                source.signups(events, source.settings.last_dates(30)),
                source.last_signup(events),
            )
        )
    # Most signups first, then clicks, then name, then id.
    return sorted(rows, key=lambda row: (-row[3], -row[2], *nulls_last(row[1], row[0])))


def campaign_summary(source: Source) -> list[Row]:
    """Return one row per campaign."""
    settings = source.settings
    rows = []
    for campaign_id, campaign in source.campaigns.items():
        events = [event for event in source.attributed if event.campaign_id == campaign_id]
        start = settings.date_of(campaign.start) if campaign.start else None
        end = settings.date_of(campaign.end) if campaign.end else None
        rows.append(
            (
                campaign_id,
                campaign.name,
                start,
                end,
                source.clicks(events),
                source.signups(events),
                source.rate(events),
                signups_per_day(source.signups(events), start, end, settings.as_of_date),
                source.unique_clicks(events),
                len({event.officer_id for event in events}),
                source.last_signup(events),
            )
        )
    # Newest start first, then name, then id.
    return sorted(
        rows,
        key=lambda row: nulls_last(-row[2].toordinal() if row[2] else None, row[1], row[0]),
    )


def signups_per_day(
    signups: int, start: date | None, end: date | None, as_of_date: date
) -> float | None:
    """Return signups by the number of dates from the start to the end or the as-of date.

    Both are included. None before the campaign starts, or where it ends before it starts.
    """
    last = as_of_date if end is None else min(end, as_of_date)
    if start is None or last < start:
        return None
    return signups / ((last - start).days + 1)


def time_series_data(source: Source) -> list[Row]:
    """Return exactly 90 rows, one per date, oldest first."""
    by_date: dict[date, list[Event]] = defaultdict(list)
    for event in source.attributed:
        by_date[source.date_of(event)].append(event)
    rows = []
    for day in source.settings.last_dates(90):
        events = by_date[day]
        # The date and the six before it, also those before the 90.
        week = [event for back in range(7) for event in by_date[day - timedelta(days=back)]]
        rows.append(
            (
                day,
                source.clicks(events),
                source.signups(events),
                source.rate(events),
                source.unique_clicks(events),
                source.clicks(week) / 7,
                source.signups(week) / 7,
            )
        )
    return rows


def daily_metrics(source: Source) -> list[Row]:
    """Return one row per date and link with at least one event, of the last 90 dates."""
    window = set(source.settings.last_dates(90))
    return [row for row in daily_history(source) if row[0] in window]


def daily_history(source: Source) -> list[Row]:
    """Return the rows of `daily_metrics` for every date there is."""

    def grain(event: Event) -> tuple[date, str]:
        return source.date_of(event), required(event.link_id)

    rows = []
    for (day, link_id), group in groupby(sorted(source.attributed, key=grain), key=grain):
        events = list(group)
        officer_id, campaign_id = source.links[link_id]
        assert officer_id is not None
        assert campaign_id is not None
        rows.append(
            (
                day,
                link_id,
                source.link_rows[link_id].get("ref_code"),
                officer_id,
                source.officers[officer_id],
                campaign_id,
                source.campaigns[campaign_id].name,
                source.clicks(events),
                source.signups(events),
                source.rate(events),
                source.unique_clicks(events),
            )
        )
    # By date, then officer name, campaign name, link id.
    return sorted(rows, key=lambda row: (row[0], *nulls_last(row[4], row[6], row[1])))
