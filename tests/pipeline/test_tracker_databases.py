"""The tracker's database as it may be: far times, other encodings, few rights, locks and stalls."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import duckdb
import psycopg
import pytest

from refsync_tracker import identifiers, postgres
from refsync_tracker.postgres_errors import next_step
from refsync_tracker.schema import InputError
from tests.conftest import ROOT, THOROUGH, Dbt
from tests.pipeline import oracle
from tests.pipeline.databases import SCHEMAS, Line, PostgresTracker, read
from tests.pipeline.oracle import CAMPAIGNS, CLICKS, LINKS, SIGNUPS, USERS
from tests.pipeline.test_live_tracker import Batches, shape_of, variables

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.pipeline.oracle import Tracker


SETTINGS = shape_of(1).settings


def a_tracker() -> Tracker:
    """Return a tracker with some of everything, each id once."""
    pool = Batches(1, has_keys=True).pool
    return {
        table: [list({row["id"]: row for row in rows}.values())] for table, rows in pool.items()
    }


@pytest.fixture
def tracker(postgres_database: str) -> Iterator[psycopg.Connection]:
    """A PostgreSQL with a tracker, as its superuser."""
    PostgresTracker(postgres_database).fill(a_tracker())
    with psycopg.connect(postgres_database, autocommit=True) as connection:
        yield connection


def refused(url: str, *words: str) -> None:
    with pytest.raises(InputError) as refusal:
        read(url)
    sentence = str(refusal.value)
    assert all(word in sentence for word in words), sentence
    assert "\n" not in sentence


FAR = {
    "9999-12-31 00:00:00+00": "9999-12-31",
    "9999-12-31 23:59:59.999999+00": "9999-12-31",
    "0001-01-01 00:00:00+00": "0001-01-01",
}

TOO_FAR = [
    "10000-01-01",
    "58201-03-01",
    "294276-12-31 23:59:59",
    "infinity",
    "-infinity",
    "0044-03-15 BC",
    "4713-01-01 BC",
    "0001-12-31 23:59:59 BC",
]


@pytest.mark.parametrize("kind", ["timestamptz", *(["timestamp", "date"] if THOROUGH else [])])
def test_far_times_are_read_or_named(
    tracker: psycopg.Connection, postgres_database: str, kind: str
) -> None:
    (row,) = tracker.execute(f"select id::text from {CLICKS} limit 1").fetchone() or ("",)
    for table, column in ((CLICKS, "timestamp"), (CAMPAIGNS, "end_date")):
        tracker.execute(
            f"set timezone = 'UTC'; alter table {table} alter {column} type {kind} using {column}"
        )

    def set_time(table: str, column: str, value: str) -> None:
        tracker.execute(
            f"update {table} set {column} = %s::text::{kind} "
            f"where id = (select id from {table} order by id = %s desc, id limit 1)",
            [value, row],
        )

    for value, day in FAR.items():
        set_time(CLICKS, "timestamp", value)
        (click,) = (click for click in read(postgres_database)[CLICKS] if click["id"] == row)
        assert click["_part"] == day
        assert str(click["timestamp"]).startswith(day)
    for value in TOO_FAR if THOROUGH and kind == "timestamptz" else TOO_FAR[1:6:2]:
        set_time(CLICKS, "timestamp", value)
        refused(postgres_database, f"{CLICKS}: the timestamp", row, "the years 1 to 9999", "source")
    set_time(CLICKS, "timestamp", "2026-03-31")
    for value in TOO_FAR[:2] + TOO_FAR[-2:] if THOROUGH else TOO_FAR[:1]:
        set_time(CAMPAIGNS, "end_date", value)
        refused(postgres_database, f"{CAMPAIGNS}: the end_date '{value[:5]}", "the id", "source")


def test_far_times_of_signups_and_links(
    tracker: psycopg.Connection, postgres_database: str
) -> None:
    for table, column in ((SIGNUPS, "timestamp"), (LINKS, "updated_at"), (CAMPAIGNS, "start_date")):
        tracker.execute(f"create table kept as table {table}")
        tracker.execute(f"update {table} set {column} = '58201-03-01'")
        refused(postgres_database, table, column, "58201-03-01", "the years 1 to 9999")
        tracker.execute(f"delete from {table}; insert into {table} table kept; drop table kept")
    tracker.execute(
        f"update {SIGNUPS} set timestamp = null "
        f"where id = (select id from {SIGNUPS} order by id limit 1)"
    )
    refused(postgres_database, f"{SIGNUPS}: the timestamp is empty", "the row with the id")


def made(admin: str, encoding: str) -> str:
    """Return the URL of an empty database in an encoding."""
    name = f"tracker_{encoding.lower()}"
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(f"drop database if exists {name}")
        connection.execute(
            f"create database {name} encoding '{encoding}' locale 'C' template template0"
        )
    return admin.replace("/postgres?", f"/{name}?")


@pytest.mark.parametrize(
    ("encoding", "name"), [("LATIN1", "Zoë"), ("EUC_JP", "日本"), ("SQL_ASCII", "Zoë")]
)
def test_text_in_another_encoding_is_read_as_utf_8(postgres: str, encoding: str, name: str) -> None:
    url = made(postgres, encoding)
    with psycopg.connect(url, client_encoding="UTF8", autocommit=True) as connection:
        fill_names(connection, url, name)
        assert {row["full_name"] for row in read(url)[USERS]} == {name}
        if encoding == "SQL_ASCII":
            connection.execute(f"update {USERS} set full_name = chr(233)")
            refused(url, USERS, "encoding", "0xe9", "correct it at the source")


def fill_names(connection: psycopg.Connection, url: str, name: str) -> None:
    PostgresTracker(url).fill({table: [[]] for table in a_tracker()})
    connection.execute(
        f"insert into {USERS} (id, full_name) values (gen_random_uuid(), %s)", [name]
    )


PAGE = (ROOT / "docs" / "sources.md").read_text(encoding="utf-8")
GRANTS = PAGE.partition("```sql\n")[2].partition("```")[0]


@pytest.fixture
def reader(postgres_database: str, tracker: psycopg.Connection) -> Iterator[str]:
    """The URL of the role that the page makes; it may read what refsync reads, and nothing else."""
    tracker.execute(GRANTS)
    yield postgres_database.replace("//postgres:@", "//reader:@")
    tracker.execute("drop owned by reader; drop role reader")


def test_a_role_needs_no_more_than_the_columns_that_are_read(
    reader: str, postgres_database: str, tracker: psycopg.Connection
) -> None:
    with psycopg.connect(reader) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(f"select email from {USERS}")
    whole, emails = read(postgres_database), {"user_email": None, "user_email_hash": None}
    assert any(row["user_email"] or row["user_email_hash"] for row in whole[SIGNUPS])
    assert read(reader) == {**whole, SIGNUPS: [{**row, **emails} for row in whole[SIGNUPS]]}
    tracker.execute(f"grant select (user_email, user_email_hash) on {SIGNUPS} to reader")
    assert read(reader) == whole
    tracker.execute(f"revoke select (click_event_id) on {SIGNUPS} from reader")
    refused(reader, f"{SIGNUPS}: permission denied", "click_event_id", "grant")


def test_names_of_columns_may_have_any_case(
    tracker: psycopg.Connection, postgres_database: str
) -> None:
    whole = read(postgres_database)
    for table, columns in SCHEMAS.items():
        for name in columns:
            tracker.execute(f'alter table {table} rename "{name}" to "{name.title()}"')
    assert read(postgres_database) == whole
    tracker.execute(f"alter table {CLICKS} drop constraint {CLICKS}_pkey")
    assert read(postgres_database) == whole


def test_a_domain_is_read_as_its_type(tracker: psycopg.Connection, postgres_database: str) -> None:
    whole = read(postgres_database)
    domains = ("uuid", "timestamptz", "inet", "float8")
    for kind in domains:
        tracker.execute(f"create domain inner_{kind} as {kind}")
        tracker.execute(f"create domain our_{kind} as inner_{kind}")
    for table, columns in SCHEMAS.items():
        for name, kind in columns.items():
            if kind in domains:
                tracker.execute(f'alter table {table} alter "{name}" type our_{kind}')
    assert read(postgres_database) == whole
    tracker.execute(f"alter table {CLICKS} drop constraint {CLICKS}_pkey")
    assert read(postgres_database) == whole


SPELLINGS = (
    "upper(id)",
    "replace(id, '-', '')",
    "'{' || id || '}'",
    "' ' || upper(id) || ' '",
)


def test_copies_of_an_id_in_other_spellings_are_one_event(
    tracker: psycopg.Connection, postgres_database: str
) -> None:
    before = read(postgres_database)[CLICKS]
    tracker.execute(f"alter table {CLICKS} alter id type text")
    columns = ", ".join(f'"{name}"' for name in SCHEMAS[CLICKS] if name not in ("id", "timestamp"))
    for number, spelling in enumerate(SPELLINGS):
        tracker.execute(
            f"insert into {CLICKS} (id, timestamp, {columns}) select {spelling}, "
            f"'9000-01-{10 + number}', {columns} from {CLICKS} where timestamp < '9000-01-01'"
        )
    assert read(postgres_database)[CLICKS] == before


def test_a_key_says_nothing_of_tables_that_inherit(
    tracker: psycopg.Connection, postgres_database: str
) -> None:
    before = read(postgres_database)[CLICKS]
    tracker.execute(
        f"create table more () inherits ({CLICKS}); insert into more select * from {CLICKS}; "
        "update more set timestamp = '9999-12-31'"
    )
    assert read(postgres_database)[CLICKS] == before


@pytest.mark.parametrize(
    ("clicks", "signups", "spelled"),
    [
        ("uuid", "text", "upper(click_event_id)"),
        ("text", "uuid", "click_event_id"),
        ("text", "varchar", "replace(click_event_id, '-', '')"),
        ("varchar", "text", "' ' || click_event_id"),
    ],
)
def test_the_click_of_a_shown_signup_is_read_by_an_id_in_another_spelling(
    tracker: psycopg.Connection, postgres_database: str, clicks: str, signups: str, spelled: str
) -> None:
    tracker.execute(f"update {SIGNUPS} set timestamp = '2026-03-30'")
    tracker.execute(f"update {CLICKS} set timestamp = '2020-01-01'")
    found = len(read(postgres_database, "false")[CLICKS])
    assert found
    tracker.execute(f"alter table {CLICKS} alter id type {clicks}")
    tracker.execute(f"alter table {SIGNUPS} alter click_event_id type {signups}")
    tracker.execute(f"update {SIGNUPS} set click_event_id = {spelled}")
    assert len(read(postgres_database, "false")[CLICKS]) == found


def test_ids_of_a_database_are_spelled_as_staging_does(tracker: psycopg.Connection) -> None:
    """In PostgreSQL, and in DuckDB for SQLite."""
    wanted = {
        "11111111-2222-3333-4444-55555555ABCD": "11111111-2222-3333-4444-55555555abcd",
        "1111111122223333444455555555abcd": "11111111-2222-3333-4444-55555555abcd",
        "{1111111122223333444455555555abcd}": "11111111-2222-3333-4444-55555555abcd",
        " 1111-111122223333444455555555abcd ": "11111111-2222-3333-4444-55555555abcd",
        "{1111111122223333444455555555abcd": "{1111111122223333444455555555abcd",
        "1111111122223333444455555555abc": "1111111122223333444455555555abc",
        "11.0": "11",
        "-7.": "-7",
        " 12 ": "12",
        "Link A": "Link A",
        "link a": "link a",
        "-": "-",
    }
    for text, id_ in wanted.items():
        [(found,)] = tracker.execute(
            f"select {identifiers.in_postgres('id')} from (values (%s::text)) as row (id)", [text]
        ).fetchall()
        assert found == id_
        query = f"select {identifiers.in_duckdb('id')} from (values (?)) as row (id)"
        assert duckdb.execute(query, [text]).fetchall() == [(id_,)]


def test_a_policy_hides_no_row_without_a_word(
    reader: str, tracker: psycopg.Connection, postgres_database: str
) -> None:
    tracker.execute(
        f"alter table {CLICKS} enable row level security; "
        f"create policy few on {CLICKS} using (fraud_score < 5)"
    )
    refused(reader, f"{CLICKS}: ", "row-level security", "bypassrls")
    clicks = read(f"{reader}&options=-c%20row_security%3Don")[CLICKS]
    assert clicks
    assert {float(row["fraud_score"] or 9) < 5 for row in clicks} == {True}
    tracker.execute("alter role reader bypassrls")
    assert read(reader)[CLICKS] == read(postgres_database)[CLICKS]


def test_only_what_may_pass_is_tried_again(
    tracker: psycopg.Connection, postgres_database: str
) -> None:
    tracker.execute(
        f"alter table {CLICKS} rename to kept; "
        f"create view {CLICKS} as select id, referral_link_id, timestamp, ip, 1 / 0 * fraud_score "
        "as fraud_score from kept"
    )
    refused(postgres_database, f"{CLICKS} could not be read: division by zero", "at the source")
    tracker.execute(
        f"drop view {CLICKS}; create materialized view {CLICKS} as select * from kept with no data"
    )
    refused(postgres_database, f"{CLICKS}: ", "has not been populated", "refresh materialized")
    for words in ("server closed the connection unexpectedly", "deadlock detected"):
        assert next_step(words) == "Run it again."


@pytest.mark.parametrize("schema", ["a b", "Tracker 2.0-x"])
def test_a_schema_may_have_any_usual_name(
    tracker: psycopg.Connection, postgres_database: str, schema: str
) -> None:
    whole = read(postgres_database)
    tracker.execute(f'create schema "{schema}"')
    for table in SCHEMAS:
        tracker.execute(f'alter table {table} set schema "{schema}"')
    assert read(postgres_database, schema=schema) == whole


def test_a_locked_table_and_an_endless_query(
    tracker: psycopg.Connection, postgres_database: str
) -> None:
    def with_limit(limit: str) -> str:
        return f"{postgres_database}&options=-c%20{limit}%3D300ms"

    with psycopg.connect(postgres_database) as other:
        other.execute(f"lock table {CLICKS} in access exclusive mode")
        refused(with_limit("lock_timeout"), CLICKS, "lock timeout", "another session locks")
    tracker.execute(
        f"alter table {CLICKS} rename to all_clicks; create view {CLICKS} as "
        "select * from all_clicks where pg_sleep(1) is not null"
    )
    refused(with_limit("statement_timeout"), CLICKS, "statement timeout", "allow more time")


@pytest.mark.parametrize(
    ("options", "limits"),
    [
        ("", ("30s", "30min")),
        ("&options=-c%20lock_timeout%3D0%20-c%20statement_timeout%3D2h", ("0", "2h")),
    ],
)
def test_the_server_limits_a_build_unless_the_url_says_otherwise(
    tracker: psycopg.Connection, postgres_database: str, options: str, limits: tuple[str, str]
) -> None:
    tracker.execute(
        f"alter table {USERS} rename to people; create view {USERS} as select id, "
        "current_setting('lock_timeout') || ' ' || current_setting('statement_timeout') "
        "as full_name from people"
    )
    found = {row["full_name"] for row in read(postgres_database + options)[USERS]}
    assert found == {" ".join(limits)}


def test_a_stalled_connection_is_cut(
    tracker: psycopg.Connection, postgres_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the server and us something takes bytes and passes none on, without an end."""
    monkeypatch.setattr(postgres, "GRACE", 1)
    tracker.execute(f"update {CLICKS} set user_agent = repeat('x', 500)")
    socket_path = f"{urlsplit(postgres_database).query.removeprefix('host=')}/.s.PGSQL.5432"
    path = urlsplit(postgres_database).path
    limit = "?options=-c%20statement_timeout%3D500ms"

    def over(line: Line) -> str:
        return f"postgresql://postgres@127.0.0.1:{line.port}{path}{limit}"

    with Line(socket_path) as line:
        assert read(over(line))[CLICKS]
        carried = line.carried
    for part in (0.6, 0.9) if THOROUGH else (0.6,):
        with Line(socket_path, breaks_after=int(carried * part), stalls=True) as line:
            started = time.monotonic()
            refused(over(line), f"127.0.0.1:{line.port}", "has not answered", "run it again")
            assert time.monotonic() - started < 20
    with Line(socket_path, breaks_after=10, stalls=True) as line:
        refused(f"{over(line)}&connect_timeout=2", "no connection", "timeout expired", "Check")


def test_far_events_count_where_they_belong(
    tracker: psycopg.Connection, postgres_database: str, tmp_path: Path
) -> None:
    """The as-of date leaves out what comes after it; what was long ago counts in totals.

    In one zone the last events are on a date that there is none of, in the other the first.
    """
    tracker.execute(f"update {CAMPAIGNS} set end_date = '9999-12-31 23:59:59+00'")
    data = a_tracker()
    for row in data[CAMPAIGNS][0]:
        row["end_date"] = "9999-12-29 23:59:59+00:00"
    ids = tracker.execute(f"select id::text from {CLICKS} order by id limit 3").fetchall()
    for (row_id,), moment in zip(ids, FAR, strict=True):
        tracker.execute(f"update {CLICKS} set timestamp = %s where id = %s", [moment, row_id])
        (click,) = (row for row in data[CLICKS][0] if row["id"] == row_id)
        # Python has no date before the first or after the last, so the oracle has one within.
        day = "0001-01-03" if moment.startswith("0001") else "9999-12-29"
        click["timestamp"] = f"{day} 12:00:00+00:00"
    dbt = Dbt(tmp_path, tracker_url=postgres_database)
    zones = ["Pacific/Kiritimati", "Pacific/Honolulu"]
    for zone in sorted(zones * 2, reverse=True) if THOROUGH else zones[:1]:
        settings = replace(SETTINGS, reporting_timezone=zone)
        run = dbt("run", **variables(settings))
        assert run.success, run.output
        assert dbt.push("--to", str(tmp_path / "report.xlsx")).exit_code == 0
        marts, wanted = dbt.marts(), oracle.worksheets(data, settings)
        for name in ("officer_summary", "time_series_data", "daily_metrics", "dashboard_data"):
            assert marts[name] == wanted[name], (name, zone)
        assert {row[3] for row in marts["campaign_summary"]} == {date(9999, 12, 31)}
