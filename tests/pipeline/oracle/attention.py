"""The worksheet of what needs somebody today."""

from __future__ import annotations

import math
from collections import Counter
from datetime import date
from typing import TYPE_CHECKING, Literal

from tests.pipeline.oracle.links import Link, attributed_links

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.pipeline.oracle.source import Source
    from tests.pipeline.oracle.tables import Row

Finding = tuple[int, str, str, date, int, float, str]
"""Severity, subject, sentence, since, number, expected, rule."""


def attention(source: Source) -> list[Row]:
    """Return the 50 most urgent findings."""
    links = attributed_links(source)
    findings = [
        *findings_about_the_tracker(source),
        *findings_about_signups(source, links),
        *findings_about_links(source, links),
    ]
    # Severity, the distance from what was expected, subject, rule, since.
    findings.sort(key=lambda row: (row[0], -abs(row[4] - row[5]), row[1], row[6], row[3], row[2]))
    return [(*row[:5], float(row[5]), row[6]) for row in findings[:50]]


def findings_about_the_tracker(source: Source) -> list[Finding]:
    """Return whether the tracker is silent, and whether some of its events cannot be counted."""
    findings: list[Finding] = []
    latest = max((source.date_of(event) for event in source.events), default=None)
    if latest and (days := (source.settings.as_of_date - latest).days) > 1:
        sentence = f"The tracker has no click or signup since {latest}, for {days} days."
        findings.append((1, "Tracker", sentence, latest, days, 1, "tracker_silent"))
    week = source.settings.last_dates(7)
    lost = [source.date_of(event) for event in source.events if not event.attributed]
    if lost := [day for day in lost if day in week]:
        sentence = (
            f"Not counted in the last 7 days: {counted(len(lost), 'event')} whose link, officer or "
            "campaign is unknown."
        )
        findings.append((2, "Tracker", sentence, min(lost), len(lost), 0, "unattributed"))
    return findings


def counted(number: int, noun: str) -> str:
    """Return a number with what it counts."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def surprise(week: int, total: int) -> Literal["down", "up"] | None:
    """Return whether the signups of the last 7 dates are not a fifth of those of 35.

    Of a number of signups, each with a chance of a fifth, the standard deviation is the root of
    4/25 of it. They are 2.58 of it off, less half a signup.
    """
    if total < 20:
        return None
    distance, deviation = week - total / 5, math.sqrt(4 * total / 25)
    if (distance + 0.5) / deviation < -2.58:
        return "down"
    return "up" if (distance - 0.5) / deviation > 2.58 else None


def findings_about_signups(source: Source, links: Sequence[Link]) -> list[Finding]:
    """Return officers and campaigns whose signups fell or rose by more than chance explains."""
    as_of_date = source.settings.as_of_date
    used = {link.officer_id for link in links if link.status in ("live", "silent")}
    officers = {key: name for key, name in source.officers.items() if key in used}
    running = {
        key: campaign.name
        for key, campaign in source.campaigns.items()
        if not (campaign.start and source.settings.date_of(campaign.start) > as_of_date)
        and not (campaign.end and source.settings.date_of(campaign.end) < as_of_date)
    }
    week, all_dates = source.settings.last_dates(7), source.settings.last_dates(35)
    signups = [event for event in source.attributed if event.kind == "signup"]
    findings = []
    for kind, names in (("officer", officers), ("campaign", running)):
        for key, name in names.items():
            dates = [source.date_of(e) for e in signups if key in (e.officer_id, e.campaign_id)]
            number = sum(day in week for day in dates)
            total = sum(day in all_dates for day in dates)
            if direction := surprise(number, total):
                subject, expected = name or key, total / 5
                sentence = (
                    f"{kind.title()} {subject}: {counted(number, 'signup')} in the last 7 days, "
                    f"{math.floor(expected * 10 + 0.5) / 10:.1f} expected."
                )
                numbers = (week[0], number, expected)
                severity = 1 if direction == "down" else 2
                findings.append((severity, subject, sentence, *numbers, f"{kind}_{direction}"))
    return findings


def findings_about_links(source: Source, links: Sequence[Link]) -> list[Finding]:
    """Return links that one visitor clicks, that fell silent or are late; campaigns that end."""
    findings: list[Finding] = []
    week = source.settings.last_dates(7)
    ending = {}
    for link in links:
        subject = link.code or link.id
        words = f"Link {subject} of {source.officers[link.officer_id] or link.officer_id}"
        for day in week:
            visits = [
                (event.ip, event.user_agent)
                for event in link.events
                if event.kind == "click" and source.date_of(event) == day
            ]
            most = max(Counter(visits).values(), default=0)
            if len(visits) >= 50 and most >= len(visits) / 2:
                sentence = (
                    f"{words}: one visitor made {most} of {counted(len(visits), 'click')} on {day}."
                )
                findings.append((1, subject, sentence, day, most, len(visits) / 2, "one_visitor"))
        if late := link.clicks_after_end(week):
            sentence = (
                f"{words}: {counted(len(late), 'click')} in the last 7 days, after its end on "
                f"{link.last}."
            )
            findings.append((2, subject, sentence, min(late), len(late), 0, "clicks_after_end"))
        if link.status == "silent":
            assert link.days_silent is not None
            sentence = f"{words}: no click for {link.days_silent} days."
            since = link.click_dates[-1]
            findings.append((2, subject, sentence, since, link.days_silent, 14, "link_silent"))
        if link.end and link.status in ("live", "silent"):
            ending[link.campaign_id] = link.end
    for campaign_id, end in ending.items():
        days = (end - source.settings.as_of_date).days
        if 1 <= days <= 7:
            name = source.campaigns[campaign_id].name or campaign_id
            sentence = f"Campaign {name} ends in {counted(days, 'day')}, on {end}."
            findings.append((2, name, sentence, end, days, 7, "campaign_ends"))
    return findings
