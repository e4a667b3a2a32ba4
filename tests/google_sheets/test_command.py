"""The command, pushing to a spreadsheet."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

import pytest

from tests.projects import Project, push_from, run_refsync, start_refsync
from tests.sheets_emulator import DEFAULT_ACCOUNT, Fault, SheetsEmulator

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.sheets_emulator import Call


@pytest.fixture
def project(tmp_path: Path) -> Project:
    project = Project(tmp_path)
    project.add("coffees", "select * from values ('espresso', 3), ('lungo', 5) as t(name, cups)")
    project.add("teas", "select 'green' as name, 0.125 as share")
    project.mark("complete")
    return project


def refsync(
    emulator: SheetsEmulator,
    project: Project,
    spreadsheet_id: str,
    *arguments: str,
    run: Callable[..., tuple[int, str, str]] = push_from,
) -> tuple[int, str, str]:
    emulator.forget_calls()
    return run(project.folder, *arguments, **settings(emulator, spreadsheet_id))


def settings(emulator: SheetsEmulator, spreadsheet_id: str) -> dict[str, Any]:
    """Return the variables that lead to a spreadsheet."""
    return {
        "GOOGLE_SHEET_ID": f"https://docs.google.com/spreadsheets/d/{spreadsheet_id}/edit#gid=0",
        "GOOGLE_SERVICE_ACCOUNT_JSON": json.dumps(emulator.service_account_info()),
        "GOOGLE_SHEETS_API_ENDPOINT": emulator.url,
    }


def test_a_push_a_dry_run_and_a_push_of_nothing_new(
    emulator: SheetsEmulator, project: Project
) -> None:
    book = emulator.create_spreadsheet()
    url = f"https://docs.google.com/spreadsheets/d/{book}"
    code, out, err = refsync(emulator, project, book, run=run_refsync)
    assert (code, err) == (0, "")
    built, *lines = out.splitlines()
    assert built == "Built 2026-01-02 03:04 UTC, as of 2026-01-02."
    assert lines[:2] == [
        "Coffees  2 rows  2 added, 6 cells, creates the tab",
        "Teas     1 row   1 added, 4 cells, creates the tab",
    ]
    assert lines[2].startswith(f"Wrote 2 of 2 worksheets, 10 cells, to {url} by 3 API calls in ")
    snapshot = emulator.snapshot(book)
    assert snapshot.values("Coffees") == [["name", "cups"], ["espresso", 3], ["lungo", 5]]

    project.execute("insert into coffees values ('americano', 1)")
    code, out, err = refsync(emulator, project, book, "--dry-run")
    assert (code, err) == (0, "")
    assert out.splitlines()[1:] == [
        "Coffees  3 rows  1 added, 6 cells",
        "Teas     1 row   unchanged",
        f"Would write 1 of 2 worksheets, 6 cells, to {url} by 4 API calls; nothing was written.",
    ]
    assert emulator.log("write") == []
    assert refsync(emulator, project, book)[0] == 0
    code, out, err = refsync(emulator, project, book, "--json")
    result = json.loads(out)
    assert (code, result["status"], result["api_calls"]) == (0, "unchanged", 2)
    assert [sheet["status"] for sheet in result["worksheets"]] == ["unchanged", "unchanged"]
    assert result["bytes_sent"] == 0
    assert f"Nothing to change in {url}." in err
    sheets = emulator.get(book)["sheets"]
    (teas,) = (each["properties"] for each in sheets if each["properties"]["title"] == "Teas")
    properties = {"sheetId": teas["sheetId"], "title": "Drinks"}
    emulator.edit(book, [{"updateSheetProperties": {"properties": properties, "fields": "title"}}])
    code, out, err = refsync(emulator, project, book)
    assert out.splitlines()[2] == "Teas     1 row   unchanged, in the tab 'Drinks'"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_signal_during_the_commit_leaves_old_or_new(
    emulator: SheetsEmulator, project: Project, *, after: bool
) -> None:
    book = emulator.create_spreadsheet()
    assert refsync(emulator, project, book)[0] == 0
    project.execute("insert into coffees values ('americano', 1)")
    emulator.forget_calls()
    started: Future[int] = Future()

    def stop_it(_: Call) -> None:
        os.kill(started.result(), signal.SIGTERM)
        time.sleep(1)  # The answer must not come first.

    emulator.plan(Fault.run(stop_it, after=after), kind="write")
    process = start_refsync(project.folder, **settings(emulator, book))
    started.set_result(process.pid)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (143, "")
    assert err.endswith("or has the whole push. Run refsync-push again.\n")
    assert len(emulator.log("write")) == 1
    rows = [["name", "cups"], ["espresso", 3], ["lungo", 5]]
    new = [rows[0], ["americano", 1], *rows[1:]]
    assert emulator.snapshot(book).values("Coffees") in (rows, new)
    assert refsync(emulator, project, book)[0] == 0
    assert emulator.snapshot(book).values("Coffees") == new


def test_a_check_of_what_is_there(emulator: SheetsEmulator, project: Project) -> None:
    book = emulator.create_spreadsheet(tabs={"Front": [], "teas": [["something"], ["else"]]})
    states = len(emulator.history(book))
    code, out, err = refsync(emulator, project, book, "--check")
    assert (code, err) == (1, "")
    assert [line[:7].strip() for line in out.splitlines()] == [*["ok"] * 8, "missing", "First:"]
    assert "dbt has built 2 worksheets: Coffees, Teas." in out
    assert f"Credentials: GOOGLE_SERVICE_ACCOUNT_JSON for {DEFAULT_ACCOUNT}." in out
    assert "It is shared with write access." in out
    assert "Coffees: a push will create the tab." in out
    assert "--adopt" in out
    assert len(emulator.history(book)) == states
    code, out, _ = refsync(emulator, project, book, "--check", "--adopt")
    assert code == 0
    assert "Teas: a push will take over the tab 'teas'." in out


def test_a_check_of_what_is_missing(emulator: SheetsEmulator, project: Project) -> None:
    book = emulator.create_spreadsheet(share={DEFAULT_ACCOUNT: "reader"})
    project.mark("failed", "coffees")
    code, out, _ = refsync(emulator, project, book, "--check")
    assert code == 1
    assert "missing  The last `dbt build` failed at coffees" in out
    assert f"missing  refsync may not use the spreadsheet {book}: share it with " in out
    emulator.share(book, DEFAULT_ACCOUNT, None)
    code, out, _ = refsync(emulator, project, book, "--check")
    assert code == 1
    assert f"share it with {DEFAULT_ACCOUNT}, as an editor." in out
    code, out, _ = push_from(
        project.folder, "--check", "--to", book, GOOGLE_SERVICE_ACCOUNT_JSON="nonsense"
    )
    assert code == 1
    assert "missing  GOOGLE_SERVICE_ACCOUNT_JSON does not hold" in out


def test_what_looks_like_an_accident(emulator: SheetsEmulator, project: Project) -> None:
    """Refused, in a dry run and a check too, until it is forced by the option or its variable."""
    book = emulator.create_spreadsheet()
    project.mark("complete", project="cafe", target="files", source="files in /data")
    assert refsync(emulator, project, book)[0] == 0
    states = len(emulator.history(book))
    project.mark("complete", project="cafe", target="sample", source="the sample")
    project.execute("delete from teas")
    gone = "missing  This push would remove the only row of Teas, which looks like an accident"
    other = "The last push of Coffees, Teas came from files in /data (target files), and this one"
    for arguments in ([], ["--dry-run"], ["--json"]):
        code, out, err = refsync(emulator, project, book, *arguments)
        assert (code, out, err.count("\n")) == (1, "", 1)
        assert err.startswith(f"Error: {other}")
    code, out, _ = refsync(emulator, project, book, "--check")
    assert code == 1
    assert f"missing  {other}" in out
    assert gone in out
    assert len(emulator.history(book)) == states
    code, out, _ = refsync(emulator, project, book, "--check", "--force")
    assert code == 0
    code, out, err = refsync(emulator, project, book, "--force", "--dry-run")
    assert code == 0
    assert "Teas     0 rows  1 removed, 2 cells" in out
    code, out, err = refsync(emulator, project, book, "--force", "--json")
    assert (code, json.loads(out)["build"]["source"]) == (0, "the sample")
    assert "from the sample (target sample)" in err
    assert refsync(emulator, project, book)[0] == 0


def test_a_check_for_a_workbook(project: Project) -> None:
    code, out, err = push_from(project.folder, "--check", "--to", "report.xlsx")
    assert (code, err) == (0, "")
    assert out.splitlines() == [
        "ok       dbt has built 2 worksheets: Coffees, Teas.",
        "ok       Built 2026-01-02 03:04 UTC, as of 2026-01-02.",
        (
            "ok       Coffees, Teas have no key, so a row is known by all its cells: once one of "
            "them changes, what people wrote beside it goes to Kept_Remarks. A unique test of an "
            "exported column, or a `key` in the model's meta, lets it stay beside the row."
        ),
        "ok       No webhook is set (REFSYNC_WEBHOOK_URL), so nobody gets a message about a push.",
        "ok       The destination is the workbook report.xlsx.",
        "Ready: run refsync-push",
    ]


def test_a_constant_failure_is_a_sentence_and_exit_code_1(
    emulator: SheetsEmulator, project: Project
) -> None:
    book = emulator.create_spreadsheet()
    emulator.plan(Fault.status(503, retry_after=400), times=10**6)
    code, out, err = refsync(emulator, project, book, run=run_refsync)
    emulator.clear_plans()
    assert (code, out) == (1, "")
    assert err.startswith("Error: Gave up after 1 try in ")
    assert err.count("\n") == 1


def test_a_wrong_id_and_a_wrong_endpoint(emulator: SheetsEmulator, project: Project) -> None:
    nowhere = "1" + "nowhere" * 6 + "-"
    code, _, err = refsync(emulator, project, nowhere)
    assert (code, err.count("\n")) == (1, 1)
    assert f"'{nowhere}'" in err
    code, _, err = push_from(
        project.folder,
        "--to",
        nowhere,
        GOOGLE_SERVICE_ACCOUNT_JSON=json.dumps(emulator.service_account_info()),
        GOOGLE_SHEETS_API_ENDPOINT="http://example.com",
    )
    assert (code, err.count("\n")) == (2, 1)
    assert "GOOGLE_SHEETS_API_ENDPOINT" in err


def test_no_secret_in_any_output(emulator: SheetsEmulator, project: Project) -> None:
    key = emulator.service_account_info()
    book = emulator.create_spreadsheet(share={})
    for arguments in (["--verbose"], ["--check", "--verbose"], ["--json", "--verbose"]):
        code, out, err = refsync(emulator, project, book, *arguments)
        assert code == 1
        assert f"share it with {DEFAULT_ACCOUNT}" in out + err
        for line in key["private_key"].splitlines()[1:-1]:
            assert line not in out + err
        assert "Bearer" not in out + err
