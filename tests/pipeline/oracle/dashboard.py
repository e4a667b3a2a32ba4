"""The numbers of the dashboard, in blocks side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.pipeline.oracle.attention import attention
from tests.pipeline.oracle.summaries import time_series_data
from tests.pipeline.oracle.trends import officer_trends

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import date

    from tests.pipeline.oracle.source import Event, Source
    from tests.pipeline.oracle.tables import Row


def dashboard_data(source: Source) -> list[Row]:
    """Return 90 rows, of blocks side by side; those that are shorter end in blanks."""
    campaigns = bars(
        source.attributed,
        {key: campaign.name for key, campaign in source.campaigns.items()},
        lambda event: event.campaign_id,
    )
    rated: list[Row] = [
        (name, source.rate(events))
        for name, events, count in campaigns
        if source.clicks(events) >= 30 and count == 1
    ]
    rated.sort(key=lambda bar: -bar[1])
    # All others are in the eleventh row again.
    others = [(name, events) for name, events, count in campaigns if count > 1]
    if others and source.clicks(others[0][1]) >= 30:
        blank = (None, None)
        rated += [blank] * (10 - len(rated)) + [(others[0][0], source.rate(others[0][1]))]
    blocks: list[list[Row]] = [
        periods(source),
        [
            (day, clicks, clicks_a_day, signups, signups_a_day)
            for day, clicks, signups, _, _, clicks_a_day, signups_a_day in time_series_data(source)
        ],
        [
            (name, source.signups(events))
            for name, events, _ in bars(
                source.attributed, source.officers, lambda event: event.officer_id
            )
        ],
        [(name, source.signups(events)) for name, events, _ in campaigns],
        rated,
        [(source.settings.reporting_timezone, *findings_shown(source)), (None, None), (None, None)],
        [
            ("Act" if severity == 1 else "Look", sentence, since)
            for severity, _, sentence, since, *_ in attention(source)[:3]
        ]
        or [(None, "Nothing needs attention.", None)],
        moved(source, 1),
        moved(source, -1),
    ]
    blanks = [(None,) * width for width in (10, 5, 2, 2, 2, 2, 3, 3, 3)]
    return [
        (number + 1, *(cell for part in parts for cell in part))
        for number, parts in enumerate(
            [
                rows[number] if number < len(rows) else blank
                for rows, blank in zip(blocks, blanks, strict=True)
            ]
            for number in range(90)
        )
    ]


def findings_shown(source: Source) -> Row:
    """Return how many findings the dashboard leaves out, in words; blank if it shows all."""
    count = len(attention(source))
    return (f"3 of {count}; all are in Attention" if count > 3 else None,)


def moved(source: Source, sign: int) -> list[Row]:
    """Return the three officers with the largest rise of signups, or fall if `sign` is -1."""
    ranked = sorted(
        (-sign * (now - before), -now, name or officer_id, officer_id)
        for officer_id, name, now, before, *_ in officer_trends(source)
        if sign * (now - before) > 0
    )
    return [(name, -now, -sign * change) for change, now, name, _ in ranked[:3]] or [
        ("Nobody", None, None)
    ]


def periods(source: Source) -> list[Row]:
    """Return what is said of all dates, the last 7 and 30, and as many before each of those."""
    settings = source.settings
    week, fortnight = settings.last_dates(7), settings.last_dates(14)
    month, months = settings.last_dates(30), settings.last_dates(60)
    everything = sorted({source.date_of(event) for event in source.attributed})

    def totals(dates: Sequence[date]) -> tuple[date | None, int, int, float | None]:
        wanted = set(dates)
        events = [event for event in source.attributed if source.date_of(event) in wanted]
        latest = max((source.date_of(event) for event in events), default=None)
        return latest, source.clicks(events), source.signups(events), source.rate(events)

    rows = []
    for name, dates, before in (
        ("All dates", everything, None),
        ("Last 7 days", week, fortnight[:7]),
        ("7 days before", fortnight[:7], None),
        ("Last 30 days", month, months[:30]),
        ("30 days before", months[:30], None),
    ):
        latest, *numbers = totals(dates)
        compared = totals(before)[1:] if before else (None, None, None)
        changes = [
            number / other - 1 if number is not None and other else None
            for number, other in zip(numbers[:2], compared[:2], strict=True)
        ]
        rate, earlier = numbers[2], compared[2]
        changes.append(None if rate is None or earlier is None else rate - earlier)
        first, last = (dates[0], dates[-1]) if dates is not everything else (None, week[-1])
        pairs = [cell for pair in zip(numbers, changes, strict=True) for cell in pair]
        rows.append((name, first, last, latest, *pairs))
    return rows


def bars(
    events: Sequence[Event],
    names: Mapping[str, str | None],
    owner: Callable[[Event], str | None],
) -> list[tuple[str, list[Event], int]]:
    """Return bars: a name, its events, and the number of its officers or campaigns.

    The ten with most signups, then clicks, then by name and id; all others are one bar.
    """
    ranked = []
    for key, name in names.items():
        own = [event for event in events if owner(event) == key]
        signups = sum(event.kind == "signup" for event in own)
        ranked.append((-signups, signups - len(own), name or key, key, own))
    ranked.sort(key=lambda rank: rank[:4])
    shown = [
        (name if len(name) <= 24 else f"{name[:14]}…{name[-9:]}", own, 1)
        for *_, name, _, own in ranked
    ]
    others = shown[10:]
    if len(others) > 1:
        together = [event for _, own, _ in others for event in own]
        return [*shown[:10], (f"Others ({len(others)})", together, len(others))]
    return shown
