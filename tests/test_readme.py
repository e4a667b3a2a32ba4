"""The documentation is true: its commands, examples, links and tables."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner

from refsync.cli import push
from tests.conftest import ROOT, Dbt, thorough
from tests.projects import run_refsync
from tests.workflows import copy_tracked_files

README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])


def test_the_help_in_the_readme_is_the_command_s() -> None:
    block = re.search(
        r"<!-- help -->\n+```text\n\$ refsync-push --help\n(.*?)```", README, re.DOTALL
    )
    assert block, "README.md has no block with the output of refsync-push --help"
    shown = CliRunner().invoke(push, ["--help"], prog_name="refsync-push", terminal_width=100)
    assert block[1] == shown.output


@pytest.mark.parametrize(
    "name",
    ["reporting_timezone", "raw_days", "raw_max_rows", "ip_privacy", "user_agent_privacy"],
)
def test_a_variable_s_default_in_the_readme_is_the_project_s(name: str) -> None:
    row = re.search(rf"^\| `{name}` \|.*\| `?([^`|]+?)`? \|$", README, re.MULTILINE)
    assert row, f"README.md does not list the variable {name}"
    project = (ROOT / "dbt_project.yml").read_text(encoding="utf-8")
    default = re.search(rf"^  {name}: (\S+)$", project, re.MULTILINE)
    assert default, f"dbt_project.yml has no variable {name}"
    assert row[1] == default[1]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_make_target_that_a_page_names_exists(page: Path) -> None:
    targets = set(
        re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    )
    named = re.findall(r"(?:`|\$ )make ([a-z-]+)", page.read_text(encoding="utf-8"))
    assert set(named) <= targets


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for path, anchor in re.findall(r"\]\((?!https?:)([^)#]*)#?([^)]*)\)", text):
        target = page.parent / path if path else page
        assert target.exists(), f"{page.name} links to {path}, which does not exist"
        if anchor:
            headings = re.findall(r"^#+ (.*)$", target.read_text(encoding="utf-8"), re.MULTILINE)
            anchors = [re.sub(r"[^\w -]", "", each.lower()).replace(" ", "-") for each in headings]
            assert anchor in anchors, f"{page.name} links to {path}#{anchor}, which does not exist"


def test_the_variables_of_the_workflow_are_documented() -> None:
    workflow = (ROOT / ".github" / "workflows" / "sync.yml").read_text(encoding="utf-8")
    page = (ROOT / "docs" / "daily.md").read_text(encoding="utf-8")
    names = set(re.findall(r"(?:secrets|vars)\.(\w+)", workflow))
    assert {name for name in names if f"`{name}`" not in page} == set()


@thorough
@pytest.mark.skipif(sys.platform == "win32", reason="the page names make")
def test_adding_an_export_works_word_for_word(built_sample: Dbt, tmp_path: Path) -> None:
    """The page's files in a copy of the project, its commands, and what `make check` runs."""
    page = (ROOT / "docs" / "adding-an-export.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```(\w+)\n(.*?)```", page, re.DOTALL)
    assert [language for language, _ in blocks] == ["sql", "yaml", "console"]
    names = re.findall(r"[Ww]rite\s+`(models/[\w/.]+)`", page)
    assert [Path(name).suffix for name in names] == [".sql", ".yml"]
    project = tmp_path / "refsync"
    copy_tracked_files(project)
    for name, (_, text) in zip(names, blocks, strict=False):
        (project / name).write_text(text, encoding="utf-8")
    # What is upstream is parsed and built already: the one model is enough.
    shutil.copytree(built_sample.folder.parent / "target", project / "target")
    shutil.copy(built_sample.database, project / "refsync.duckdb")
    build, push, check = (line.removeprefix("$ ") for line in blocks[2][1].splitlines())
    assert (build, check) == ("dbt build", "make check")
    run = Dbt(project, project=project, parses=True)(
        "--warn-error", "build", "--select", Path(names[0]).stem
    )
    assert run.success, run.output
    assert run.passed, run.output
    # Its own templater is enough for a model without a macro, and dbt's takes long.
    linters = [["sqlfluff", "lint", "--templater", "jinja", names[0]]]
    if sys.version_info >= (3, 11):
        linters.append(["dbt-bouncer", "run"])
    for command in linters:
        done = subprocess.run(
            [Path(sysconfig.get_path("scripts")) / command[0], *command[1:]],
            cwd=project,
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
    code, said, errors = run_refsync(project, *push.split()[1:])
    # One model was built, where the page builds all of them and runs all their tests.
    untested = (
        "Warning: The tests of the data did not run in this build: run `dbt build` without leaving "
        "any out.\n"
    )
    assert (code, errors.removeprefix(untested)) == (0, "")
    assert re.search(r"(?m)^Monthly_Signups  \d+ rows\n", said)
    (sheet,) = openpyxl.load_workbook(project / "months.xlsx").worksheets
    rows = list(sheet.values)
    assert rows[0][:2] == ("Month", "Signups")
    officers = built_sample.marts()["officer_summary"]
    assert sum(int(str(row[1])) for row in rows[1:]) == sum(row[3] for row in officers)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no make")
@pytest.mark.parametrize("kind", ["old", "missing", "old in .venv"])
def test_make_says_which_python_it_needs(tmp_path: Path, kind: str) -> None:
    for name in ("Makefile", "requirements.txt", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    old = tmp_path / ("python" if kind == "old" else ".venv/bin/python")
    old.parent.mkdir(parents=True, exist_ok=True)
    if kind != "missing":
        old.write_text('#!/bin/sh\n[ "$1" = -V ] && echo Python 3.9.18 || exit 1\n')
        old.chmod(0o755)
    python = {"old": str(old), "missing": "no-such-python"}.get(kind, sys.executable)
    done = subprocess.run(
        ["make", "demo", f"PYTHON={python}"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    said = {
        "old": "refsync needs Python 3.10 or newer, and " + python + " is Python 3.9.18: name a ",
        "missing": "There is no no-such-python: install Python 3.10 or newer",
        "old in .venv": "The Python in .venv is missing or older than 3.10: remove it with",
    }
    assert said[kind] in done.stderr
    assert done.returncode == 2
    assert not (tmp_path / ".venv" / "pyvenv.cfg").exists()
