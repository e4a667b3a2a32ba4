"""The worksheets about who clicks, and how long after a click a signup comes."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from tests.pipeline.oracle.source import Event, Source, clicks_of
from tests.pipeline.oracle.values import nulls_last, required

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from tests.pipeline.oracle.tables import Row

BOTS = (
    *("bot", "crawl", "spider", "slurp", "preview", "facebookexternalhit", "whatsapp", "mastodon"),
    *("curl/", "wget/", "python-requests", "go-http-client", "headlesschrome", "uptime", "monitor"),
)


def is_bot(user_agent: str | None) -> bool:
    """Whether a user agent is a program's: missing, blank, or with one of the words.

    Cubot is a telephone.
    """
    if user_agent is None or not user_agent.strip():
        return True
    text = user_agent.lower().replace("cubot", " ")
    return any(word in text for word in BOTS)


def bots(events: Iterable[Event]) -> int:
    """Return the number of clicks of programs."""
    return sum(is_bot(event.user_agent) for event in clicks_of(events))


HOUR, DAY, WEEK = 60, 1440, 10080


def minutes_between(
    events: Iterable[Event], first: float | None, last: float = float("inf")
) -> int:
    """Return the signups with minutes from the first up to but not the last; None for unknown."""
    found = 0
    for event in events:
        if event.kind == "signup":
            minutes = event.conversion_minutes
            is_known = minutes is not None and minutes >= 0
            if first is None:
                found += not is_known
            elif minutes is not None:
                found += is_known and first <= minutes < last
    return found


def bins(events: Sequence[Event]) -> tuple[int, int, int, int, int]:
    """Return the signups by how long after their click they came; the last are unknown."""
    return (
        minutes_between(events, 0, HOUR),
        minutes_between(events, HOUR, DAY),
        minutes_between(events, DAY, WEEK),
        minutes_between(events, WEEK),
        minutes_between(events, None),
    )


def link_days(source: Source) -> list[Row]:
    """Return all that is counted of each date and attributed link, of every date there is."""
    by_grain: dict[tuple[date, str], list[Event]] = defaultdict(list)
    for event in source.attributed:
        by_grain[source.date_of(event), required(event.link_id)].append(event)
    return [
        (
            day,
            link_id,
            source.clicks(events),
            source.signups(events),
            source.unique_clicks(events),
            bots(events),
            source.suspects("click", events),
            source.suspects("signup", events),
            source.largest_visitor(events),
            minutes_between(events, 0, 1),
            *bins(events),
        )
        for (day, link_id), events in sorted(by_grain.items())
    ]


def traffic_quality(source: Source) -> list[Row]:
    """Return one row per officer, of the last 30 dates."""
    dates = set(source.settings.last_dates(30))
    rows: list[Row] = []
    for officer_id, name in source.officers.items():
        events = [
            event
            for event in source.attributed
            if event.officer_id == officer_id and source.date_of(event) in dates
        ]
        by_grain: dict[tuple[date, str | None], list[Event]] = defaultdict(list)
        for event in clicks_of(events):
            by_grain[source.date_of(event), event.link_id].append(event)
        clicks, signups, bot_clicks = source.clicks(events), source.signups(events), bots(events)
        humans = clicks - bot_clicks
        rows.append(
            (
                officer_id,
                name,
                clicks,
                bot_clicks,
                bot_clicks / clicks if clicks else None,
                clicks - source.unique_clicks(events),
                source.suspects("click", events),
                max(
                    (
                        source.largest_visitor(group) / len(group)
                        for group in by_grain.values()
                        if len(group) >= 20
                    ),
                    default=None,
                ),
                signups,
                minutes_between(events, 0, 1),
                source.suspects("signup", events),
                signups / humans if humans else None,
            )
        )
    # The greatest share of bots first, blanks last, then clicks, then name, then id.
    return sorted(
        rows,
        key=lambda row: nulls_last(None if row[4] is None else -row[4], -row[2], row[1], row[0]),
    )


def conversion_times(source: Source) -> list[Row]:
    """Return one row per campaign, of the signups of the last 90 dates."""
    dates = set(source.settings.last_dates(90))
    rows: list[Row] = []
    for campaign_id, campaign in source.campaigns.items():
        events = [
            event
            for event in source.attributed
            if event.campaign_id == campaign_id and source.date_of(event) in dates
        ]
        hour, day, week, longer, unknown = bins(events)
        known = hour + day + week + longer
        rows.append(
            (
                campaign_id,
                campaign.name,
                source.signups(events),
                *(hour, day, week, longer, unknown),
                hour / known if known else None,
                (hour + day) / known if known else None,
            )
        )
    return sorted(rows, key=lambda row: (-row[2], *nulls_last(row[1], row[0])))
