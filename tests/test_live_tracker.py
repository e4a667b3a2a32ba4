"""The tracker's own database, and exports that grow: each build is what a full one would be.

A tracker is filled in random batches, with events that come late, at equal times, again, for links
that are not known yet, that change and that go; with other names, zones and as-of dates. After each
batch it is built, on what is there from the builds before, and the marts are the oracle's.
"""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING

import pytest

from tests import oracle, tracker_data, tracker_files
from tests.conftest import Dbt, Run
from tests.databases import PostgresTracker, SqliteTracker, held
from tests.oracle import CLICKS, SIGNUPS, TABLES, Settings
from tests.tracker_data import Shape

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.oracle import SourceRow, Tracker

SEEDS = [int(seed) for seed in os.environ.get("REFSYNC_TEST_SEEDS", "1").split(",")]
"""More of them try harder: `REFSYNC_TEST_SEEDS=2,3,4 pytest tests/test_live_tracker.py`."""

BATCHES = int(os.environ.get("REFSYNC_TEST_BATCHES", "4"))


def settings_of(random: Random, number: int, usual: Settings) -> Settings:
    """Return what a build is told: mostly the usual, sometimes another date, once another zone.

    A build in another zone counts everything anew, and so does the one that is back: few do, or
    nothing would be tried of builds that count what changed.
    """
    if number == 1:
        return replace(usual, reporting_timezone=random.choice(tracker_data.ZONES))
    if number % 3 == 0:
        return replace(usual, as_of_date=usual.as_of_date + timedelta(days=random.randint(-40, 2)))
    return usual


def variables(settings: Settings) -> dict[str, str | int]:
    return {
        "as_of_date": str(settings.as_of_date),
        "reporting_timezone": settings.reporting_timezone,
        "raw_days": settings.raw_days,
        "raw_max_rows": settings.raw_max_rows,
        "ip_privacy": settings.ip_privacy,
        "user_agent_privacy": settings.user_agent_privacy,
    }


def built(dbt: Dbt, settings: Settings) -> Run:
    run = dbt("run", **variables(settings))
    assert run.success, run.output
    return run


def shape_of(seed: int) -> Shape:
    """Return a tracker to draw batches from, with windows that cut through its events."""
    random = Random(seed)
    return Shape(
        seed=seed,
        settings=Settings(
            as_of_date=random.choice(tracker_data.AS_OF_DATES),
            reporting_timezone=random.choice(tracker_data.ZONES),
            raw_days=random.choice((30, 7, 90)),
            raw_max_rows=random.choice((7, 30, 50_000)),
            ip_privacy="full",
        ),
        clicks=80,
        signups=40,
        links=12,
        parts=6,
        formats=tracker_data.FORMATS,
    )


class Batches:
    """The rows of a database over time: what was there, and what comes, changes and goes.

    With keys an id has one row, and a copy takes the place of what was there. Without, copies pile
    up as in an export.
    """

    def __init__(self, seed: int, *, has_keys: bool) -> None:
        self.random = Random(seed)
        self.has_keys = has_keys
        drawn = tracker_data.rows(tracker_data.make(shape_of(seed)))
        self.pool = {
            table: [held(table, row) for part in drawn[table] for row in part] for table in TABLES
        }
        self.rows: dict[str, list[SourceRow]] = {table: [] for table in TABLES}

    def __iter__(self) -> Iterator[Tracker]:
        yield self.tracker()  # no events yet, nor anything else
        for _ in range(BATCHES):
            for table in TABLES:
                is_event = table in {CLICKS, SIGNUPS}
                if is_event or self.random.random() < 0.5:
                    self.change(table)
            yield self.tracker()
        yield self.tracker()  # nothing new

    def change(self, table: str) -> None:
        rows, pool = self.rows[table], self.pool[table]
        if rows and self.random.random() < 0.4:
            for _ in range(self.random.randint(1, 4)):
                rows.remove(self.random.choice(rows)) if rows else None
        for row in self.random.sample(pool, self.random.randint(0, len(pool) // 4)):
            if self.has_keys:
                rows[:] = [other for other in rows if other["id"] != row["id"]]
            rows.append(row)

    def tracker(self) -> Tracker:
        return {table: [list(rows)] for table, rows in self.rows.items()}


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("keys", ["keys", "no keys"])
@pytest.mark.parametrize("kind", ["postgres", "sqlite"])
def test_every_batch_of_a_database_is_counted_exactly(
    kind: str, keys: str, seed: int, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    has_keys = keys == "keys"
    database = (
        PostgresTracker(request.getfixturevalue("postgres_database"), has_keys)
        if kind == "postgres"
        else SqliteTracker(tmp_path / "tracker.sqlite3", has_keys)
    )
    dbt = Dbt(tmp_path, tracker_url=database.url)
    random, usual = Random(seed), shape_of(seed).settings
    for number, tracker in enumerate(Batches(seed, has_keys=has_keys)):
        settings = settings_of(random, number, usual)
        database.fill(tracker)
        built(dbt, settings)
        assert dbt.marts() == oracle.worksheets(tracker, settings), (number, settings)


@pytest.mark.parametrize("seed", SEEDS)
def test_every_export_is_counted_exactly(tmp_path: Path, seed: int) -> None:
    """Files come, are written again with other rows, and go; their rows overlap."""
    random, shape = Random(seed), shape_of(seed)
    export = tracker_files.GrowingExport(tmp_path / "raw", tracker_data.make(shape), random)
    dbt = Dbt(tmp_path, export.folder)
    untouched = []
    for number in range(BATCHES + 2):
        settings = settings_of(random, number, shape.settings)
        tracker = export.arrive()
        untouched.append(export.untouched)
        built(dbt, settings)
        assert dbt.marts() == oracle.worksheets(tracker, settings), number
    assert any(untouched)
