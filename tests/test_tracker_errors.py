"""A tracker that cannot be read, and builds that end half-way: nothing false is pushed."""

from __future__ import annotations

import json
import shutil
import signal
import socket
import threading
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, quote, urlsplit

import duckdb
import psycopg
import pytest

from tests import oracle
from tests.conftest import Dbt
from tests.databases import PostgresTracker, SqliteTracker
from tests.oracle import CLICKS, LINKS, SIGNUPS, Settings, Tracker
from tests.test_live_tracker import Batches, shape_of, variables

if TYPE_CHECKING:
    from collections.abc import Iterator

PASSWORD = "p@ss w/rd%'\\?"  # noqa: S105 - of a server that lives as long as the tests
SETTINGS = replace(shape_of(1).settings, reporting_timezone="UTC")


def a_tracker() -> Tracker:
    """Return a tracker with some of everything."""
    return list(Batches(1, has_keys=True))[-1]


@dataclass(frozen=True)
class Reader:
    """A role that may only select the six tables of a PostgreSQL, and must give its password."""

    admin: str
    name: str

    def url(self, password: str = PASSWORD, **options: str) -> str:
        """Return its URL, with some options of the connection."""
        parts = urlsplit(self.admin)
        given = {"host": parse_qs(parts.query)["host"][0], **options}
        query = "&".join(f"{key}={quote(value, safe='/')}" for key, value in given.items())
        return f"postgresql://{self.name}:{quote(password, safe='')}@{parts.path}?{query}"

    @property
    def socket(self) -> str:
        """The path of the server's socket."""
        return f"{parse_qs(urlsplit(self.admin).query)['host'][0]}/.s.PGSQL.5432"

    def execute(self, *statements: str) -> None:
        """Run statements as the superuser."""
        with psycopg.connect(self.admin, autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement)


@pytest.fixture
def reader(postgres_database: str) -> Iterator[Reader]:
    """A database with a tracker, and who may read it."""
    PostgresTracker(postgres_database).fill(a_tracker())
    reader = Reader(
        postgres_database, urlsplit(postgres_database).path.replace("/tracker", "reader")
    )
    password = PASSWORD.replace("'", "''")
    reader.execute(
        f"create role {reader.name} login password '{password}'",
        f"grant select on all tables in schema public to {reader.name}",
    )
    with psycopg.connect(reader.admin) as connection:
        (path,) = connection.execute("show hba_file").fetchone() or ("",)
    trusting = Path(path).read_text(encoding="utf-8")
    Path(path).write_text(f"local all {reader.name} scram-sha-256\n{trusting}", encoding="utf-8")
    reader.execute("select pg_reload_conf()")
    yield reader
    Path(path).write_text(trusting, encoding="utf-8")
    reader.execute(f"drop owned by {reader.name}", f"drop role {reader.name}")


def fails(dbt: Dbt, *words: str) -> None:
    """Assert that a build says these words in one sentence, and that nothing is pushed of it."""
    run = dbt("run", **variables(SETTINGS))
    assert not run.success
    (sentence,) = {line.strip() for line in run.output.splitlines() if words[0] in line}
    assert all(word in sentence for word in words), sentence
    before = dbt.folder / "report.xlsx"
    content = before.read_bytes() if before.exists() else None
    pushed = dbt.push("--to", str(before))
    assert pushed.exit_code == 1
    assert "build" in pushed.output
    assert (before.read_bytes() if before.exists() else None) == content


def test_a_tracker_that_cannot_be_read_is_one_sentence(tmp_path: Path, reader: Reader) -> None:
    good = Dbt(tmp_path, tracker_url=reader.url())
    assert good("run", **variables(SETTINGS)).success
    assert good.marts() == oracle.worksheets(a_tracker(), SETTINGS)
    assert good.push("--to", str(tmp_path / "report.xlsx")).exit_code == 0

    def bad(url: str, *words: str) -> None:
        fails(replace(good, tracker_url=url), *words)

    bad(reader.url("wrong"), "password authentication failed", "REFSYNC_TRACKER_URL", "Check")
    bad(reader.url(host="127.0.0.1", port="1"), "Connection refused", "127.0.0.1:1")
    bad("postgresql://reader:a/b@host/tracker", "percent-encoded", "REFSYNC_TRACKER_URL")
    bad("postgresql://reader@host:port/tracker", "a port that is no number", "percent-encoded")
    bad("mysql://reader@host/tracker", "no URL that refsync reads", "postgresql://")
    bad(f"sqlite:///{tmp_path}/nowhere.sqlite3", "nowhere.sqlite3", "does not exist")

    reader.execute(f"revoke select on {SIGNUPS} from {reader.name}")
    bad(reader.url(), "permission denied", SIGNUPS, "grant")
    reader.execute(
        f"grant select on {SIGNUPS} to {reader.name}", f"alter table {LINKS} rename to x"
    )
    bad(reader.url(), f"{LINKS}: no such table", "schema public", "REFSYNC_TRACKER_SCHEMA")
    reader.execute(
        f"alter table x rename to {LINKS}", f"alter table {CLICKS} rename referral_link_id to link"
    )
    bad(reader.url(), f"{CLICKS}: the table has no column referral_link_id", "link")
    reader.execute(
        f"alter table {CLICKS} rename link to referral_link_id",
        f"update {CLICKS} set timestamp = 'infinity' where id = (select id from {CLICKS} limit 1)",
    )
    bad(reader.url(), "the timestamp 'infinity'", CLICKS, "correct it at the source")

    # All of it mended: the next build is as good as ever.
    PostgresTracker(reader.admin).fill(a_tracker())
    assert good("run", **variables(SETTINGS)).success
    assert good.marts() == oracle.worksheets(a_tracker(), SETTINGS)


def test_no_password_is_written_anywhere(tmp_path: Path, reader: Reader) -> None:
    """Not even where the profile asks whether the variable is set, to choose the target."""
    dbt = Dbt(tmp_path, tracker_url=reader.url())
    run = ("--debug", "--log-level-file", "debug", "run")
    for url, command in (
        (reader.url(), run),
        (reader.url(port="1"), run),
        (reader.url("wrong " + PASSWORD), ("debug",)),
    ):
        ran = replace(dbt, tracker_url=url).command(*command)
        assert (ran.returncode == 0) == (url == reader.url()), ran.stdout
        for secret in (PASSWORD, quote(PASSWORD, safe="")):
            assert secret not in ran.stdout + ran.stderr
            for path in tmp_path.rglob("*"):
                assert not path.is_file() or secret.encode() not in path.read_bytes(), path


class Line:
    """A line to a server's socket, over a port of this machine; it breaks after so many bytes.

    If it stalls, it stays open instead, and takes what it does not carry.
    """

    def __init__(
        self, socket_path: str, breaks_after: int = 10**12, *, stalls: bool = False
    ) -> None:
        self.left = breaks_after
        self.stalls = stalls
        self.carried = 0
        self.socket_path = socket_path
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def __enter__(self) -> Line:
        return self

    def __exit__(self, *_: object) -> None:
        self.listener.close()

    def serve(self) -> None:
        with suppress(OSError):  # closed
            while True:
                client, _ = self.listener.accept()
                server = socket.socket(socket.AF_UNIX)
                server.connect(self.socket_path)
                for ends in ((client, server), (server, client)):
                    threading.Thread(target=self.carry, args=(*ends, ends[0] is server)).start()

    def carry(self, source: socket.socket, sink: socket.socket, counts: bool) -> None:  # noqa: FBT001
        with suppress(OSError):
            while data := source.recv(65536):
                if counts:
                    self.carried += len(data)
                    if self.carried > self.left and self.stalls:
                        continue
                    if self.carried > self.left:
                        break
                sink.sendall(data)
        for end in (source, sink):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


def test_a_connection_cut_while_it_reads(tmp_path: Path, reader: Reader) -> None:
    dbt = Dbt(tmp_path, tracker_url=reader.url())
    assert dbt("run", **variables(SETTINGS)).success
    assert dbt.push("--to", str(tmp_path / "report.xlsx")).exit_code == 0
    reader.execute(f"update {CLICKS} set user_agent = repeat('x', 500)")

    def over(line: Line) -> Dbt:
        url = reader.url(host="127.0.0.1", port=str(line.port))
        return replace(dbt, folder=tmp_path, tracker_url=url)

    copy = tmp_path / "whole" / "refsync.duckdb"
    copy.parent.mkdir()
    shutil.copy(dbt.database, copy)
    with Line(reader.socket) as line:
        whole = replace(over(line), folder=copy.parent)
        assert whole("run", **variables(SETTINGS)).success
        carried = line.carried
    for part in (0.1, 0.9):
        with Line(reader.socket, breaks_after=int(carried * part)) as line:
            fails(over(line), f"127.0.0.1:{line.port}")
    assert dbt("run", **variables(SETTINGS)).success
    assert dbt.marts() == whole.marts()


def test_only_what_changed_is_asked_for(tmp_path: Path, postgres_database: str) -> None:
    """What comes over the line: at first all, then what changed, then what a worksheet shows."""
    PostgresTracker(postgres_database).fill(a_tracker())
    click = (
        f"insert into {CLICKS} (id, referral_link_id, timestamp, ip, user_agent) "
        f"select gen_random_uuid(), (select id from {LINKS} limit 1), moment, '192.0.2.1', 'Opera' "
        "from generate_series(timestamptz '{}', timestamptz '{}', interval '1 minute') as moment"
    )
    changes = (
        click.format("2026-01-01 00:00:00+00", "2026-03-30 23:59:00+00"),
        click.format("2026-03-31 00:00:00+00", "2026-03-31 23:59:00+00")
        + f"; update {CLICKS} set ip = null where timestamp = '2026-01-15 12:00:00+00'",
        f"delete from {CLICKS} where timestamp = '2026-02-15 12:00:00+00'",
        "select 1",
    )
    carried = []
    settings = Settings(as_of_date=date(2026, 3, 31), raw_max_rows=100)
    for change in changes:
        with psycopg.connect(postgres_database) as connection:
            connection.execute(change)
        with Line(
            f"{parse_qs(urlsplit(postgres_database).query)['host'][0]}/.s.PGSQL.5432"
        ) as line:
            database = urlsplit(postgres_database).path
            url = f"postgresql://postgres@127.0.0.1:{line.port}{database}"
            dbt = Dbt(tmp_path, tracker_url=url)
            assert dbt("run", **variables(settings)).success
            carried.append(line.carried)
    cold, two_days, one_day, nothing = carried
    assert nothing < one_day < two_days < cold
    # 90 days, then two of them, one, and none: each with what the raw worksheet shows.
    assert two_days < 0.03 * cold
    assert one_day < 0.02 * cold
    assert nothing < 0.01 * cold
    with psycopg.connect(postgres_database) as connection:
        (total,) = connection.execute(f"select count(*) from {CLICKS}").fetchone() or (0,)
    with duckdb.connect(dbt.database, read_only=True) as history:
        counted = history.execute("select sum(total_clicks) from int_link_days_counted").fetchone()
    assert counted == (total,)


def test_all_of_a_build_comes_from_one_moment(tmp_path: Path, postgres_database: str) -> None:
    """A tracker that goes on while it is read: what it does meanwhile is not half in a build."""
    PostgresTracker(postgres_database).fill(a_tracker())
    stopped = threading.Event()

    def go_on() -> None:
        with psycopg.connect(postgres_database, autocommit=True) as connection:
            while not stopped.is_set():
                connection.execute(
                    f"with click as (insert into {CLICKS} (id, referral_link_id, timestamp) "
                    f"select gen_random_uuid(), (select id from {LINKS} limit 1), %s returning *) "
                    f"insert into {SIGNUPS} (id, click_event_id, referral_link_id, timestamp) "
                    "select gen_random_uuid(), id, referral_link_id, timestamp from click",
                    [f"{SETTINGS.as_of_date} 12:00:00+00"],
                )

    writer = threading.Thread(target=go_on)
    writer.start()
    try:
        counts = []
        for _ in range(2):
            dbt = Dbt(tmp_path, tracker_url=postgres_database)
            run = dbt("build", "--exclude-resource-type", "unit_test", **variables(SETTINGS))
            assert run.success, run.output
            with duckdb.connect(dbt.database, read_only=True) as database:
                query = "select sum(total_clicks), sum(total_signups) from int_link_days_counted"
                counts.append(database.execute(query).fetchall()[0])
    finally:
        stopped.set()
        writer.join()
    data = a_tracker()
    clicks, signups = (sum(len(part) for part in data[table]) for table in (CLICKS, SIGNUPS))
    assert counts[0] < counts[1]
    assert {count[0] - clicks == count[1] - signups for count in counts} == {True}


def test_a_build_that_is_killed_is_made_good_by_the_next(tmp_path: Path) -> None:
    """`kill -9` as it counts what changed, and as it writes the marts."""
    batches = list(Batches(2, has_keys=True))
    database = SqliteTracker(tmp_path / "tracker.sqlite3")
    dbt = Dbt(tmp_path, tracker_url=database.url)
    options = ("--vars", json.dumps(variables(SETTINGS)), *dbt.places())
    for batch, killed_at in ((0, None), (2, "int_link_days_counted"), (-1, "officer_summary")):
        database.fill(batches[batch])
        if killed_at:
            with dbt.start("run", *options) as process:
                assert process.stdout is not None
                for line in process.stdout:
                    if "START" in line and killed_at in line:
                        process.kill()
            assert process.returncode == -signal.SIGKILL
            pushed = dbt.push("--to", str(tmp_path / "report.xlsx"))
            assert pushed.exit_code == 1
            assert "did not finish" in pushed.output
        run = dbt("run", **variables(SETTINGS))
        assert run.success, run.output
        assert dbt.marts() == oracle.worksheets(batches[batch], SETTINGS)
        assert not list(tmp_path.glob("*.tracker*"))


def test_the_history_changes_with_what_is_remembered(built_sample: Dbt, tmp_path: Path) -> None:
    """What fails after the history was counted leaves it as it was, in memory of the same parts."""
    fails = (
        "dbt_project/macros/arrivals.sql",
        "select event_type, part_name, part_version, event_date\n    from {{ ref",
        "select error('full'), part_name, part_version, event_date\n    from {{ ref",
    )
    dbt = Dbt(tmp_path, edits=(fails,))
    shutil.copy(built_sample.database, dbt.database)

    def remembered() -> list[list[tuple[object, ...]]]:
        with duckdb.connect(dbt.database, read_only=True) as database:
            return [
                database.execute(f"from {table} order by all").fetchall()
                for table in ("int_link_days_counted", "refsync_parts", "refsync_moved")
            ]

    before = remembered()
    run = dbt("run", reporting_timezone="Asia/Tokyo")
    assert run.failed == {"int_link_days_counted"}, run.output
    assert remembered() == before
    assert dbt.push("--to", str(tmp_path / "report.xlsx")).exit_code == 1


def test_the_history_is_counted_with_what_it_is_counted_from(
    built_sample: Dbt, tmp_path: Path
) -> None:
    dbt = Dbt(tmp_path)
    shutil.copy(built_sample.database, dbt.database)
    run = dbt("run", "--select", "int_link_days_counted")
    assert not run.success
    assert "select +int_link_days_counted" in run.output
    assert dbt("run", "--select", "+int_link_days_counted").success
    assert dbt("run", "--full-refresh").success
    assert dbt.marts() == built_sample.marts()
