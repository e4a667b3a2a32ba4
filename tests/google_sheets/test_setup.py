"""The first steps: `refsync-push --init`, and what `--check` ends with."""

from __future__ import annotations

import json
import os
import re
import sys
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from refsync.cli import push
from refsync.settings import read_env_file
from tests.conftest import ROOT
from tests.projects import Project, push_from
from tests.sheets_emulator import DEFAULT_ACCOUNT, SheetsEmulator

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result

ID = "1" + "aB3_" * 10 + "xyz"
URL = f"https://docs.google.com/spreadsheets/d/{ID}/edit?gid=0#gid=0"
SHARE = f"Share the spreadsheet with {DEFAULT_ACCOUNT} as an editor, then run refsync-push --check."


@pytest.fixture(autouse=True)
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NO_GCE_CHECK", "true")
    for name in [name for name in os.environ if name.startswith(("GOOGLE_", "REFSYNC_"))]:
        monkeypatch.delenv(name)


def init(*arguments: str, answers: str | None = None, **environment: Any) -> Result:
    return CliRunner().invoke(push, ["--init", *arguments], input=answers, env=environment)


def variables(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """What the file sets, as the command reads it."""
    with monkeypatch.context() as patch:
        before = set(os.environ)
        patch.setattr(os, "environ", os.environ.copy())
        read_env_file()
        return {name: value for name, value in os.environ.items() if name not in before}


def key_file(path: Path, emulator: SheetsEmulator) -> None:
    path.write_text(json.dumps(emulator.service_account_info()), encoding="utf-8")


def test_a_key_in_the_folder_is_found_and_only_the_spreadsheet_is_asked_for(
    tmp_path: Path, emulator: SheetsEmulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "package.json").write_text('{"type": "module"}')
    key_file(tmp_path / "it's a key 1.json", emulator)
    result = init(answers=f"{URL}\n")
    assert result.exit_code == 0
    assert SHARE in result.output
    assert result.output.count("URL") == 1
    wanted = {"GOOGLE_SHEET_ID": URL, "GOOGLE_SERVICE_ACCOUNT_FILE": "it's a key 1.json"}
    assert variables(monkeypatch) == wanted
    if sys.platform != "win32":
        assert (tmp_path / ".env").stat().st_mode & 0o777 == 0o600


def test_nothing_is_asked_for_that_is_known(
    tmp_path: Path, emulator: SheetsEmulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    key_file(tmp_path / "key.json", emulator)
    result = init("--to", URL)
    assert (result.exit_code, result.output.splitlines()[1]) == (0, SHARE)
    assert variables(monkeypatch)["GOOGLE_SERVICE_ACCOUNT_FILE"] == "key.json"


def test_a_key_in_the_environment_is_not_written_down(
    emulator: SheetsEmulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    info = json.dumps(emulator.service_account_info())
    result = init("--to", URL, GOOGLE_SERVICE_ACCOUNT_JSON=info)
    assert (result.exit_code, result.output.splitlines()[1]) == (0, SHARE)
    assert variables(monkeypatch) == {"GOOGLE_SHEET_ID": URL}


def test_of_several_keys_one_is_asked_for(
    tmp_path: Path, emulator: SheetsEmulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a.json", "b.json"):
        key_file(tmp_path / name, emulator)
    result = init("--to", URL, answers="b.json\n")
    assert "Which of the keys a.json, b.json" in result.output
    assert variables(monkeypatch)["GOOGLE_SERVICE_ACCOUNT_FILE"] == "b.json"


@pytest.mark.parametrize(
    ("arguments", "answers", "sentence"),
    [
        pytest.param([], "", "is needed and nobody answers", id="no answer"),
        pytest.param([], "hunter2hunter2\n", "copy the URL from the browser", id="no spreadsheet"),
        pytest.param(["--to", URL], "no.json\n", "cannot be read: check the path", id="no key"),
        pytest.param(["--to", "a.xlsx"], "", "A workbook needs no .env", id="a workbook"),
    ],
)
def test_nothing_is_written_where_something_is_wrong(
    tmp_path: Path, arguments: list[str], answers: str, sentence: str
) -> None:
    result = init(*arguments, answers=answers)
    assert result.exit_code == 2
    assert sentence in result.stderr
    assert not (tmp_path / ".env").exists()


@pytest.mark.parametrize("kind", ["file", "link"])
def test_a_file_that_is_there_is_never_overwritten(
    tmp_path: Path, emulator: SheetsEmulator, kind: str
) -> None:
    key_file(tmp_path / "key.json", emulator)
    if kind == "file":
        (tmp_path / ".env").write_text("MINE=1\n")
    else:
        (tmp_path / ".env").symlink_to(tmp_path / "elsewhere")
    result = init("--to", URL)
    assert result.exit_code == 2
    assert ".env is there already and is not overwritten" in result.output
    assert not (tmp_path / "elsewhere").exists()
    assert kind == "link" or (tmp_path / ".env").read_text() == "MINE=1\n"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    project = Project(tmp_path)
    project.add("coffees", "select 'espresso' as name, 3 as cups", key=["name"])
    project.mark("complete")
    return project


def test_the_page_shows_what_a_check_says(emulator: SheetsEmulator, project: Project) -> None:
    """Line by line; names of the project and its worksheets are the example's own."""
    page = (ROOT / "docs" / "google.md").read_text(encoding="utf-8")
    shown = re.search(r"^\$ refsync-push --check\n(.*?)^```", page, re.DOTALL | re.MULTILINE)
    assert shown
    book = emulator.create_spreadsheet()
    key_file(project.folder / "service-account.json", emulator)
    code, out, _ = push_from(
        project.folder,
        "--check",
        GOOGLE_SHEET_ID=book,
        GOOGLE_SERVICE_ACCOUNT_FILE="service-account.json",
        GOOGLE_SHEETS_API_ENDPOINT=emulator.url,
    )
    assert code == 0
    for name, example in (
        (book, "1AbC…"),
        (DEFAULT_ACCOUNT, "refsync@my-project.iam.gserviceaccount.com"),
        ("1 worksheet: Coffees", "11 worksheets: …"),
        ("2026-01-02 03:04 UTC, as of 2026-01-02", "…"),
        ("Coffees", "Officer_Summary"),
    ):
        assert name in out
        out = out.replace(name, example)
    expected = [line for line in shown[1].splitlines() if line != "…"]
    assert out.splitlines() == expected


def test_a_check_ends_with_what_is_missing_first(
    emulator: SheetsEmulator, project: Project
) -> None:
    book = emulator.create_spreadsheet(share={})
    environment = {
        "GOOGLE_SHEET_ID": book,
        "GOOGLE_SERVICE_ACCOUNT_JSON": json.dumps(emulator.service_account_info()),
        "GOOGLE_SHEETS_API_ENDPOINT": emulator.url,
    }
    code, out, _ = push_from(project.folder, "--check", **environment)
    assert code == 1
    assert out.splitlines()[-1].startswith(f"First: refsync may not use the spreadsheet {book}")
    code, out, _ = push_from(project.folder, "--check", "--json", **environment)
    report = json.loads(out)
    assert (code, report["is_good"]) == (1, False)
    assert report["next"].startswith("First: refsync may not use")
