"""The gate: what each dbt command leaves of a build that may be pushed, and of one that may not."""

from __future__ import annotations

import re
import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pytest

from refsync.builds import Build, finished_build
from refsync.duckdb_file import DuckDBFile
from refsync.errors import MartError
from tests import tracker_data
from tests.conftest import ROOT, Dbt
from tests.databases import SqliteTracker, held
from tests.oracle import TABLES
from tests.test_bad_input import fill
from tests.test_live_tracker import shape_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.oracle import Tracker

AS_OF = "2026-04-02"


def last_build(dbt: Dbt) -> Build:
    """Return what a push reads of the last build; it raises an error if that is not complete."""
    with closing(DuckDBFile(dbt.database)) as database:
        return finished_build(database.build_marks(), Path("none"), ())


def live_tracker() -> Tracker:
    """Return rows as a database holds them."""
    drawn = tracker_data.rows(tracker_data.make(shape_of(1)))
    return {name: [[held(name, row) for part in drawn[name] for row in part]] for name in TABLES}


@pytest.fixture(scope="module")
def built_files(tmp_path_factory: pytest.TempPathFactory) -> Dbt:
    """A small tracker's files, built without tests; not to be changed."""
    folder = tmp_path_factory.mktemp("files")
    fill(folder / "raw")
    dbt = Dbt(folder, folder / "raw")
    run = dbt("run", as_of_date=AS_OF)
    assert run.success, run.output
    return dbt


@pytest.fixture
def files(built_files: Dbt, tmp_path: Path) -> Iterator[Dbt]:
    """The same build in a folder of its own, from the same files, as they were afterwards."""
    shutil.copytree(built_files.folder, tmp_path, dirs_exist_ok=True)
    campaigns = built_files.folder / "raw" / "dashboard_service_campaign.csv"
    text = campaigns.read_text(encoding="utf-8")
    yield replace(built_files, folder=tmp_path)
    campaigns.write_text(text, encoding="utf-8")


def test_the_sample_in_the_mark(built_sample: Dbt) -> None:
    build = last_build(built_sample)
    assert (build.project, build.target, build.source) == ("refsync", "sample", "the sample")
    assert build.as_of_date == date(2026, 10, 31)


def test_files_in_the_mark(built_files: Dbt) -> None:
    build = last_build(built_files)
    assert (build.target, build.source) == ("files", f"files in {built_files.raw_dir}")
    assert build.as_of_date == date(2026, 4, 2)


def test_a_mark_of_an_earlier_version(files: Dbt, tmp_path: Path) -> None:
    """It is read as it is, and the next build adds the columns; here, of an SQLite file."""
    with duckdb.connect(files.database) as connection:
        connection.execute(
            "create or replace table refsync_build as "
            "select status, command, started_at, finished_at, as_of_date, failures "
            "from refsync_build"
        )
    assert last_build(files).source is None
    tracker = SqliteTracker(tmp_path / "tracker.sqlite3", has_keys=False)
    tracker.fill(live_tracker())
    sqlite = replace(files, raw_dir=None, tracker_url=tracker.url)
    run = sqlite("run", as_of_date=AS_OF)
    assert run.success, run.output
    build = last_build(sqlite)
    assert (build.target, build.source) == ("tracker", f"the SQLite file {tracker.path}")


RECONCILES = "assert_summaries_reconcile_with_history"
SWAPPED = "assert_officers_id_and_user_id_not_swapped"
COUNTS_ONCE = "an_event_counts_once"


def refusal(dbt: Dbt) -> str:
    """Return why a push refuses."""
    with pytest.raises(MartError) as error:
        last_build(dbt)
    return str(error.value)


def test_no_command_spoils_a_good_build(built_sample: Dbt, tmp_path: Path) -> None:
    """Working models are gone when a build ends; nothing needs them afterwards."""
    shutil.copy(built_sample.database, tmp_path)
    dbt = Dbt(tmp_path)
    before = last_build(dbt)
    assert before.tested
    shown = "select * from {{ ref('tracker_raw_data') }}"
    for command, words in {
        ("test", "--select", RECONCILES, SWAPPED, f"unit_test:{COUNTS_ONCE}"): "",
        ("compile",): "",
        ("show", "--select", "officer_summary"): "officer_name",
        ("show", "--select", "tracker_raw_data"): "signup",
        ("show", "--inline", shown): "signup",
        ("list", "--select", "officer_summary"): "officer_summary",
    }.items():
        run = dbt(*command)
        assert run.success, run.output
        assert words in run.output
        assert last_build(dbt) == before, command


def test_tests_of_a_database_read_no_events_again(tmp_path: Path) -> None:
    """They go by the day that was built, and by what the database says of officers."""
    tracker = SqliteTracker(tmp_path / "tracker.sqlite3", has_keys=False)
    tracker.fill(live_tracker())
    dbt = Dbt(tmp_path, tracker_url=tracker.url)
    run = dbt("run", as_of_date=AS_OF, raw_days=3)
    assert run.success, run.output
    before = last_build(dbt)
    with closing(sqlite3.connect(tracker.path)) as connection, connection:
        connection.execute("update tracking_service_clickevent set timestamp = 'unreadable'")
    chosen = (RECONCILES, SWAPPED, "assert_raw_data_reconciles", "assert_time_series_is_90_dates")
    run = dbt("test", "--select", *chosen)
    assert run.success, run.output
    assert last_build(dbt) == before
    run = dbt("test", "--select", *chosen, as_of_date="2026-04-01")
    assert not run.success
    assert f"The last build was made with as_of_date {AS_OF}: leave as_of_date out" in run.output
    assert last_build(dbt) == before


def test_a_failure_stays_open_until_it_passes(files: Dbt, monkeypatch: pytest.MonkeyPatch) -> None:
    with duckdb.connect(files.database) as connection:
        connection.execute("update officer_summary set total_clicks = total_clicks + 1")
    run = files("test", "--select", RECONCILES)
    assert run.failed == {RECONCILES}
    failed_at = f"failed at {RECONCILES}: correct it"
    assert failed_at in refusal(files)
    for command in (
        ("run",),
        ("build", "--exclude-resource-type", "test", "unit_test"),
        ("build", "--resource-type", "model"),
        ("build", "--select", "+officer_summary", "--exclude", RECONCILES, "test_type:unit"),
        ("test", "--select", "unique_officer_summary_officer_id"),
    ):
        run = files(*command, as_of_date=AS_OF)
        assert run.success, run.output
        assert failed_at in refusal(files), command
    monkeypatch.setenv("DBT_EXCLUDE_RESOURCE_TYPES", "test unit_test")
    run = files("build", as_of_date=AS_OF)
    assert run.success, run.output
    assert failed_at in refusal(files)
    monkeypatch.delenv("DBT_EXCLUDE_RESOURCE_TYPES")
    run = files("test", "--select", RECONCILES)
    assert run.success, run.output
    assert last_build(files).tested is False


def test_a_build_of_no_rows_or_of_a_part_is_not_complete(files: Dbt) -> None:
    run = files("run", "--empty", as_of_date=AS_OF)
    assert run.success, run.output
    assert "a build of no rows" in refusal(files)
    run = files("run", as_of_date=AS_OF)
    assert run.success, run.output
    assert files.marts()["officer_summary"][0][2:4] == (2, 1)
    assert last_build(files).as_of_date == date(2026, 4, 2)

    run = files("run", "--select", "+officer_summary", as_of_date="2026-04-01")
    assert run.success, run.output
    assert "it skipped " in refusal(files)
    assert "campaign_summary" in refusal(files)
    run = files("run", as_of_date="2026-04-01")
    assert run.success, run.output
    assert last_build(files).as_of_date == date(2026, 4, 1)


def test_a_part_that_cannot_be_built_alone(files: Dbt) -> None:
    before = last_build(files)
    run = files("run", "--select", "tracker_raw_data", as_of_date=AS_OF)
    assert not run.success
    assert (
        "\ntracker_raw_data is built together with int_clicks_shown, which exists only while a "
        "build runs: run `dbt build`, or select +tracker_raw_data."
    ) in run.output
    assert "Compilation Error" not in run.output
    assert last_build(files) == before


def test_a_failed_model_is_named_before_those_behind_it(files: Dbt) -> None:
    write_broken(files)
    run = files("run", as_of_date=AS_OF)
    assert not run.success
    words = refusal(files)
    assert "The last `dbt run` failed at int_campaigns_dated (" in words
    assert "more were skipped)" in words


def write_broken(files: Dbt) -> None:
    """Give a campaign a date that is none, which ends its model."""
    assert isinstance(files.raw_dir, Path)
    path = files.raw_dir / "dashboard_service_campaign.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("2026-03-01 00", "never 00"))


def test_whatever_fails_marks_the_build(files: Dbt) -> None:
    """Also what nobody foresaw, and before dbt's hook; and its words have no password."""
    lost = replace(files, raw_dir=None, tracker_url="postgresql://reader:hunter2@[x/tracker")
    run = lost("run", as_of_date=AS_OF)
    assert not run.success
    assert "hunter2" not in run.output
    assert "Traceback" not in run.output
    assert refusal(lost) == "The last `dbt run` failed: correct it and run `dbt build` again."


@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        ({"as_of_data": "2026-04-02"}, "There is no variable as_of_data: did you mean as_of_date?"),
        ({"raw_day": 3}, "There is no variable raw_day: did you mean raw_days?"),
        ({"pa55!word": 3}, "There is no variable of a name in --vars: did you mean "),
        ({"raw_days": None}, "The variable raw_days has no value: set it"),
        ({"raw_days": [30]}, "The variable raw_days is wrong: set it to a whole number from 0 up."),
        (
            {"raw_days": "abc"},
            "The variable raw_days is 'abc': set it to a whole number from 0 up.",
        ),
        (
            {"as_of_date": "{{ env_var('REFSYNC_RAW_DIR') }}"},
            "The variable as_of_date is wrong: set it to today, yesterday or a date",
        ),
        ({"ip_privacy": "s3cr3t-P4ssw0rd"}, "The variable ip_privacy is wrong: set it to full, "),
    ],
)
def test_variables_that_are_not(files: Dbt, variables: dict[str, Any], sentence: str) -> None:
    run = files("run", **variables)
    assert not run.success
    assert f"\n{sentence}" in run.output
    assert str(files.raw_dir) not in run.output
    assert "P4ssw0rd" not in run.output
    assert refusal(files) == "The last `dbt run` failed: correct it and run `dbt build` again."


def counted_from(dbt: Dbt) -> set[str]:
    """Return the names of the code that decides a count, as dbt derives them."""
    run = dbt("compile", "--inline", "counted: {{ counted_from().keys() | join(' ') }}")
    assert run.success, run.output
    (names,) = re.findall("^counted: (.+)$", run.output, re.MULTILINE)
    return {name.rpartition(".")[2] for name in names.split() if "." in name}


def test_the_code_that_decides_a_count(built_files: Dbt) -> None:
    """Derived a second time, from the text of the files: every model read, every macro called."""
    models = {path.stem: path.read_text("utf-8") for path in ROOT.glob("models/**/*.sql")}
    macros = {
        match[1]: match[0]
        for path in ROOT.glob("dbt_project/macros/*.sql")
        for match in re.finditer(
            r"{% macro (\w+)\(.*?{%-? endmacro %}", path.read_text("utf-8"), re.DOTALL
        )
    }
    config = (ROOT / "dbt_project.yml").read_text("utf-8")
    hooks = config[config.index("int_link_days_counted") : config.index("int_link_days_attributed")]
    expected: set[str] = set()
    waiting = ["int_link_days_counted", *re.findall(r"{{ (\w+)\(", hooks)]
    while waiting:
        name = waiting.pop()
        if name in expected or name in {"reporting_timezone", "fail"}:
            continue
        expected.add(name)
        text = models.get(name) or macros[name]
        waiting += [other for other in models if f"ref('{other}')" in text]
        waiting += [other for other in macros if re.search(rf"\b{other}\(", text)]
        waiting += [f"duckdb__{name}"] if f"duckdb__{name}" in macros else []
        waiting += [f"default__{name}"] if f"default__{name}" in macros else []
    assert "visitor" in expected
    assert not {
        name for name in expected & {*models} if "shown" in name or name == "tracker_raw_data"
    }
    assert counted_from(built_files) == expected


def test_changed_code_counts_again_what_it_decides(built_files: Dbt, tmp_path: Path) -> None:
    """After a change of `visitor` all is counted again; after one of the raw worksheet, nothing."""
    shutil.copytree(built_files.folder / "raw", tmp_path / "raw")
    clicks = tmp_path / "raw" / "tracking_service_clickevent" / "2026-03.csv"
    clicks.write_text(
        "id,referral_link_id,timestamp,ip,user_agent\n"
        "c1,l1,2026-03-30 08:00:00+00:00,192.0.2.1,browser\n"
        "c3,l1,2026-03-30 09:00:00+00:00,192.0.2.1,other\n",
        encoding="utf-8",
    )
    dbt = Dbt(tmp_path, tmp_path / "raw")

    def versions(*edits: tuple[str, str, str]) -> set[str]:
        run = replace(dbt, edits=edits)("run", as_of_date=AS_OF)
        assert run.success, run.output
        with duckdb.connect(dbt.database) as connection:
            rows = connection.execute("select part_version from refsync_parts").fetchall()
        return {version.rpartition(" ")[2] for (version,) in rows}

    first = versions()
    assert dbt.marts()["officer_summary"][0][5] == 3
    shown = ("models/marts/tracker_raw_data.sql", "{# Copies", "{# All copies")
    near = ("models/intermediate/working/int_clicks_near.sql", "{# Nearly", "{# Almost")
    assert versions(shown, near) == first
    deduplication = "dbt_project/macros/deduplication.sql"
    edits = [
        (deduplication, f"cast(hash({{{{ {pair} }}}}) as", "cast(hash({{ ip }}) as")
        for pair in ("ip }}, {{ user_agent", "user_agent }}, {{ ip")
    ]
    assert versions(*edits).isdisjoint(first)
    assert dbt.marts()["officer_summary"][0][5] == 2
