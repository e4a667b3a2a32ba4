"""A small tracker's exported files, and staging as dbt compiled it to read them with.

Staging reads files of a test's own in milliseconds; a build takes seconds.
"""

from __future__ import annotations

import re
import shutil
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

import duckdb
import pytest

from refsync_tracker import files, listing
from refsync_tracker.read_errors import ExplainingCursor
from refsync_tracker.schema import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

USERS = "auth_service_user"
OFFICERS = "auth_service_officer"
CAMPAIGNS = "dashboard_service_campaign"
LINKS = "dashboard_service_referrallink"
CLICKS = "tracking_service_clickevent"
SIGNUPS = "tracking_service_signupevent"

MARCH = f"{CLICKS}/2026-03.csv"
APRIL = f"{CLICKS}/2026-04.csv"
HEADER = "id,referral_link_id,timestamp,ip,user_agent"

HEALTHY = {
    f"{USERS}.csv": "id,full_name\nu1,Ana\n",
    f"{OFFICERS}.csv": "id,user_id\no1,u1\n",
    f"{CAMPAIGNS}.csv": (
        "id,name,start_date,end_date,updated_at\n"
        "k1,Spring,2026-03-01 00:00:00+00:00,,2026-02-01 09:00:00+00:00\n"
    ),
    f"{LINKS}.csv": "id,officer_id,campaign_id,updated_at\nl1,o1,k1,2026-03-01 09:00:00+00:00\n",
    f"{CLICKS}/2026-03.csv": (
        "id,referral_link_id,timestamp,ip,user_agent\n"
        "c1,l1,2026-03-30 08:00:00+00:00,192.0.2.1,browser\n"
    ),
    f"{CLICKS}/2026-04.csv": (
        "id,referral_link_id,timestamp,ip,user_agent\n"
        "c2,l1,2026-04-01 08:00:00+00:00,192.0.2.2,browser\n"
    ),
    f"{SIGNUPS}.jsonl": (
        '{"id": "s1", "click_event_id": "c1", "referral_link_id": "l1",'
        ' "timestamp": "2026-03-30 08:05:00+00:00"}\n'
    ),
}


def fill(folder: Path) -> None:
    """Write the healthy files."""
    for name, text in HEALTHY.items():
        write(folder / name, text)


def write(path: Path, text: str) -> None:
    """Write a file, its folder too."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="")


@cache
def duckdb_in_memory() -> duckdb.DuckDBPyConnection:
    """Start DuckDB once: to start takes as long as to read a small tracker."""
    return duckdb.connect()


@contextmanager
def tracker_catalog() -> Iterator[duckdb.DuckDBPyConnection]:
    """Return a connection with an empty catalog `tracker`, as the plugin begins with."""
    with duckdb_in_memory().cursor() as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute("attach ':memory:' as tracker")
        try:
            yield connection
        finally:
            connection.execute("detach tracker")


@dataclass
class Export:
    """A folder with a small tracker, and staging to read it with."""

    folder: Path
    staging: dict[str, str]
    raw_dir: str = field(default="")

    def put(self, name: str, content: str | bytes) -> Path:
        """Write a file, its folder too."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def parquet(self, name: str, query: str) -> None:
        """Write a query's rows as Parquet."""
        self.put(name, b"")
        duckdb.sql(query).write_parquet(str(self.folder / name))

    def only(self, name: str, content: str | bytes) -> None:
        """Write a file instead of all other parts of its table."""
        table = re.split("[./]", name)[0]
        for path in self.folder.glob(f"{table}*"):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        self.put(name, content)

    def rows(self, model: str) -> list[dict[str, Any]]:
        """Return what a model of staging shows, by the names of its columns.

        A part's name is its path in the folder here, and nothing is said of new parts.
        """
        with tracker_catalog() as connection:
            root = listing.real_root(self.raw_dir or str(self.folder))
            files.create_views(connection, root)
            ExplainingCursor.root = root
            cursor = ExplainingCursor(connection)  # type: ignore[no-untyped-call]
            rows = cursor.execute(self.staging[model])
            names = [column[0] for column in rows.description]
            found = [dict(zip(names, row, strict=True)) for row in rows.fetchall()]
        for row in found:
            assert row.pop("is_new", True) is True
            row["part_name"] = row["part_name"].removeprefix(f"{root}/")
        return found

    def column(self, model: str, column: str) -> list[Any]:
        """Return one of a model's columns."""
        return [row[column] for row in self.rows(model)]

    def problem(self, model: str = "clicks") -> str:
        """Return the one sentence that reading a model ends with."""
        with pytest.raises((InputError, duckdb.Error)) as caught:
            self.rows(model)
        sentence = str(caught.value)
        assert isinstance(caught.value, InputError), sentence
        assert sentence.isprintable(), sentence
        return sentence
