"""The tracker's own database, and exports that grow: each build is what a full one would be.

A tracker is filled in random batches, with events that come late, at equal times, again, for links
that are not known yet, that change and that go; with other names, zones and as-of dates. After each
batch it is built, on what is there from the builds before, and the marts are the oracle's.

`REFSYNC_TEST_SEEDS=2,3,4 pytest tests/test_live_tracker.py` draws other batches, and
`REFSYNC_TEST_BATCHES=9` more of them. `REFSYNC_TEST_THOROUGH=1` does so too, tries each kind of
database both with keys and without, and builds before the first batch and after the last one again.
`make test` tries PostgreSQL, and exports.
"""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING

import pytest

from tests.conftest import THOROUGH, Dbt
from tests.pipeline import oracle, tracker_data, tracker_files
from tests.pipeline.databases import PostgresTracker, SqliteTracker, held
from tests.pipeline.oracle import CLICKS, SIGNUPS, TABLES, Settings, timestamp
from tests.pipeline.tracker_data import ZONES, Shape

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.pipeline.oracle import SourceRow, Tracker

SEEDS = [
    int(seed)
    for seed in os.environ.get("REFSYNC_TEST_SEEDS", "19,1,2" if THOROUGH else "19").split(",")
]
"""What the batches are drawn from, one after the other."""

BATCHES = int(os.environ.get("REFSYNC_TEST_BATCHES", "7" if THOROUGH else "2"))

DATABASES = [("postgres", "keys")]
if THOROUGH:
    DATABASES += [("postgres", "no keys"), ("sqlite", "keys"), ("sqlite", "no keys")]


def settings_of(seed: int, number: int, *, first_zone: int = 4) -> Settings:
    """Return a build's variables: sometimes another date, and another zone every few builds.

    A build in another zone, the first of which is `first_zone`, or with another threshold counts
    everything again. The others count what changed.
    """
    usual = shape_of(seed).settings
    zone = ZONES.index(usual.reporting_timezone) + (number + 4 - first_zone) // 4
    day = usual.as_of_date
    if number % 3 == 0:
        day += timedelta(days=Random(f"{seed}/{number}").randint(-40, 2))
    return replace(
        usual,
        as_of_date=day,
        reporting_timezone=ZONES[zone % len(ZONES)],
        fraud_threshold=6.5 if number % 4 == 3 else 7,
    )


def variables(settings: Settings) -> dict[str, str | float]:
    return {
        "as_of_date": str(settings.as_of_date),
        "reporting_timezone": settings.reporting_timezone,
        "raw_days": settings.raw_days,
        "raw_max_rows": settings.raw_max_rows,
        "ip_privacy": settings.ip_privacy,
        "user_agent_privacy": settings.user_agent_privacy,
        "fraud_threshold": settings.fraud_threshold,
    }


def assert_built(dbt: Dbt, tracker: Tracker, settings: Settings) -> None:
    """Build what is there, and find what the oracle does in the marts."""
    is_first = not dbt.database.exists()
    # Each command writes the same manifest again, which takes a sixth of its time.
    run = dbt("run", *([] if is_first else ["--no-write-json"]), **variables(settings))
    assert run.success, run.output
    assert dbt.marts() == oracle.worksheets(tracker, settings), settings
    assert dbt.link_days() == oracle.link_days(oracle.Source(tracker, settings)), settings


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
        for table in (CLICKS, SIGNUPS):
            self.pool[table] += [self.moved(row) for row in self.pool[table][::3]]
        self.rows: dict[str, list[SourceRow]] = {table: [] for table in TABLES}
        self.gone = 0

    def moved(self, row: SourceRow) -> SourceRow:
        """Return a copy of an event, on another date."""
        moment = timestamp(row["timestamp"] or "")
        days = timedelta(days=self.random.choice((-9, -2, -1, 1, 2, 9)))
        return {**row, "timestamp": str(moment + days)} if moment else row

    def __iter__(self) -> Iterator[Tracker]:
        yield self.tracker()  # no events and nothing else yet
        for number in range(BATCHES):
            for table in TABLES:
                is_event = table in {CLICKS, SIGNUPS}
                if number == 0:
                    self.add(table, len(self.pool[table]) // 2)
                elif is_event or self.random.random() < 0.5:
                    self.remove(table)
                    self.add(table, self.random.randint(0, 1 + len(self.pool[table]) // 10))
            yield self.tracker()
        yield self.tracker()  # nothing new

    def remove(self, table: str) -> None:
        """Remove a few rows, such as one of several copies."""
        rows = self.rows[table]
        ids = [row["id"] for row in rows]
        copies = [row for row in rows if ids.count(row["id"]) > 1]
        for some in (copies, rows):
            if some and self.random.random() < 0.6:
                rows.remove(self.random.choice(some))
                self.gone += table in {CLICKS, SIGNUPS}

    def add(self, table: str, number: int) -> None:
        """Add a few rows, which may be other copies of those that are there."""
        rows = self.rows[table]
        for row in self.random.sample(self.pool[table], number):
            if self.has_keys:
                rows[:] = [other for other in rows if other["id"] != row["id"]]
            rows.append(row)

    def tracker(self) -> Tracker:
        return {table: [list(rows)] for table, rows in self.rows.items()}


@pytest.mark.long
@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("kind", "keys"), DATABASES)
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
    batches = Batches(seed, has_keys=has_keys)
    for number, tracker in enumerate(batches):
        # A tracker without events and one with nothing new, before and after the others.
        if THOROUGH or 0 < number <= BATCHES:
            database.fill(tracker)
            assert_built(dbt, tracker, settings_of(seed, number))
    assert batches.gone


@pytest.mark.long
@pytest.mark.parametrize("seed", SEEDS)
def test_every_export_is_counted_exactly(tmp_path: Path, seed: int) -> None:
    """Files come, are written again with other rows, and go; their rows overlap."""
    everything = tracker_data.make(shape_of(seed))
    export = tracker_files.GrowingExport(tmp_path / "raw", everything, Random(seed))
    dbt = Dbt(tmp_path, export.folder)
    untouched = []
    for number in range(BATCHES + (2 if THOROUGH else 0)):
        tracker = export.arrive()
        untouched.append(export.untouched)
        assert_built(dbt, tracker, settings_of(seed, number, first_zone=2))
    assert any(untouched)
