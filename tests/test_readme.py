"""The README says what is so."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from refsync.cli import push
from tests.conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_help_in_the_readme_is_the_command_s() -> None:
    block = re.search(
        r"<!-- help -->\n+```text\n\$ refsync-push --help\n(.*?)```", README, re.DOTALL
    )
    assert block, "README.md has no block with the output of refsync-push --help"
    shown = CliRunner().invoke(push, ["--help"], prog_name="refsync-push", terminal_width=100)
    assert block[1] == shown.output


@pytest.mark.parametrize("name", ["reporting_timezone", "raw_days", "raw_max_rows", "ip_privacy"])
def test_a_variable_s_default_in_the_readme_is_the_project_s(name: str) -> None:
    row = re.search(rf"^\| `{name}` \|.*\| `?([^`|]+?)`? \|$", README, re.MULTILINE)
    assert row, f"README.md does not list the variable {name}"
    project = (ROOT / "dbt_project.yml").read_text(encoding="utf-8")
    default = re.search(rf"^  {name}: (\S+)$", project, re.MULTILINE)
    assert default, f"dbt_project.yml has no variable {name}"
    assert row[1] == default[1]


def test_every_make_target_that_the_readme_names_exists() -> None:
    targets = set(
        re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    )
    assert set(re.findall(r"(?:`|\$ )make ([a-z-]+)", README)) <= targets


@pytest.mark.parametrize(
    "page", [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))], ids=lambda page: page.name
)
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
