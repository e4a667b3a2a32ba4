"""A tracker that cannot be read, and builds that end half-way: nothing false is pushed.

`REFSYNC_TEST_THOROUGH=1` kills builds too.
"""

from __future__ import annotations

import json
import shutil
import signal
import threading
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, quote, urlsplit

import duckdb
import psycopg
import pytest

from tests.conftest import Dbt, database_in, thorough
from tests.pipeline import oracle
from tests.pipeline.databases import Line, PostgresTracker, read
from tests.pipeline.oracle import CLICKS, LINKS, SIGNUPS, Settings, Tracker
from tests.pipeline.test_live_tracker import Batches, shape_of, variables
from tests.pipeline.test_tracker_databases import refused

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


@contextmanager
def a_reader(server: str) -> Iterator[Reader]:
    """Make a database with a tracker, and a role that may read it."""
    with database_in(server) as url:
        PostgresTracker(url).fill(a_tracker())
        reader = Reader(url, urlsplit(url).path.replace("/tracker", "reader"))
        password = PASSWORD.replace("'", "''")
        reader.execute(
            f"create role {reader.name} login password '{password}'",
            f"grant select on all tables in schema public to {reader.name}",
        )
        with psycopg.connect(url) as connection:
            (path,) = connection.execute("show hba_file").fetchone() or ("",)
        hba = Path(path)
        trusting = hba.read_text(encoding="utf-8")
        hba.write_text(f"local all {reader.name} scram-sha-256\n{trusting}", encoding="utf-8")
        reader.execute("select pg_reload_conf()")
        yield reader
        hba.write_text(trusting, encoding="utf-8")
        reader.execute(f"drop owned by {reader.name}", f"drop role {reader.name}")


@pytest.fixture
def reader(postgres: str) -> Iterator[Reader]:
    """A database with a tracker, and who may read it."""
    with a_reader(postgres) as reader:
        yield reader


@pytest.fixture
def built_before(built_sample: Dbt, tmp_path: Path) -> Dbt:
    """dbt with a DuckDB file of a complete build, of another source."""
    dbt = Dbt(tmp_path)
    shutil.copy(built_sample.database, dbt.database)
    return dbt


def history(dbt: Dbt) -> list[list[tuple[object, ...]]]:
    """Return the history, and what is remembered of the parts that it was counted from."""
    with duckdb.connect(dbt.database, read_only=True) as database:
        return [
            database.execute(f"from {table} order by all").fetchall()
            for table in ("int_link_days_counted", "refsync_parts", "refsync_moved")
        ]


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


def test_a_tracker_that_cannot_be_read_is_one_sentence(reader: Reader, tmp_path: Path) -> None:
    refused(reader.url(host="127.0.0.1", port="1"), "Connection refused", "127.0.0.1:1")
    refused("postgresql://reader:a/b@host/tracker", "percent-encoded", "REFSYNC_TRACKER_URL")
    refused("postgresql://reader@host:port/x", "a port that is no number", "percent-encoded")
    refused(f"sqlite:///{tmp_path}/nowhere.sqlite3", "nowhere.sqlite3", "does not exist")

    reader.execute(f"revoke select on {SIGNUPS} from {reader.name}")
    refused(reader.url(), "permission denied", SIGNUPS, "grant")
    reader.execute(
        f"grant select on {SIGNUPS} to {reader.name}", f"alter table {LINKS} rename to x"
    )
    refused(reader.url(), f"{LINKS}: no such table", "schema public", "REFSYNC_TRACKER_SCHEMA")
    reader.execute(
        f"alter table x rename to {LINKS}", f"alter table {CLICKS} rename referral_link_id to link"
    )
    refused(reader.url(), f"{CLICKS}: the table has no column referral_link_id", "link")


def test_dbt_says_that_sentence(built_before: Dbt, reader: Reader) -> None:
    """In the order in which they appear: in the URL, as it connects, and as it reads."""
    reader.execute(f"update {CLICKS} set timestamp = 'infinity'")
    for url, *words in (
        ("mysql://reader@host/tracker", "no URL that refsync reads", "postgresql://"),
        (reader.url("wrong"), "password authentication failed", "REFSYNC_TRACKER_URL", "Check"),
        (reader.url(), "the timestamp 'infinity'", CLICKS, "correct it at the source"),
    ):
        fails(replace(built_before, tracker_url=url), *words)


@dataclass(frozen=True)
class Killed:
    """A build that was killed, and all that it had said."""

    dbt: Dbt
    said: str


@pytest.fixture(scope="module", params=["officer_summary", "int_link_days_counted"])
def killed(
    request: pytest.FixtureRequest,
    postgres: str,
    built_sample: Dbt,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Killed]:
    """`kill -9` of a process as it writes the marts, or counts what changed, after another build.

    It runs with debug logging, and the profile chooses its target.
    """
    with a_reader(postgres) as reader:
        dbt = Dbt(tmp_path_factory.mktemp("killed"), tracker_url=reader.url())
        shutil.copy(built_sample.database, dbt.database)
        said = []
        with dbt.start(*DEBUG, "run", "--vars", json.dumps(variables(SETTINGS))) as process:
            assert process.stdout is not None
            assert process.stderr is not None
            for line in process.stdout:
                said.append(line)
                if "START" in line and request.param in line:
                    process.kill()
            said += process.stderr
        assert process.returncode == -signal.SIGKILL, said
        yield Killed(dbt, "".join(said))


DEBUG = ("--debug", "--log-level-file", "debug")


def assert_no_password(folder: Path, said: str) -> None:
    """Look for it in all files of a folder, and in what was said."""
    paths = [path for path in folder.rglob("*") if path.is_file()]
    assert any(path.name == "dbt.log" for path in paths)
    for secret in (PASSWORD, quote(PASSWORD, safe="")):
        assert secret not in said
        for path in paths:
            assert secret.encode() not in path.read_bytes(), path


@thorough
def test_no_password_is_written_anywhere(killed: Killed, reader: Reader, tmp_path: Path) -> None:
    """Not even where the profile asks whether the variable is set, to choose the target."""
    assert "START" in killed.said
    assert_no_password(killed.dbt.folder, killed.said)
    for url, command in (
        (reader.url(port="1"), "run"),
        (reader.url("wrong " + PASSWORD), "debug"),
    ):
        run = Dbt(tmp_path / command, tracker_url=url)(*DEBUG, command)
        assert not run.success
        assert_no_password(tmp_path / command, run.output)


@thorough
def test_a_build_that_is_killed_is_made_good_by_the_next(killed: Killed) -> None:
    dbt = killed.dbt
    pushed = dbt.push("--to", str(dbt.folder / "report.xlsx"))
    assert pushed.exit_code == 1
    assert "did not finish" in pushed.output
    run = dbt(*DEBUG, "run", **variables(SETTINGS))
    assert run.success, run.output
    assert dbt.marts() == oracle.worksheets(a_tracker(), SETTINGS)
    assert not list(dbt.folder.glob("*.tracker*"))
    assert_no_password(dbt.folder, run.output)


def test_a_connection_cut_while_it_reads(
    built_before: Dbt, built_sample: Dbt, reader: Reader
) -> None:
    report = built_before.folder / "report.xlsx"
    assert built_sample.push("--to", str(report)).exit_code == 0
    reader.execute(f"update {CLICKS} set user_agent = repeat('x', 500)")

    def over(line: Line) -> str:
        return reader.url(host="127.0.0.1", port=str(line.port))

    with Line(reader.socket) as line:
        assert read(over(line))[CLICKS]
        carried = line.carried
    for part in (0.1, 0.9):
        with Line(reader.socket, breaks_after=int(carried * part)) as line:
            refused(over(line), f"127.0.0.1:{line.port}")
    with Line(reader.socket, breaks_after=int(carried * 0.5)) as line:
        fails(replace(built_before, tracker_url=over(line)), f"127.0.0.1:{line.port}")
    assert history(built_before) == history(built_sample)


def test_only_what_changed_is_asked_for(tmp_path: Path, postgres_database: str) -> None:
    """What comes over the line: at first all, then what changed, then what a worksheet shows."""
    PostgresTracker(postgres_database).fill(a_tracker())
    click = (
        f"insert into {CLICKS} (id, referral_link_id, timestamp, ip, user_agent) "
        f"select gen_random_uuid(), (select id from {LINKS} limit 1), moment, '192.0.2.1', "
        "repeat('Opera', 40) "
        "from generate_series(timestamptz '{}', timestamptz '{}', interval '5 minutes') as moment"
    )
    changes = (
        click.format("2026-01-01 00:00:00+00", "2026-03-30 23:59:00+00"),
        click.format("2026-03-31 00:00:00+00", "2026-03-31 23:59:00+00")
        + f"; update {CLICKS} set ip = null where timestamp = '2026-01-15 12:00:00+00'"
        + f"; delete from {CLICKS} where timestamp = '2026-02-15 12:00:00+00'",
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
            run = dbt("run", "--select", "+int_link_days_counted", **variables(settings))
            assert run.success, run.output
            carried.append(line.carried)
    cold, three_days, nothing = carried
    # 90 days, then three of them, and none: each with what the raw worksheet shows.
    assert nothing < 0.01 * cold
    assert 0.03 * cold < three_days < 0.04 * cold + nothing
    with psycopg.connect(postgres_database) as connection:
        (total,) = connection.execute(f"select count(*) from {CLICKS}").fetchone() or (0,)
    with duckdb.connect(dbt.database, read_only=True) as database_file:
        query = "select sum(total_clicks) from int_link_days_counted"
        assert database_file.execute(query).fetchall() == [(total,)]


def test_all_of_a_build_comes_from_one_moment(tmp_path: Path, postgres_database: str) -> None:
    """A tracker that continues during a read: a build has all of a change or none of it."""
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

    dbt = Dbt(tmp_path, tracker_url=postgres_database)
    data = a_tracker()
    before = [len(data[table][0]) for table in (CLICKS, SIGNUPS)]
    counts = []
    writer = threading.Thread(target=go_on)
    writer.start()
    try:
        rows = read(postgres_database)
        counts.append((len(rows[CLICKS]), len(rows[SIGNUPS])))
        run = dbt("run", "--select", "+int_link_days_counted", **variables(SETTINGS))
        assert run.success, run.output
    finally:
        stopped.set()
        writer.join()
    with duckdb.connect(dbt.database, read_only=True) as database:
        query = "select sum(total_clicks), sum(total_signups) from int_link_days_counted"
        counts += database.execute(query).fetchall()
    assert counts[0] < counts[1]
    assert {clicks - signups for clicks, signups in counts} == {before[0] - before[1]}


@thorough
def test_the_history_changes_with_what_is_remembered(
    built_before: Dbt, built_sample: Dbt, tmp_path: Path
) -> None:
    """What fails after the history was counted leaves it as it was, in memory of the same parts."""
    fails = (
        "dbt_project/macros/recount.sql",
        "select event_type, part_name, part_version, event_date\n    from {{ ref",
        "select error('full'), part_name, part_version, event_date\n    from {{ ref",
    )
    dbt = replace(built_before, edits=(fails,))
    run = dbt("run", "--select", "+int_link_days_counted", reporting_timezone="Asia/Tokyo")
    assert run.failed == {"int_link_days_counted"}, run.output
    assert history(dbt) == history(built_sample)
    assert dbt.push("--to", str(tmp_path / "report.xlsx")).exit_code == 1


@thorough
def test_the_history_is_counted_with_what_it_is_counted_from(
    built_before: Dbt, built_sample: Dbt
) -> None:
    dbt = built_before
    run = dbt("run", "--select", "int_link_days_counted")
    assert not run.success
    assert "select +int_link_days_counted" in run.output
    with duckdb.connect(dbt.database) as database:
        database.execute("update int_link_days_counted set total_clicks = total_clicks + 1")
    assert dbt("run", "--select", "+int_link_days_counted", "--full-refresh").success
    assert history(dbt) == history(built_sample)
