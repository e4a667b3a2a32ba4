"""A contributor's road: the places that the pages name exist, and the hooks run all checks."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest
import yaml

from tests.conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

PAGES = [ROOT / "CONTRIBUTING.md", ROOT / "docs" / "architecture.md", ROOT / "DECISIONS.md"]
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_path_that_a_page_names_exists(page: Path) -> None:
    folders = r"\.github|bench|dbt_project|docs|export|models|seeds|tests"
    named = re.findall(rf"`((?:{folders})/[\w./-]*)`", page.read_text(encoding="utf-8"))
    assert [path for path in named if not (ROOT / path).exists()] == []
    assert named


def test_every_room_is_on_the_map() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    rooms = page.partition("## The rooms of refsync-push\n")[2].partition("\n## ")[0]
    package = ROOT / "export" / "refsync"
    names = {
        f"{path.name}/" if path.is_dir() else path.name
        for folder in (package, package / "google_sheets")
        for path in folder.iterdir()
        if path.suffix == ".py" or (path / "__init__.py").exists()
    }
    assert {name for name in names if not name.startswith("__") and name not in rooms} == set()


def test_the_hooks_run_what_make_check_runs() -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    commands = [hook["entry"] for repository in hooks["repos"] for hook in repository["hooks"]]
    parts = re.search(r"^check: (.*?) ##", MAKEFILE, re.MULTILINE)
    assert parts
    assert commands == [f"make {part}" for part in parts[1].split()]


def test_the_development_container_makes_targets_that_exist() -> None:
    container = json.loads((ROOT / ".devcontainer" / "devcontainer.json").read_text("utf-8"))
    command, *targets = container["postCreateCommand"].split()
    assert command == "make"
    assert targets
    assert set(targets) <= set(re.findall(r"^([a-z-]+):", MAKEFILE, re.MULTILINE))
