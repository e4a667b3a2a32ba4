"""The tracker's SQLite as it may be: locked, in WAL mode, damaged, with times that are none."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing, contextmanager, suppress
from typing import TYPE_CHECKING, Any

import duckdb
import pytest

from refsync_tracker import databases, sqlite
from refsync_tracker.schema import InputError, load_extension
from refsync_tracker.sqlite import Sqlite
from refsync_tracker.transaction import transaction
from tests.pipeline.databases import SCHEMAS, SqliteTracker, read
from tests.pipeline.oracle import CLICKS, SIGNUPS, USERS
from tests.pipeline.test_tracker_databases import a_tracker, refused

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


SPELLINGS = (
    "upper(id)",
    "'{' || id || '}'",
    "' ' || upper(id) || ' '",
    "substr(id, 1, 8) || '-' || substr(id, 9, 4) || '-' || substr(id, 13)",
)
"""Other spellings of an id that is a uuid without dashes."""


def names(folder: Path) -> list[str]:
    """Return the names of the files in a folder."""
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """An SQLite file with a tracker, in a folder of its own."""
    path = tmp_path / "tracker" / "db.sqlite3"
    path.parent.mkdir()
    SqliteTracker(path).fill(a_tracker())
    return path


@pytest.mark.parametrize(
    ("value", "word"),
    [
        ("58201-03-01 00:00:00", "58201-03-01"),
        ("26-03-31 08:15:00", "26-03-31"),
        ("30/03/26 08:00", "30/03/26"),
        ("infinity", "infinity"),
        ("epoch", "epoch"),
        (1774944900, "1774944900"),
        (None, "empty"),
        ("", "''"),
    ],
)
def test_a_time_of_sqlite_is_named(file: Path, value: str | int | None, word: str) -> None:
    with closing(sqlite3.connect(file)) as connection, connection:
        (row,) = connection.execute(f"select min(id) from {CLICKS}").fetchone()
        connection.execute(f"update {CLICKS} set timestamp = ? where id = ?", [value, row])
    refused(f"sqlite:///{file}", f"{CLICKS}: the timestamp", row, word, "correct it at the source")


@contextmanager
def another_process(code: str, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """Run Python beside the test, from where it says that it is ready."""
    command = [sys.executable, "-c", code, *arguments]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield process
        process.kill()


LOCKED = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("begin exclusive")
print("ready", flush=True)
sys.stdin.read()
"""


def test_a_locked_sqlite_file_is_a_sentence(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "LOCK_MILLISECONDS", 300)
    with another_process(LOCKED, str(file)):
        started = time.monotonic()
        refused(f"sqlite:///{file}", "another process", str(file), "run it again")
        assert time.monotonic() - started < 10
    assert names(file.parent) == [file.name]
    assert read(f"sqlite:///{file}")[CLICKS]


WRITING = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=0)
print("ready", flush=True)
for line in sys.stdin:
    try:
        connection.execute(line)
        print("done", flush=True)
    except sqlite3.OperationalError as error:
        print(error, flush=True)
"""


@pytest.mark.parametrize("mode", ["wal", "delete"])
def test_sqlite_is_read_at_one_moment_and_left_as_it_was(
    file: Path, mode: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In WAL mode others can write during a read, unseen; otherwise they wait."""
    with closing(sqlite3.connect(file)) as connection:
        connection.execute(f"pragma journal_mode = {mode}")
    before = read(f"sqlite:///{file}")
    assert names(file.parent) == [file.name]
    read_parts = databases._read_parts
    answers = []
    with another_process(WRITING, str(file)) as writer:
        assert writer.stdin is not None
        assert writer.stdout is not None

        to, by = writer.stdin, writer.stdout

        def read_parts_late(*arguments: Any) -> None:
            print(f"delete from {CLICKS}", file=to, flush=True)
            answers.append(by.readline())
            read_parts(*arguments)

        monkeypatch.setattr(databases, "_read_parts", read_parts_late)
        assert read(f"sqlite:///{file}") == before
    assert answers == [("done\n" if mode == "wal" else "database is locked\n")] * 2
    monkeypatch.setattr(databases, "_read_parts", read_parts)
    assert (read(f"sqlite:///{file}") == before) == (mode == "delete")


def test_an_error_leaves_nothing_beside_an_sqlite_file(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("pragma journal_mode = wal")

    def stop(*_: object) -> None:
        assert len(names(file.parent)) == 3
        os.kill(os.getpid(), signal.SIGTERM)

    monkeypatch.setattr(databases, "_read_parts", stop)
    with pytest.raises(SystemExit):
        read(f"sqlite:///{file}")
    assert names(file.parent) == [file.name]
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


def test_duckdb_uses_one_thread_only_while_it_reads(file: Path) -> None:
    with duckdb.connect(config={"threads": 3, "allow_unsigned_extensions": "true"}) as connection:
        connection.execute("attach ':memory:' as tracker")
        load_extension(connection, "sqlite_scanner", "tracker")
        for error in (None, InputError("No.")):
            threads = []
            with suppress(InputError), transaction(connection, Sqlite(f"sqlite:///{file}")):
                threads += connection.execute("select current_setting('threads')").fetchall()
                if error:
                    raise error
            threads += connection.execute("select current_setting('threads')").fetchall()
            assert threads == [(1,), (3,)]


def test_an_sqlite_file_that_is_none(tmp_path: Path, file: Path) -> None:
    for name, content in (("empty", b""), ("foreign", b"nonsense" * 1000)):
        (tmp_path / name).write_bytes(content)
        refused(f"sqlite:///{tmp_path / name}", name, "is not an SQLite file")
    damaged = bytearray(file.read_bytes())
    damaged[100:] = os.urandom(len(damaged) - 100)
    (tmp_path / "damaged").write_bytes(damaged)
    refused(f"sqlite:///{tmp_path / 'damaged'}", "damaged", "malformed")
    refused(f"sqlite:///{tmp_path}", str(tmp_path), "cannot be read")
    refused(f"sqlite:///{tmp_path}/nowhere", "nowhere", "does not exist")
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute(f"update {USERS} set full_name = cast(x'5ae9' as text)")
    refused(f"sqlite:///{file}", USERS, "not valid UTF-8", "correct it at the source")
    change(file, f"update {USERS} set full_name = 'Zoe'; update {CLICKS} set id = x'0011ff'||id")
    refused(f"sqlite:///{file}", CLICKS, "not valid UTF-8", "correct it at the source")


def change(file: Path, statements: str) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript(statements)


def test_names_of_columns_have_no_case(file: Path) -> None:
    whole = read(f"sqlite:///{file}")
    for table, columns in SCHEMAS.items():
        for name in columns:
            change(file, f'alter table {table} rename column "{name}" to "{name.title()}"')
    assert read(f"sqlite:///{file}") == whole


def test_generated_columns_are_read(file: Path) -> None:
    change(
        file,
        f"""
        alter table {CLICKS} drop column ip;
        alter table {CLICKS} add column ip text generated always as ('192.0.2.' || 7) virtual;
        alter table {CLICKS} rename column referral_link_id to link;
        alter table {CLICKS} add column referral_link_id text generated always as (link) virtual;
        """,
    )
    clicks = read(f"sqlite:///{file}")[CLICKS]
    assert {row["ip"] for row in clicks} == {"192.0.2.7"}
    assert any(row["referral_link_id"] for row in clicks)


def test_copies_of_an_id_in_other_spellings_are_one_event(file: Path) -> None:
    columns = ", ".join(f'"{name}"' for name in SCHEMAS[CLICKS] if name not in ("id", "timestamp"))
    before = read(f"sqlite:///{file}")[CLICKS]
    for number, spelling in enumerate(SPELLINGS):
        change(
            file,
            f"insert into {CLICKS} (id, timestamp, {columns}) select {spelling}, "
            f"'9000-01-{10 + number} 08:00:00', {columns} from {CLICKS} "
            "where timestamp < '9000-01-01'",
        )
    assert read(f"sqlite:///{file}")[CLICKS] == before


def test_the_click_of_a_shown_signup_is_read_by_an_id_in_another_spelling(file: Path) -> None:
    change(
        file,
        f"update {SIGNUPS} set timestamp = '2026-03-30 08:00:00'; "
        f"update {CLICKS} set timestamp = '2020-01-01 08:00:00'",
    )
    found = len(read(f"sqlite:///{file}", "false")[CLICKS])
    assert found
    change(file, f"update {SIGNUPS} set click_event_id = upper(click_event_id) || ' '")
    assert len(read(f"sqlite:///{file}", "false")[CLICKS]) == found
