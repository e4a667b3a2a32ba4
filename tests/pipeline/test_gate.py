"""The gate: what each dbt command leaves of a build that may be pushed, and of one that may not."""

from __future__ import annotations

import json
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

from refsync.errors import MartError
from refsync.marts.build_status import marked_build
from refsync.marts.duckdb_file import DuckDBFile
from tests.conftest import ROOT, THOROUGH, Dbt, Run, parsed, thorough
from tests.pipeline import tracker_data
from tests.pipeline.databases import SqliteTracker, held
from tests.pipeline.exports import CAMPAIGNS, HEALTHY, MARCH, SIGNUPS, USERS, write
from tests.pipeline.oracle import TABLES, Settings, worksheets
from tests.pipeline.test_live_tracker import shape_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from refsync.worksheet.build import Build
    from tests.pipeline.oracle import Tracker

AS_OF = "2026-04-02"

# Two visitors on one day, who differ in their browsers alone.
FILES = {**HEALTHY, MARCH: f"{HEALTHY[MARCH]}c3,l1,2026-03-30 09:00:00+00:00,192.0.2.1,other\n"}


def fill(folder: Path) -> None:
    """Write the files of a small tracker."""
    for name, text in FILES.items():
        write(folder / name, text)


def last_build(dbt: Dbt) -> Build:
    """Return what a push reads of the last build; it raises an error if that is not complete."""
    with closing(DuckDBFile(dbt.database)) as database:
        return marked_build(database.build_marks())


def live_tracker() -> Tracker:
    """Return rows as a database has them."""
    drawn = tracker_data.rows(tracker_data.make(shape_of(1)))
    return {name: [[held(name, row) for part in drawn[name] for row in part]] for name in TABLES}


@pytest.fixture(scope="module")
def built_files(tmp_path_factory: pytest.TempPathFactory) -> Dbt:
    """A small tracker's files, built without tests; not to be changed."""
    folder = tmp_path_factory.mktemp("files")
    fill(folder / "raw")
    dbt = Dbt(folder, folder / "raw", writes=True)
    succeed(dbt, "run", as_of_date=AS_OF)
    return replace(dbt, writes=False)


@pytest.fixture
def files(built_files: Dbt, tmp_path: Path) -> Iterator[Dbt]:
    """The same build in a folder of its own, from the same files, which are healthy afterwards."""
    shutil.copytree(built_files.folder, tmp_path, dirs_exist_ok=True)
    yield replace(built_files, folder=tmp_path)
    fill(built_files.folder / "raw")


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> SqliteTracker:
    """A tracker in an SQLite file."""
    tracker = SqliteTracker(tmp_path_factory.mktemp("sqlite") / "tracker.sqlite3", has_keys=False)
    tracker.fill(live_tracker())
    return tracker


@pytest.fixture
def project(built_sample: Dbt, tmp_path: Path) -> Path:
    """The project in a folder of its own, with a selector; it is parsed already."""
    folder = tmp_path / "project"
    folder.mkdir()
    for name in ("dbt_project", "dbt_project.yml", "models", "profiles.yml", "seeds"):
        (folder / name).symlink_to(ROOT / name)
    selector = {"name": "summaries", "definition": "officer_summary"}
    (folder / "selectors.yml").write_text(json.dumps({"selectors": [selector]}), encoding="utf-8")
    built_sample._parsed()
    parsed[folder, "duckdb"] = parsed[ROOT, "duckdb"]
    return folder


def test_the_sample_in_the_mark(built_sample: Dbt) -> None:
    build = last_build(built_sample)
    assert (build.project, build.target, build.source) == ("refsync", "sample", "the sample")
    assert build.as_of_date == date(2026, 10, 31)


def test_files_in_the_mark(built_files: Dbt) -> None:
    build = last_build(built_files)
    assert (build.target, build.source) == ("files", f"files in {built_files.raw_dir}")
    assert build.as_of_date == date(2026, 4, 2)


def succeed(dbt: Dbt, *command: str, **variables: Any) -> Run:
    """Run a command that must succeed."""
    run = dbt(*command, **variables)
    assert run.success, run.output
    return run


RECONCILES = "assert_summaries_reconcile_with_history"
SWAPPED = "assert_officers_id_and_user_id_not_swapped"
COUNTS_ONCE = "an_event_counts_once"


def refusal(dbt: Dbt) -> str:
    """Return why a push refuses."""
    with pytest.raises(MartError) as error:
        last_build(dbt)
    return str(error.value)


def test_no_command_spoils_a_good_build(built_sample: Dbt, tmp_path: Path) -> None:
    """A build drops its working models at its end; nothing needs them later."""
    shutil.copy(built_sample.database, tmp_path)
    dbt = Dbt(tmp_path)
    before = last_build(dbt)
    assert before.tested
    shown = "select * from {{ ref('tracker_raw_data') }}"
    for command, words in {
        ("test", "--select", RECONCILES, SWAPPED, f"unit_test:{COUNTS_ONCE}"): "",
        ("compile", "--select", "tracker_raw_data"): "",
        ("show", "--select", "tracker_raw_data"): "signup",
        ("show", "--inline", shown): "signup",
        ("list", "--select", "officer_summary"): "officer_summary",
        ("debug",): "",
    }.items():
        run = succeed(dbt, *command)
        assert words in run.output
        assert last_build(dbt) == before, command


def test_before_the_first_build(dbt: Dbt) -> None:
    """A model that reads what was counted compiles, and tests say that nothing is built."""
    succeed(dbt, "compile", "--select", "int_parts_dated")
    run = dbt("test", "--select", RECONCILES)
    assert not run.success
    assert run.output.endswith("\nNothing is built yet: run `dbt build`, which runs the tests too.")


@thorough
def test_tests_of_a_database_read_no_events_again(files: Dbt, database: SqliteTracker) -> None:
    """They go by the day that was built, and by what the database says of officers.

    It is built over files, and over the mark of an earlier version: that is read as it is, and the
    build adds the columns.
    """
    with duckdb.connect(files.database) as connection:
        connection.execute(
            "create or replace table refsync_build as "
            "select status, command, started_at, finished_at, as_of_date, failures "
            "from refsync_build"
        )
    assert last_build(files).source is None
    dbt = replace(files, raw_dir=None, tracker_url=database.url)
    succeed(dbt, "run", as_of_date=AS_OF, raw_days=3)
    before = last_build(dbt)
    assert (before.target, before.source) == ("tracker", f"the SQLite file {database.path}")
    with closing(sqlite3.connect(database.path)) as tracker, tracker:
        tracker.execute("update tracking_service_clickevent set timestamp = 'unreadable'")
    chosen = (RECONCILES, SWAPPED, "assert_raw_data_reconciles", "assert_time_series_is_90_dates")
    succeed(dbt, "test", "--select", *chosen)
    assert last_build(dbt) == before
    run = dbt("test", "--select", *chosen, as_of_date="2026-04-01")
    assert not run.success
    assert f"The last build was made with as_of_date {AS_OF}: leave as_of_date out" in run.output
    assert last_build(dbt) == before


def test_a_failure_stays_open_until_it_passes(files: Dbt, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither a build of its model closes it, nor one of all models without the test."""
    with duckdb.connect(files.database) as connection:
        connection.execute("update officer_summary set total_clicks = total_clicks + 1")
    run = files("test", "--select", RECONCILES)
    assert run.failed == {RECONCILES}
    assert f"failed at {RECONCILES}: correct it" in refusal(files)
    for command in (
        ("build", "--select", "officer_summary", "--exclude", RECONCILES, "test_type:unit"),
        ("test", "--select", "unique_officer_summary_officer_id"),
    ):
        succeed(files, *command, as_of_date=AS_OF)
        assert f"failed at {RECONCILES}: correct it" in refusal(files), command
    shutil.copy(files.database, files.folder / "rebuilt.duckdb")

    # All models, of which the first ones fail, for the others need time.
    damage(files)
    build_of_models = ("build", "--resource-type", "model")
    for options in (("run",), *([build_of_models] if THOROUGH else [])):
        assert not files(*options, as_of_date=AS_OF).success
        assert f"failed at {RECONCILES}, int_" in refusal(files), options
    monkeypatch.setenv("DBT_EXCLUDE_RESOURCE_TYPES", "test unit_test")
    assert not files("build", as_of_date=AS_OF).success
    assert f"failed at {RECONCILES}, int_" in refusal(files)
    monkeypatch.delenv("DBT_EXCLUDE_RESOURCE_TYPES")

    shutil.copy(files.folder / "rebuilt.duckdb", files.database)
    succeed(files, "test", "--select", RECONCILES)
    assert last_build(files).tested is False


def damage(files: Dbt) -> None:
    """Damage a file of each table that other models read first."""
    assert isinstance(files.raw_dir, Path)
    for name, text, other in (
        (f"{CAMPAIGNS}.csv", "2026-03-01 00", "never 00"),
        (f"{USERS}.csv", "Ana", '"Ana'),
        (MARCH, "2026-03-30 08", "never 08"),
    ):
        assert text in FILES[name]
        write(files.raw_dir / name, FILES[name].replace(text, other))


@pytest.mark.long
def test_a_build_that_failed_or_is_of_a_part_is_not_complete(
    files: Dbt, built_files: Dbt, project: Path
) -> None:
    """What was left out is open until all models are built, with one day and all rows."""
    damage(files)
    assert not files("run", "--fail-fast", as_of_date=AS_OF).success
    pattern = r"The last `dbt run` failed at int_campaigns_dated.* \(\d\d more were skipped\):"
    assert re.match(pattern, refusal(files))
    assert isinstance(files.raw_dir, Path)
    fill(files.raw_dir)

    officers = ("run", "--select", "officer_summary")
    succeed(files, *officers, "--empty", as_of_date=AS_OF)
    assert "a build of no rows" in refusal(files)
    succeed(files, *officers, "--sample", "1 day", as_of_date=AS_OF)
    assert "a build of a sample" in refusal(files)
    state = str(files.folder / "state")
    shutil.copytree(files.folder / "target", state)
    succeed(files, *officers, "--defer", "--state", state, as_of_date=AS_OF)
    assert "a deferred build" in refusal(files)

    shutil.copy(built_files.database, files.database)
    one = replace(files, project=project)
    succeed(one, "run", "--selector", "summaries", as_of_date="2026-04-01")
    assert re.search(r"it skipped (\w+, ){4}\w+ and \d more", refusal(files))
    if THOROUGH:
        succeed(files, "clone", "--select", "marts", "--state", state)
        assert "it skipped " in refusal(files)
    with duckdb.connect(files.database) as connection:
        connection.execute("update refsync_build set failures = 'a build of no rows'")
    succeed(files, "run", as_of_date="2026-04-01")
    assert last_build(files).as_of_date == date(2026, 4, 1)
    assert files.marts()["officer_summary"][0][2:4] == (3, 1)


def test_a_clone_over_its_own_marts_changes_nothing(built_sample: Dbt, tmp_path: Path) -> None:
    """A mart that shows itself would have no rows."""
    shutil.copytree(built_sample.folder, tmp_path, dirs_exist_ok=True)
    dbt = Dbt(tmp_path)
    state = str(built_sample.folder / "target")
    run = dbt("clone", "--full-refresh", "--select", "officer_summary", "--state", state)
    assert run.failed == {"officer_summary"}
    assert dbt.marts() == built_sample.marts()
    assert last_build(dbt) == last_build(built_sample)


def test_a_table_takes_the_place_of_a_view_and_a_view_that_of_a_table(
    built_sample: Dbt, tmp_path: Path
) -> None:
    """As after a change of how a model is materialized."""
    shutil.copy(built_sample.database, tmp_path)
    dbt = Dbt(tmp_path)
    with duckdb.connect(dbt.database) as connection:
        connection.execute("drop view int_links_rated")
        connection.execute("create table int_links_rated as select 1 as old")
        connection.execute("drop table officer_summary")
        connection.execute("create view officer_summary as select 1 as old")
    succeed(dbt, "run", "--select", "officer_summary", "int_links_rated")
    assert dbt.marts() == built_sample.marts()
    with duckdb.connect(dbt.database) as connection:
        kinds = connection.execute(
            "select table_type from information_schema.tables "
            "where table_name in ('int_links_rated', 'officer_summary') order by table_name"
        ).fetchall()
    assert kinds == [("VIEW",), ("BASE TABLE",)]


def test_a_killed_test_a_clean_and_another_target(built_sample: Dbt, project: Path) -> None:
    """The test is open until all tests have run; here, on exports with headers only."""
    shutil.copy(built_sample.database, project)
    dbt = Dbt(project, project=project)
    with duckdb.connect(dbt.database) as connection:
        connection.execute("update refsync_build set status = 'testing'")
    assert refusal(dbt) == "The last `dbt test` did not finish: run `dbt test` again."
    succeed(dbt, "test", "--select", SWAPPED)
    assert "failed at an unfinished test: correct it" in refusal(dbt)

    succeed(dbt, "clean")
    assert not (project / "target").exists()
    assert "failed at an unfinished test: correct it" in refusal(dbt)

    for name, text in HEALTHY.items():
        if name.endswith(".csv"):
            write(project / "raw" / name, text.partition("\n")[0])
    write(project / "raw" / f"{SIGNUPS}.csv", "id,click_event_id,referral_link_id,timestamp\n")
    files = replace(dbt, raw_dir=project / "raw")
    succeed(files, "build", "--exclude", "test_type:unit", as_of_date=AS_OF)
    build = last_build(files)
    assert (build.target, build.source) == ("files", f"files in {project / 'raw'}")
    assert build.tested
    no_rows: Tracker = {table: [[]] for table in TABLES}
    assert files.marts() == worksheets(no_rows, Settings(date(2026, 4, 2)))


def test_a_part_that_cannot_be_built_alone(files: Dbt) -> None:
    before = last_build(files)
    run = files("run", "--select", "tracker_raw_data", as_of_date=AS_OF)
    assert not run.success
    assert (
        "\ntracker_raw_data is built together with int_raw_clicks, which exists only while a "
        "build runs: run `dbt build`, or select +tracker_raw_data."
    ) in run.output
    assert "Compilation Error" not in run.output
    assert last_build(files) == before


def test_whatever_fails_marks_the_build(files: Dbt) -> None:
    """Also what nobody foresaw, and before dbt's hook; and its words have no password."""
    lost = replace(files, raw_dir=None, tracker_url="postgresql://reader:hunter2@[x/tracker")
    run = lost("run", as_of_date=AS_OF)
    assert not run.success
    assert "hunter2" not in run.output
    assert "Traceback" not in run.output
    assert refusal(lost) == "The last `dbt run` failed: correct it and run `dbt build` again."


DAY = "set it to today, yesterday or a date such as 2026-03-31, from 1970 to 9998."
NUMBER = "set it to a whole number from {} to {}."

MORE_VARIABLES: tuple[tuple[dict[str, Any], str], ...] = (
    ({"raw_day": 3}, "There is no variable raw_day: did you mean raw_days?"),
    ({"raw_days": "abc"}, f"The variable raw_days is 'abc': {NUMBER.format(0, 700000)}"),
    ({"as_of_date": "tomorrow"}, f"The variable as_of_date is 'tomorrow': {DAY}"),
)
"""Others of the same kinds as those that are always tried."""

UNKNOWN = {"as_of_data": AS_OF}, "There is no variable as_of_data: did you mean as_of_date?"
WRONG = {"as_of_date": "2026-02-30"}, f"The variable as_of_date is '2026-02-30': {DAY}"


@pytest.mark.parametrize(("variables", "sentence"), [UNKNOWN, WRONG])
def test_a_build_refuses_a_variable(files: Dbt, variables: dict[str, Any], sentence: str) -> None:
    run = files("run", "--no-write-json", **variables)
    assert not run.success
    assert f"\n{sentence}" in run.output
    assert "Traceback" not in run.output
    assert refusal(files) == "The last `dbt run` failed: correct it and run `dbt build` again."


@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        ({"pa55!word": 3}, "There is no variable of a name in --vars: did you mean "),
        ({"raw_days": None}, "The variable raw_days has no value: set it"),
        ({"raw_days": [30]}, f"The variable raw_days is wrong: {NUMBER.format(0, 700000)}"),
        ({"raw_days": -1}, f"The variable raw_days is '-1': {NUMBER.format(0, 700000)}"),
        ({"raw_days": 740000}, f"The variable raw_days is '740000': {NUMBER.format(0, 700000)}"),
        (
            {"other_variables": "x"},
            "The variable other_variables is 'x': set it to a list of names such as [my_variable].",
        ),
        (
            {"raw_max_rows": "many"},
            f"The variable raw_max_rows is 'many': {NUMBER.format(1, 999999999)}",
        ),
        (
            {"fraud_threshold": "high"},
            "The variable fraud_threshold is 'high': set it to a number such as 7 or 7.5.",
        ),
        ({"as_of_date": "9999-12-31"}, f"The variable as_of_date is '9999-12-31': {DAY}"),
        (
            {"as_of_date": "{{ env_var('REFSYNC_RAW_DIR') }}"},
            f"The variable as_of_date is wrong: {DAY}",
        ),
        (
            {"reporting_timezone": "Europe/Atlantis"},
            "The variable reporting_timezone is 'Europe/Atlantis': set it to a name such as UTC",
        ),
        ({"ip_privacy": "s3cr3t-P4ssw0rd"}, "The variable ip_privacy is wrong: set it to full, "),
        (
            {"user_agent_privacy": "truncate"},
            "The variable user_agent_privacy is 'truncate': set it to full or omit.",
        ),
        *(MORE_VARIABLES if THOROUGH else ()),
    ],
)
def test_variables_that_are_not(
    dbt: Dbt, built_files: Dbt, variables: dict[str, Any], sentence: str
) -> None:
    """A build's first step asks this macro."""
    files = replace(dbt, raw_dir=built_files.raw_dir)
    run = files("run-operation", "check_settings", **variables)
    assert not run.success
    assert sentence in run.output
    for secret in (str(files.raw_dir), "pa55", "P4ssw0rd"):
        assert secret not in run.output


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
        for path in ROOT.glob("dbt_project/macros/**/*.sql")
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
        if name in expected or name in {"reporting_timezone", "fraud_threshold", "fail"}:
            continue
        expected.add(name)
        text = models.get(name) or macros[name]
        waiting += [other for other in models if f"ref('{other}')" in text]
        waiting += [other for other in macros if re.search(rf"\b{other}\(", text)]
        waiting += [f"duckdb__{name}"] if f"duckdb__{name}" in macros else []
        waiting += [f"default__{name}"] if f"default__{name}" in macros else []
    assert "visitor" in expected
    assert not {name for name in expected & {*models} if "_raw_" in name}
    assert counted_from(built_files) == expected


def test_changed_code_counts_again_what_it_decides(files: Dbt) -> None:
    """After a change of the raw worksheet nothing is counted again; after one of `visitor`, all."""

    def versions() -> set[str]:
        with duckdb.connect(files.database) as connection:
            rows = connection.execute("select part_version from refsync_parts").fetchall()
        return {version.rpartition(" ")[2] for (version,) in rows}

    first = versions()
    assert files.marts()["officer_summary"][0][5] == 3
    shown = ("models/marts/tracker_raw_data.sql", "{# Copies", "{# All copies")
    near = ("models/intermediate/raw_sheet/int_raw_clicks.sql", "{# Nearly", "{# Almost")
    counted = ("run", "--select", "+officer_summary")
    succeed(replace(files, edits=(shown, near)), *counted, as_of_date=AS_OF)
    assert versions() == first
    deduplication = "dbt_project/macros/deduplication.sql"
    edits = tuple(
        (deduplication, f"cast(hash({{{{ {pair} }}}}) as", "cast(hash({{ ip }}) as")
        for pair in ("ip }}, {{ user_agent", "user_agent }}, {{ ip")
    )
    with duckdb.connect(files.database) as connection:  # the history of an earlier version
        connection.execute("alter table int_link_days_counted drop column bot_clicks")
        connection.execute("alter table int_link_days_counted drop column signups_unknown")
    succeed(replace(files, edits=edits), *counted, as_of_date=AS_OF)
    assert versions().isdisjoint(first)
    assert files.marts()["officer_summary"][0][5] == 2
    assert all(None not in row for row in files.link_days())
