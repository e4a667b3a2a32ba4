"""The README says what is so."""

from __future__ import annotations

import re

import pytest
from click.testing import CliRunner

from refsync.cli import push
from tests.conftest import ROOT

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


def test_every_link_in_the_readme_leads_somewhere() -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", README):
        assert (ROOT / target).exists(), f"README.md links to {target}, which does not exist"
