"""Files that a build need not read are not opened: here they are damaged, and nobody notices."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb
import pytest

from refsync_tracker import files, listing
from tests.pipeline.exports import APRIL, CLICKS, HEADER, HEALTHY, MARCH, fill

if TYPE_CHECKING:
    from pathlib import Path

NEW = HEALTHY[MARCH].count("\n") - 1


@pytest.fixture
def tracker(tmp_path: Path) -> duckdb.DuckDBPyConnection:
    """The catalog `tracker` over two files of clicks, of which one is new and the other damaged."""
    fill(tmp_path)
    root = listing.real_root(str(tmp_path))
    connection = duckdb.connect()
    connection.execute("attach ':memory:' as tracker")
    found = files.create_views(connection, root)
    new = f"select 'click' as event_type, '{root}/{MARCH}' as part_name, true as is_there"
    files.show_new(connection, root, found, new)
    (tmp_path / APRIL).write_text(f'{HEADER}\n"never closed', encoding="utf-8")
    return connection


def count(connection: duckdb.DuckDBPyConnection, condition: str) -> int:
    """Return how many clicks meet a condition."""
    query = f"select count(id) from tracker.{CLICKS} where {condition}"
    [(number,)] = connection.execute(query).fetchall()
    return int(number)


def test_new_parts_are_read_alone(tracker: duckdb.DuckDBPyConnection) -> None:
    assert count(tracker, "_is_new") == NEW
    with pytest.raises(duckdb.Error, match="2026-04"):
        count(tracker, "not _is_new")
