"""What a release needs: one version everywhere, and a dated section in the changelog."""

from __future__ import annotations

import re
from datetime import date

from refsync import __version__
from tests.conftest import ROOT


def test_the_version_is_the_same_everywhere() -> None:
    project = (ROOT / "dbt_project.yml").read_text(encoding="utf-8")
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    in_project = re.search(r"^version: (\S+)$", project, re.MULTILINE)
    newest = re.search(r"^## \[(\d+\.\d+\.\d+)\] - (.*)$", changelog, re.MULTILINE)
    assert in_project, "dbt_project.yml has no version"
    assert newest, "CHANGELOG.md has no section such as `## [1.2.3] - 2026-01-31`"
    assert (in_project[1], newest[1]) == (__version__, __version__)
    date.fromisoformat(newest[2])
