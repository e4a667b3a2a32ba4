"""Data that is switched off, erased or too old is in no file after a build or push."""

from __future__ import annotations

import hashlib
import hmac
import json
import shutil
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pytest
from dbt.adapters.duckdb.utils import TargetConfig
from jinja2 import Environment

from refsync_tracker import Plugin, email_key, fresh_file
from refsync_tracker.schema import InputError
from tests.conftest import ROOT, Dbt
from tests.sheets_emulator import SheetsEmulator, Snapshot

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

KEY = "a key of more than 16 characters"

CLICKS = "id,referral_link_id,timestamp,ip,user_agent\n"
SIGNUPS = "id,click_event_id,referral_link_id,timestamp,user_email\n"

ZEYNEP = {
    "name": "Zeynep Yilmaz",
    "address": "192.0.2.177",
    "IPv6 address": "2001:db8:7:7::77",
    "user agent": "Zeppelin/7.7",
    "hash": hashlib.sha256(b"zeynep@example.org").hexdigest(),
    "keyed hash": hmac.digest(KEY.encode(), b"zeynep@example.org", "sha256").hex(),
}
BORIS = {
    "name": "Boris Petrov",
    "address": "198.51.100.155",
    "user agent": "Bathyscaphe/5.5",
    "hash": hashlib.sha256(b"boris@example.org").hexdigest(),
    "keyed hash": hmac.digest(KEY.encode(), b"boris@example.org", "sha256").hex(),
}
FIRST_DAY = {"address": "203.0.113.111", "user agent": "Firstday/1.1"}


def shown(person: dict[str, str], *without: str) -> set[str]:
    """Return what a build without a key shows of a person."""
    return {text for kind, text in person.items() if kind not in {"keyed hash", *without}}


def tracker(folder: Path, *, with_zeynep: bool = True) -> None:
    """Write a tracker's tables, before or after Zeynep's erasure."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    signup = "s1,c2,l1,2026-03-20 08:05:00Z"
    tables = {
        "auth_service_user": f"id,full_name\nu1,{ZEYNEP['name'] if with_zeynep else ''}\n"
        f"u2,{BORIS['name']}\n",
        "auth_service_officer": "id,user_id\no1,u1\no2,u2\n",
        "dashboard_service_campaign": "id,name,start_date,end_date,updated_at\n"
        "k1,Spring,2026-03-01 00:00:00Z,,\n",
        "dashboard_service_referrallink": "id,officer_id,campaign_id,updated_at\nl1,o1,k1,\n"
        "l2,o2,k1,\n",
        "tracking_service_clickevent": CLICKS
        + f"c1,l1,2026-03-01 08:00:00Z,{FIRST_DAY['address']},{FIRST_DAY['user agent']}\n"
        + (
            f"c2,l1,2026-03-20 08:00:00Z,{ZEYNEP['address']},{ZEYNEP['user agent']}\n"
            f"c3,l2,2026-03-21 08:00:00Z,{ZEYNEP['IPv6 address']},{ZEYNEP['user agent']}\n"
            if with_zeynep
            else "c2,l1,2026-03-20 08:00:00Z,,\nc3,l2,2026-03-21 08:00:00Z,,\n"
        )
        + f"c4,l2,2026-03-30 08:00:00Z,{BORIS['address']},{BORIS['user agent']}\n",
        "tracking_service_signupevent": SIGNUPS
        + (f"{signup}, Zeynep@Example.org\n" if with_zeynep else f"{signup},\n")
        + "s2,c4,l2,2026-03-30 08:05:00Z,boris@example.org\n",
    }
    for table, text in tables.items():
        (folder / f"{table}.csv").write_text(text, encoding="utf-8")


@dataclass
class Office:
    """A small tracker, built and pushed to a workbook and a spreadsheet."""

    dbt: Dbt
    emulator: SheetsEmulator
    book: str

    def push(self) -> None:
        """Push to both.

        Workbooks are written whole; a spreadsheet's present state is what counts here.
        """
        workbook = self.dbt.folder / "report.xlsx"
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("GOOGLE_SHEETS_API_ENDPOINT", self.emulator.url)
            account = json.dumps(self.emulator.service_account_info())
            patch.setenv("GOOGLE_SERVICE_ACCOUNT_JSON", account)
            for to in (str(workbook), f"https://docs.google.com/spreadsheets/d/{self.book}"):
                pushed = self.dbt.push("--to", to)
                assert pushed.exit_code == 0, pushed.output

    def found(self, texts: set[str]) -> dict[str, set[str]]:
        """Return which of the texts are in the bytes of which file, and in the spreadsheet."""
        bytes_of = {
            path.name: path.read_bytes()
            for path in self.dbt.folder.rglob("*")
            if path.is_file() and "raw" not in path.parts
        }
        assert self.dbt.database.name in bytes_of
        for name in [name for name in bytes_of if name.endswith(".xlsx")]:
            with zipfile.ZipFile(self.dbt.folder / name) as workbook:
                bytes_of[name] = b"".join(workbook.read(member) for member in workbook.namelist())
        bytes_of["spreadsheet"] = repr(self.sheet.visible()).encode()
        return {
            name: here
            for name, content in bytes_of.items()
            if (here := {text for text in texts if text.encode() in content})
        }

    @property
    def sheet(self) -> Snapshot:
        """What is in the spreadsheet now."""
        return self.emulator.snapshot(self.book)

    def assert_everywhere(self, texts: set[str]) -> None:
        """Assert that a search finds the texts in each place that shows them."""
        found = self.found(texts)
        everywhere = {self.dbt.database.name: texts, "report.xlsx": texts, "spreadsheet": texts}
        assert {name: found.get(name) for name in everywhere} == everywhere


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    folder = tmp_path_factory.mktemp("office")
    tracker(folder / "raw")
    dbt = Dbt(folder, folder / "raw")
    with SheetsEmulator() as emulator:
        office = Office(dbt, emulator, emulator.create_spreadsheet())
        run = dbt("run", as_of_date="2026-03-30")
        assert run.success, run.output
        office.push()
        yield office


@pytest.mark.long
def test_what_is_erased_or_switched_off_is_gone_after_the_next_build(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The window of dates moves on, a person is erased, a setting changes; then no day is shown.

    With the key for hashes those without a key go too. Everything that dbt writes at its most
    talkative is searched for the key. The address that the last build shows is gone after a build
    that shows no events.
    """
    dbt = office.dbt
    office.assert_everywhere(shown(ZEYNEP) | shown(BORIS) | shown(FIRST_DAY))

    tracker(dbt.folder / "raw", with_zeynep=False)
    monkeypatch.setenv("REFSYNC_EMAIL_KEY", f" {KEY}\n")
    settings = {"as_of_date": "2026-03-31", "user_agent_privacy": "omit"}
    models_and_one_unit_test = ("resource_type:model", "a_plain_email_is_hashed")
    build = ("build", "--log-level-file", "debug", "--indirect-selection", "empty")
    run = dbt(*build, "--select", *models_and_one_unit_test, **settings)
    assert run.success, run.output
    assert run.passed == {"a_plain_email_is_hashed"}
    office.push()
    gone = {*ZEYNEP.values(), *FIRST_DAY.values(), BORIS["user agent"], BORIS["hash"]}
    assert office.found(gone) == {}
    still_shown = {BORIS["name"], BORIS["address"], BORIS["keyed hash"]}
    office.assert_everywhere(still_shown)
    assert (dbt.folder / "logs" / "dbt.log").stat().st_size > 100_000
    assert office.found(spellings(KEY)) == {}
    assert KEY not in run.output

    header = office.sheet.values("Tracker_Raw_Data")[0]
    everything_else = {
        title: rows for title, rows in office.sheet.visible().items() if title != "Tracker_Raw_Data"
    }
    run = dbt("run", as_of_date="2026-03-31", raw_days=0)
    assert run.success, run.output
    office.push()
    assert office.found(still_shown - {BORIS["name"]} | {BORIS["hash"]}) == {}
    assert office.sheet.values("Tracker_Raw_Data") == [header]
    left = office.sheet.visible()
    del left["Tracker_Raw_Data"]
    assert left == everything_else
    with duckdb.connect(dbt.database, read_only=True) as connection:
        (mark,) = connection.execute("select first_dates from refsync_build").fetchall()
    assert json.loads(mark[0]) == {"tracker_raw_data": "2026-04-01"}
    assert sorted(path.name for path in dbt.folder.glob("refsync.duckdb*")) == ["refsync.duckdb"]


def spellings(key: str) -> set[str]:
    """Return a key as it may be written down: as it is, in digits, and mixed with HMAC's bytes."""
    mixed = (bytes(each ^ byte for each in key.encode()) for byte in (0x36, 0x5C))
    texts = {key, *(block.decode("latin-1") for block in mixed)}
    return texts | {text.encode("latin-1").hex() for text in texts}


# RFC 4231, section 4: those of its test cases whose data is text.
VECTORS = {
    "1": (
        b"\x0b" * 20,
        "Hi There",
        "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
    ),
    "2": (
        b"Jefe",
        "what do ya want for nothing?",
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
    ),
    "6": (
        b"\xaa" * 131,
        "Test Using Larger Than Block-Size Key - Hash Key First",
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
    ),
    "7": (
        b"\xaa" * 131,
        (
            "This is a test using a larger than block-size key and a larger than block-size data. "
            "The key needs to be hashed before being used by the HMAC algorithm."
        ),
        "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2",
    ),
}


@cache
def hash_in_sql() -> str:
    """Return the macro's SQL for a text."""
    macros = (ROOT / "dbt_project" / "macros" / "values.sql").read_text(encoding="utf-8")
    template = Environment(extensions=["jinja2.ext.do"]).from_string(macros)  # noqa: S701 - SQL
    return str(template.module.hmac_or_sha256("$text"))  # type: ignore[attr-defined]


def hashed(key: bytes, text: str) -> Any:
    """Return what the macro's SQL makes of a text in a session with a key."""
    with duckdb.connect() as connection:
        email_key.set_blocks(connection, key)
        return connection.execute(f"select {hash_in_sql()}", {"text": text}).fetchall()[0][0]


@pytest.mark.parametrize("case", VECTORS)
def test_a_keyed_hash_is_rfc_4231s(case: str) -> None:
    key, text, expected = VECTORS[case]
    assert hashed(key, text) == expected


@pytest.mark.parametrize("length", [16, 63, 64, 65, 128])
def test_a_keyed_hash_is_pythons(length: int) -> None:
    key = bytes(range(length))
    text = "žofie@example.org"
    assert hashed(key, text) == hmac.digest(key, text.encode(), "sha256").hex()
    assert hashed(b"", text) == hashlib.sha256(text.encode()).hexdigest()


@pytest.mark.parametrize(
    "key", ["fifteen letters", "               \n", "x" * 40, "abcabcabcabcabcabc", "\udcff" * 20]
)
def test_a_key_that_can_be_guessed_is_refused(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REFSYNC_EMAIL_KEY", key)
    with pytest.raises(
        InputError, match=r"^REFSYNC_EMAIL_KEY is too easy to guess: set it"
    ) as info:
        email_key.read_key()
    assert key.strip() not in str(info.value) or not key.strip()


@pytest.mark.parametrize(
    ("value", "key"),
    [
        (None, b""),
        ("", b""),
        (f"{KEY}\r\n", KEY.encode()),
        ("\udcff" + KEY, b"\xff" + KEY.encode()),
    ],
)
def test_a_key_is_read_without_line_ends(
    value: str | None, key: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("REFSYNC_EMAIL_KEY", raising=False)
    if value is not None:
        monkeypatch.setenv("REFSYNC_EMAIL_KEY", value)
    assert email_key.read_key() == key


def test_a_weak_key_fails_the_build_and_is_not_repeated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tracker(tmp_path / "raw")
    monkeypatch.setenv("REFSYNC_EMAIL_KEY", "hunter2hunter2")
    run = Dbt(tmp_path, tmp_path / "raw")("run")
    assert not run.success
    assert "REFSYNC_EMAIL_KEY is too easy to guess: set it" in run.output
    assert "hunter2" not in run.output
    with duckdb.connect(tmp_path / "refsync.duckdb", read_only=True) as connection:
        assert connection.execute("select status from refsync_build").fetchall() == [("failed",)]


@dataclass
class Ledger:
    """A DuckDB file that lost a table, attached as it is in a build."""

    path: Path
    connection: duckdb.DuckDBPyConnection

    def rewrite(self) -> None:
        fresh_file.rewrite(self.connection, "ledger", self.path)

    def rows(self) -> list[Any]:
        """Return what another connection of the same process sees."""
        with self.connection.cursor() as cursor:
            return cursor.execute("select * from kept_view order by all").fetchall()

    @property
    def has_old_bytes(self) -> bool:
        return b"192.0.2.177" in self.path.read_bytes()


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    path = tmp_path / "ledger.duckdb"
    with duckdb.connect(path) as connection:
        connection.execute("attach ':memory:' as tracker")
        connection.execute("create table old as select '192.0.2.177' as ip")
        connection.execute("checkpoint")
        connection.execute("create table kept (id integer not null, name text default 'x')")
        connection.execute("insert into kept values (1, 'one')")
        connection.execute('create view kept_view as select * from "ledger"."main"."kept"')
        connection.execute("checkpoint")
        connection.execute("create table newer as select range as id from range(100000)")
        connection.execute("checkpoint")
        connection.execute("drop table old")
        connection.execute("checkpoint")
        ledger = Ledger(path, connection)
        assert ledger.has_old_bytes
        yield ledger


def test_a_file_is_rewritten_whole(ledger: Ledger) -> None:
    ledger.path.chmod(0o640)
    held = ledger.connection.cursor()
    ledger.rewrite()
    assert not ledger.has_old_bytes
    assert ledger.rows() == [(1, "one")]
    assert ledger.path.stat().st_mode & 0o777 == 0o640
    held.execute("insert into kept (id) values (2)")
    with pytest.raises(duckdb.ConstraintException):
        held.execute("insert into kept values (null, 'three')")
    ledger.rewrite()
    assert ledger.rows() == [(1, "one"), (2, "x")]
    assert [path.name for path in ledger.path.parent.iterdir()] == ["ledger.duckdb"]


def test_the_target_of_a_link_is_rewritten(ledger: Ledger, tmp_path: Path) -> None:
    """A kill after that leaves a log, where DuckDB looks for it."""
    ledger.connection.close()
    here = tmp_path / "here"
    here.mkdir()
    link = here / "ledger.duckdb"
    link.symlink_to("../ledger.duckdb")
    with duckdb.connect(link) as connection:
        connection.execute("attach ':memory:' as tracker")
        fresh_file.rewrite(connection, "ledger", link)
        assert link.is_symlink()
        assert not ledger.has_old_bytes
        connection.execute("insert into kept values (2, 'two')")
        assert as_a_kill_leaves_it(tmp_path, link) == [(1, "one"), (2, "two")]


def test_a_path_in_the_home_folder_is_rewritten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DuckDB writes out a `~`, which Python does not; `:memory:` has no file at all."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    path = tmp_path / "refsync.duckdb"
    for database in ("~/refsync.duckdb", ":memory:"):
        with duckdb.connect(database) as connection:
            connection.execute("create table kept as select 1 as id")
            plugin = Plugin("refsync_tracker", {"raw_dir": str(ROOT / "seeds")})
            plugin.configure_connection(connection)
            before = path.stat().st_ino
            plugin.store(TargetConfig(None, [], {"rewrite": True}))  # type: ignore[arg-type]
            assert (path.stat().st_ino != before) == database.startswith("~")
            assert connection.execute("select * from kept").fetchall() == [(1,)]


def as_a_kill_leaves_it(root: Path, database: Path) -> list[Any]:
    """Return the rows that the next run finds if this process ends now, as by `kill -9`."""
    with tempfile.TemporaryDirectory() as copy:
        shutil.copytree(root, copy, symlinks=True, dirs_exist_ok=True)
        with duckdb.connect(Path(copy) / database.relative_to(root)) as connection:
            return connection.execute("select * from kept_view order by all").fetchall()


@dataclass
class Watched:
    """A connection; before and after each of its steps, `look` is called."""

    connection: duckdb.DuckDBPyConnection
    look: Callable[[], None]

    def __enter__(self) -> Watched:
        return self

    def __exit__(self, *_: object) -> None:
        self.connection.close()

    def cursor(self) -> Watched:
        return Watched(self.connection.cursor(), self.look)

    def execute(self, query: str) -> None:
        self.look()
        self.connection.execute(query)
        self.look()


def test_a_kill_at_any_step_leaves_a_whole_file(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    found: list[Any] = []
    replace = Path.replace

    def look() -> None:
        found.append(as_a_kill_leaves_it(ledger.path.parent, ledger.path))

    def replace_watched(path: Path, target: Path) -> Path:
        look()
        replace(path, target)
        look()
        return target

    monkeypatch.setattr("pathlib.Path.replace", replace_watched)
    ledger.connection.execute("insert into kept values (2, 'two')")
    watched: Any = Watched(ledger.connection, look)
    fresh_file.rewrite(watched, "ledger", ledger.path)
    assert found == [[(1, "one"), (2, "two")]] * 16
    assert not ledger.has_old_bytes


def fail_to_replace(*_: object) -> None:
    raise PermissionError(13, "Permission denied")


def test_a_file_that_cannot_be_replaced_stays_as_it_is(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pathlib.Path.replace", fail_to_replace)
    with pytest.raises(
        InputError, match=r"ledger\.duckdb could not be rewritten .* run `dbt build`"
    ):
        ledger.rewrite()
    assert ledger.rows() == [(1, "one")]
    assert [path.name for path in ledger.path.parent.iterdir()] == ["ledger.duckdb"]


class Full:
    """A connection to a full disk: DuckDB closes no file there."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, catalog: str) -> None:
        self.connection = connection
        self.catalog = catalog

    def cursor(self) -> Full:
        return Full(self.connection.cursor(), self.catalog)

    def __enter__(self) -> Full:
        return self

    def __exit__(self, *_: object) -> None:
        self.connection.close()

    def execute(self, statement: str) -> None:
        self.connection.execute(statement)
        if statement.replace('"', "") == f"detach {self.catalog}":
            raise duckdb.IOException("IO Error: CHECKPOINT during DETACH failed. ")


@pytest.mark.parametrize("catalog", ["ledger", "refsync_fresh"])
def test_a_catalog_is_attached_again_on_a_full_disk(ledger: Ledger, catalog: str) -> None:
    full: Any = Full(ledger.connection, catalog)
    with pytest.raises(InputError, match=r"during DETACH failed\. Check that its folder"):
        fresh_file.rewrite(full, "ledger", ledger.path)
    assert ledger.rows() == [(1, "one")]
    assert [path.name for path in ledger.path.parent.iterdir()] == ["ledger.duckdb"]


def test_a_file_in_use_is_never_replaced_by_half(ledger: Ledger) -> None:
    """A transaction that is still open may write to the file later; its log says so."""
    other = ledger.connection.cursor()
    other.begin()
    other.execute("insert into kept values (2, 'two')")
    with pytest.raises(InputError):
        fresh_file.rewrite(ledger.connection, "ledger", ledger.path)
    other.rollback()
    other.close()
    ledger.connection.close()
    with duckdb.connect(ledger.path) as connection:
        assert connection.execute("select * from kept_view").fetchall() == [(1, "one")]


def test_a_file_that_was_opened_meanwhile_is_named(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The copy takes its place, and somebody opens it before this process does."""
    opened = []
    replace = Path.replace

    def replace_and_open(path: Path, target: Path) -> Path:
        replace(path, target)
        opened.append(hold_open(target))
        return target

    monkeypatch.setattr("pathlib.Path.replace", replace_and_open)
    monkeypatch.setattr(fresh_file, "ATTEMPTS", 2)
    with pytest.raises(InputError, match=r"ledger\.duckdb was opened by another process"):
        ledger.rewrite()
    for process in opened:
        process.communicate()
    ledger.connection.close()
    with duckdb.connect(ledger.path) as connection:
        assert connection.execute("select * from kept_view").fetchall() == [(1, "one")]


def hold_open(database: Path) -> subprocess.Popen[str]:
    """Open a file in another process, until that is spoken to."""
    code = (
        f"import duckdb, sys; connection = duckdb.connect({str(database)!r}); "
        "print('open', flush=True); sys.stdin.read()"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout
    assert process.stdout.readline() == "open\n"
    return process


def test_leftovers_of_a_killed_run_are_removed(tmp_path: Path) -> None:
    database = tmp_path / "refsync.duckdb"
    spilled = tmp_path / "refsync.duckdb.tmp" / "duckdb_temp_storage_DEFAULT-0.tmp"
    spilled.parent.mkdir()
    others = [database, tmp_path / "refsync.duckdb.wal", spilled.with_name("notes.txt")]
    leftovers = [tmp_path / "refsync.duckdb.fresh", tmp_path / "refsync.duckdb.fresh.wal", spilled]
    for path in (*others, *leftovers):
        path.touch()
    fresh_file.remove_leftovers(database)
    assert [path.exists() for path in others] == [True] * 3
    assert [path.exists() for path in leftovers] == [False] * 3


DAYS: Sequence[tuple[str, int]] = (("2026-03-28", 1), ("2026-03-29", 1), ("2026-03-30", 2))
"""Dates with their clicks."""


@pytest.mark.parametrize(
    ("raw_days", "clicks", "reconciles"),
    [
        (30, DAYS, True),
        (2, DAYS[1:], True),
        (0, (), True),
        (30, (), False),
        (2, DAYS, False),
        (0, DAYS[2:], False),
        (30, (*DAYS[:2], ("2026-03-30", 1)), False),
        (30, (*DAYS, ("2026-03-31", 1)), False),
    ],
)
def test_the_raw_worksheet_has_its_days_and_no_others(
    raw_days: int, clicks: Sequence[tuple[str, int]], *, reconciles: bool
) -> None:
    """The data test itself, on rows as dbt would have them."""
    test = ROOT / "dbt_project" / "tests" / "assert_raw_data_reconciles.sql"
    template = Environment().from_string(test.read_text(encoding="utf-8"))  # noqa: S701 - SQL
    query = template.render(ref=lambda name: name, raw_days=lambda: raw_days)
    with duckdb.connect() as connection:
        connection.execute(
            "create table time_series_data (event_date date, total_clicks int, total_signups int)"
        )
        connection.execute(
            "create table tracker_raw_data (event_type text, event_time timestamp, officer_id text)"
        )
        for day, number in DAYS:
            connection.execute("insert into time_series_data values (?, ?, 0)", [day, number])
        for day, number in clicks:
            for _ in range(number):
                connection.execute("insert into tracker_raw_data values ('click', ?, 'o')", [day])
        assert (connection.execute(query).fetchall() == []) == reconciles
