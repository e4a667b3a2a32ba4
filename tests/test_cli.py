from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner

from refsync import __version__
from refsync.cli import push
from refsync.settings import Settings
from tests.projects import Project, push_from, run_refsync

OPTIONS = (
    "to",
    "type",
    "select",
    "dry-run",
    "adopt",
    "force",
    "json",
    "manifest",
    "database",
    "verbose",
)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project of two marts whose build is complete; not to be changed."""
    project = Project(tmp_path_factory.mktemp("cafe"))
    project.add("orders", "select * from range(1234) t(id)", type="raw", worksheet="Every order")
    project.add("daily_sales", "select 1 as day, 2 as cups", position=1)
    project.mark("complete")
    return project


@pytest.fixture
def cafe(built: Project, tmp_path: Path) -> Project:
    """A copy of it."""
    return built.copied(tmp_path)


def sheets(path: Path) -> list[str]:
    names: list[str] = openpyxl.load_workbook(path).sheetnames
    return names


# Help ------------------------------------------------------------------------------------------


def test_help_names_every_option_its_variable_and_the_exit_codes() -> None:
    short, long = (
        CliRunner().invoke(push, [flag], terminal_width=100) for flag in ("-h", "--help")
    )
    assert short.exit_code == 0
    assert short.output == long.output
    text = " ".join(long.output.split())
    for option in OPTIONS:
        variable = {"database": "DUCKDB_PATH"}.get(option, option.upper().replace("-", "_"))
        assert re.search(rf"--{option}\b.*?\[env var: REFSYNC_{variable}\b", text), option
    assert "env var: REFSYNC_TO, GOOGLE_SHEET_ID" in text
    assert (
        "Exit codes: 0 done, or nothing to do "
        "1 failed: the destination is as it was before "
        "2 usage or configuration: an option, a variable or a name is wrong" in text
    )


def test_help_loads_nothing_heavy() -> None:
    script = (
        "import sys\n"
        "from refsync.cli import push\n"
        "push(['--help'], standalone_mode=False)\n"
        "print(sorted({name.partition('.')[0] for name in sys.modules}), file=sys.stderr)\n"
    )
    package = str(Path(__file__).parents[1] / "export")
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": package},
    )
    assert "Exit codes" in done.stdout
    loaded = set(re.findall(r"'(\w+)'", done.stderr))
    assert "click" in loaded
    assert not loaded & {"dotenv", "duckdb", "google", "gspread", "requests", "xlsxwriter"}


def test_version(tmp_path: Path) -> None:
    assert run_refsync(tmp_path, "--version") == (0, f"refsync-push {__version__}\n", "")


# A push ----------------------------------------------------------------------------------------


def test_a_push_says_what_it_wrote(cafe: Project) -> None:
    code, stdout, stderr = run_refsync(cafe.folder, "--to", "report.xlsx")
    assert (code, stderr) == (0, "")
    assert re.sub(r"\d+\.\d s", "0.1 s", stdout) == (
        "Built 2026-01-02 03:04 UTC, as of 2026-01-02.\n"
        "Daily_Sales      1 row\n"
        "Every order  1,234 rows\n"
        "Wrote 2 worksheets to report.xlsx in 0.1 s.\n"
    )
    assert sheets(cafe.folder / "report.xlsx") == ["Daily_Sales", "Every order"]


def test_a_dry_run_writes_nothing(cafe: Project) -> None:
    assert push_from(cafe.folder, "--to", "report.xlsx", "--type", "raw", "--dry-run") == (
        0,
        (
            "Built 2026-01-02 03:04 UTC, as of 2026-01-02.\n"
            "Every order  1,234 rows\n"
            "Would write 1 worksheet to report.xlsx; nothing was written.\n"
        ),
        "",
    )
    assert not (cafe.folder / "report.xlsx").exists()


def test_json_is_all_that_standard_output_holds(cafe: Project) -> None:
    code, stdout, stderr = push_from(cafe.folder, "--to", "report.xlsx", "--json")
    result = json.loads(stdout)
    assert result.pop("seconds") > 0
    assert result == {
        "dry_run": False,
        "status": "changed",
        "build": {
            "finished_at": "2026-01-02T03:04:05Z",
            "as_of_date": "2026-01-02",
            "project": None,
            "target": None,
            "source": None,
            "tested": None,
        },
        "destination": "report.xlsx",
        "worksheets": [
            {
                "worksheet": "Daily_Sales",
                "rows": 1,
                "added": None,
                "changed": None,
                "removed": None,
                "cells": 4,
                "notes": [],
                "moved_remarks": 0,
                "kept_remarks": 0,
                "status": "changed",
            },
            {
                "worksheet": "Every order",
                "rows": 1234,
                "added": None,
                "changed": None,
                "removed": None,
                "cells": 1235,
                "notes": [],
                "moved_remarks": 0,
                "kept_remarks": 0,
                "status": "changed",
            },
        ],
        "api_calls": 0,
        "bytes_sent": 0,
        "notes": [],
        "warnings": [],
    }
    assert code == 0
    assert stderr.splitlines()[1] == "Daily_Sales      1 row"


def test_verbose_says_each_step(cafe: Project) -> None:
    _, _, stderr = push_from(cafe.folder, "--to", "report.xlsx", "--verbose")
    assert stderr == (
        "Reading daily_sales.\nReading orders.\nWriting Daily_Sales.\nWriting Every order.\n"
    )


def test_a_warning_is_said_and_the_push_goes_on(cafe: Project) -> None:
    cafe.add("goals", "select 'nan'::double as goal")
    cafe.mark("complete", tested=False)
    warnings = [
        "The tests of the data did not run in this build: run `dbt build` without leaving any out.",
        "Goals: goal has 1 value that is infinite or not a number; its cell is left blank.",
    ]
    code, _, stderr = push_from(cafe.folder, "--to", "report.xlsx")
    assert (code, stderr) == (0, "".join(f"Warning: {warning}\n" for warning in warnings))
    _, stdout, _ = push_from(cafe.folder, "--to", "report.xlsx", "--json")
    assert json.loads(stdout)["warnings"] == warnings
    code, stdout, _ = push_from(cafe.folder, "--to", "report.xlsx", "--check")
    assert code == 0
    assert [line[9:] for line in stdout.splitlines() if line.startswith("warning")] == warnings


def test_a_push_says_what_it_was_built_from(cafe: Project) -> None:
    """In words, in JSON, with --check and in the workbook."""
    known = {"project": "cafe", "target": "tracker", "source": "the database cafe at db.example"}
    cafe.mark("complete", **known, tested=True)
    sentence = (
        "Built 2026-01-02 03:04 UTC from the database cafe at db.example (target tracker), "
        "as of 2026-01-02."
    )
    _, stdout, stderr = push_from(cafe.folder, "--to", "report.xlsx", "--json")
    fields = {"finished_at": "2026-01-02T03:04:05Z", "as_of_date": "2026-01-02", "tested": True}
    assert json.loads(stdout)["build"] == known | fields
    assert stderr.splitlines()[0] == sentence
    book = openpyxl.load_workbook(cafe.folder / "report.xlsx")
    assert book.properties.description == sentence
    _, stdout, _ = push_from(cafe.folder, "--to", "report.xlsx", "--check")
    assert f"ok       {sentence}" in stdout.splitlines()
    code, stdout, stderr = push_from(cafe.folder, "--to", "report.xlsx", "--check", "--json")
    checked = json.loads(stdout)
    assert (code, checked["is_good"], checked["build"]) == (0, True, known | fields)
    assert {"status": "ok", "words": sentence} in checked["findings"]
    assert sentence in stderr


def test_a_source_commands_no_terminal_and_fits_into_a_workbook(cafe: Project) -> None:
    cafe.mark("complete", source="files in /a\x1b[2J\n" + '"' * 99)
    code, stdout, _ = push_from(cafe.folder, "--to", "report.xlsx")
    assert code == 0
    assert stdout.startswith("Built 2026-01-02 03:04 UTC from files in /a\\x1b[2J\\x0a" + '"' * 99)
    assert push_from(cafe.folder, "--to", "report.xlsx")[0] == 0


# Settings --------------------------------------------------------------------------------------


def test_every_option_can_be_given_by_a_variable(cafe: Project) -> None:
    manifest = cafe.manifest.rename(cafe.folder / "m.json")
    database = cafe.database.rename(cafe.folder / "d.duckdb")
    code, stdout, stderr = push_from(
        cafe.folder,
        REFSYNC_TO="report.xlsx\n",
        REFSYNC_TYPE="RAW",
        REFSYNC_SELECT="orders, Every order,",
        REFSYNC_DRY_RUN="true",
        REFSYNC_JSON="1",
        REFSYNC_MANIFEST=manifest.name,
        REFSYNC_DUCKDB_PATH=database.name,
        REFSYNC_VERBOSE="yes",
    )
    assert (code, stderr.splitlines()[0]) == (0, "Reading orders.")
    assert [sheet["worksheet"] for sheet in json.loads(stdout)["worksheets"]] == ["Every order"]
    assert not (cafe.folder / "report.xlsx").exists()


def test_the_environment_wins_over_env_and_an_option_over_both(cafe: Project) -> None:
    env = cafe.folder / ".env"
    env.write_text(
        "\ufeffREFSYNC_TO=of-file${HOME}.xlsx\nREFSYNC_SELECT=orders\n", encoding="utf-8"
    )
    assert push_from(cafe.folder)[0] == 0
    assert sheets(cafe.folder / "of-file${HOME}.xlsx") == ["Every order"]
    assert push_from(cafe.folder, REFSYNC_TO="of-environment.xlsx")[0] == 0
    assert sheets(cafe.folder / "of-environment.xlsx") == ["Every order"]
    arguments = ("--to", "of-option.xlsx", "--select", "daily_sales", "--select", "Every order")
    assert push_from(cafe.folder, *arguments, REFSYNC_TO="other.xlsx")[0] == 0
    assert sheets(cafe.folder / "of-option.xlsx") == ["Daily_Sales", "Every order"]
    assert not (cafe.folder / "other.xlsx").exists()


def test_an_env_file_that_is_no_text(cafe: Project) -> None:
    (cafe.folder / ".env").write_bytes(b"REFSYNC_TO=caf\xe9.xlsx\n")
    code, stdout, stderr = run_refsync(cafe.folder)
    assert (code, stdout) == (2, "")
    assert stderr.startswith("Error: .env cannot be read as UTF-8 text: ")
    assert stderr.count("\n") == 1


@pytest.mark.parametrize("sheet_id", ["", " "])
def test_no_destination(cafe: Project, sheet_id: str) -> None:
    """A secret that a workflow does not have is an empty variable there."""
    assert push_from(cafe.folder, GOOGLE_SHEET_ID=sheet_id) == (
        2,
        "",
        (
            "Error: There is no destination: name a workbook with --to report.xlsx, "
            "or a Google spreadsheet with --to or GOOGLE_SHEET_ID.\n"
        ),
    )


@pytest.mark.parametrize(
    "to", ["report.csv", "reports/", "a b", "https://example.com/a.xlsx", "x.xlsx.bak"]
)
def test_a_destination_that_is_none(cafe: Project, to: str) -> None:
    assert push_from(cafe.folder, "--to", to) == (
        2,
        "",
        (
            f"Error: The destination {to!r} is neither a path ending in .xlsx nor the id or URL "
            "of a Google spreadsheet: copy the URL from the browser while the spreadsheet is "
            "open.\n"
        ),
    )


@pytest.mark.parametrize(
    "to",
    [
        "1AbC-d_9-and-so-on-x",
        "https://docs.google.com/spreadsheets/d/1AbC-d_9-and-so-on-x",
        "https://docs.google.com/spreadsheets/d/1AbC-d_9-and-so-on-x/edit?gid=0#gid=0",
        "https://docs.google.com/spreadsheets/u/1/d/1AbC-d_9-and-so-on-x/edit",
    ],
)
def test_a_spreadsheet_is_named_by_its_id_or_url(to: str) -> None:
    settings = Settings(to=to)
    assert not settings.is_workbook
    assert settings.spreadsheet_id == "1AbC-d_9-and-so-on-x"


def test_a_workbook_is_named_by_its_ending() -> None:
    assert Settings(to="~/Report.XLSX").is_workbook
    assert Settings(to="~/Report.XLSX").workbook == Path.home() / "Report.XLSX"


def test_the_key_never_shows() -> None:
    settings = Settings(to="x", google_service_account_json='{"private_key": "top secret"}')
    assert "top secret" not in repr(settings)
    assert "top secret" not in str(settings)


# Errors ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--colour"], "No such option"),
        (["report.xlsx"], "Got unexpected extra argument"),
    ],
)
def test_wrong_usage(cafe: Project, arguments: list[str], said: str) -> None:
    code, stdout, stderr = push_from(cafe.folder, "--to", "report.xlsx", *arguments)
    assert (code, stdout) == (2, "")
    assert "Usage: refsync-push [OPTIONS]" in stderr
    assert said in stderr


def test_an_unknown_name(cafe: Project) -> None:
    assert push_from(cafe.folder, "--to", "report.xlsx", "--select", "every_order") == (
        2,
        "",
        (
            "Error: There is no worksheet or model 'every_order'; did you mean Every order? "
            "There are Daily_Sales, Every order.\n"
        ),
    )


def test_a_folder_that_is_no_project_is_named(tmp_path: Path) -> None:
    code, _, stderr = push_from(tmp_path, "--to", "report.xlsx")
    assert code == 1
    assert f"There is no {Path('target', 'manifest.json')} in {tmp_path}, which is not" in stderr


def test_a_project_that_was_never_built(tmp_path: Path) -> None:
    (tmp_path / "dbt_project.yml").write_text("name: cafe")
    assert push_from(tmp_path, "--to", "report.xlsx") == (
        1,
        "",
        (
            f"Error: There is no {Path('target', 'manifest.json')} yet: run `dbt build` first, "
            "or name the file with --manifest.\n"
        ),
    )


def test_a_failed_build_is_not_pushed(cafe: Project) -> None:
    (cafe.folder / "report.xlsx").write_bytes(b"old")
    cafe.mark("failed", "daily_sales")
    code, stdout, stderr = push_from(cafe.folder, "--to", "report.xlsx")
    assert (code, stdout) == (1, "")
    assert stderr == (
        "Error: The last `dbt build` failed at daily_sales: correct it and run `dbt build` again.\n"
    )
    assert (cafe.folder / "report.xlsx").read_bytes() == b"old"


def test_verbose_shows_where_an_error_came_from(cafe: Project) -> None:
    cafe.mark("building")
    code, _, stderr = push_from(cafe.folder, "--to", "report.xlsx", "--verbose")
    assert code == 1
    assert stderr.startswith("Traceback (most recent call last):")
    assert stderr.endswith("Error: The last `dbt build` did not finish: run `dbt build` again.\n")


def test_what_nobody_foresaw_is_a_sentence_too(cafe: Project) -> None:
    mark = "select 'complete' as status, 'yesterday' as finished_at"
    cafe.execute(f"create or replace table refsync_build as {mark}")
    code, stdout, stderr = push_from(cafe.folder, "--to", "report.xlsx")
    assert (code, stdout) == (1, "")
    assert stderr == (
        "Error: Something unforeseen happened (ValueError: Invalid isoformat string: 'yesterday'); "
        "run it again with --verbose for the traceback.\n"
    )
    _, _, stderr = push_from(cafe.folder, "--to", "report.xlsx", "--verbose")
    assert stderr.startswith("Traceback (most recent call last):")
    assert stderr.endswith(
        "Something unforeseen happened (ValueError: Invalid isoformat string: 'yesterday').\n"
    )


def test_a_terminal_that_cannot_show_a_name(cafe: Project) -> None:
    cafe.add("goals", worksheet="目标")
    code, stdout, stderr = run_refsync(cafe.folder, "--to", "a.xlsx", PYTHONIOENCODING="cp1252")
    assert (code, stderr) == (0, "")
    assert "\\u76ee\\u6807" in stdout
