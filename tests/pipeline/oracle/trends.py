"""The worksheet that compares the last 30 dates with the 30 before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.pipeline.oracle.values import nulls_last

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from tests.pipeline.oracle.source import Event, Source
    from tests.pipeline.oracle.tables import Row


def officer_trends(source: Source) -> list[Row]:
    """Return one row per officer: the last 30 dates, and the 30 before."""
    months = source.settings.last_dates(60)
    last, before = set(months[30:]), set(months[:30])

    def of(officer_id: str, dates: set[date]) -> list[Event]:
        return [
            event
            for event in source.attributed
            if event.officer_id == officer_id and source.date_of(event) in dates
        ]

    signups = {key: source.signups(of(key, last)) for key in source.officers}
    signups_before = {key: source.signups(of(key, before)) for key in source.officers}
    rows = []
    for officer_id, name in source.officers.items():
        now, then = of(officer_id, last), of(officer_id, before)
        rate, rate_before = source.rate(now), source.rate(then)
        rank = rank_in(signups, officer_id)
        rank_before = rank_in(signups_before, officer_id)
        latest = source.last_signup(
            event for event in source.attributed if event.officer_id == officer_id
        )
        rows.append(
            (
                officer_id,
                name,
                signups[officer_id],
                signups_before[officer_id],
                change(signups[officer_id], signups_before[officer_id]),
                source.clicks(now),
                source.clicks(then),
                change(source.clicks(now), source.clicks(then)),
                rate,
                rate_before,
                None if rate is None or rate_before is None else rate - rate_before,
                rank,
                rank_before,
                None if rank is None or rank_before is None else rank_before - rank,
                signups[officer_id] / sum(signups.values()) if sum(signups.values()) else None,
                len({source.date_of(event) for event in now if event.kind == "signup"}),
                (source.settings.as_of_date - latest).days if latest else None,
            )
        )
    # Most signups of the last 30 dates first, then clicks of those, then name, then id.
    return sorted(rows, key=lambda row: (-row[2], -row[5], *nulls_last(row[1], row[0])))


def change(number: int, before: int) -> float | None:
    """Return by how much a number is above one before, as a part of it; None of nothing."""
    return number / before - 1 if before else None


def rank_in(signups: Mapping[str, int], key: str) -> int | None:
    """Return one more than how many have more signups; None for one without any."""
    if not signups[key]:
        return None
    return 1 + sum(other > signups[key] for other in signups.values())
