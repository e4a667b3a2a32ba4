"""The command with a webhook: what it sends, and when it sends nothing."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.google_sheets.test_command import settings
from tests.projects import Project, push_from, start_refsync

if TYPE_CHECKING:
    from pathlib import Path

    from tests.notify.webhook import Webhook
    from tests.sheets_emulator import SheetsEmulator

DRINKS = "select * from values ('espresso', {}), ('lungo', 5) as t(name, cups)"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    project = Project(tmp_path)
    project.add("coffees", DRINKS.format(41))
    project.mark("complete")
    return project


@pytest.mark.parametrize("kind", ["spreadsheet", "workbook"])
def test_a_push_sends_what_changed_and_nothing_new_sends_nothing(
    kind: str, project: Project, webhook: Webhook, emulator: SheetsEmulator
) -> None:
    variables = {"REFSYNC_WEBHOOK_URL": f"  {webhook.url}\n", "REFSYNC_TO": "report.xlsx"}
    if kind == "spreadsheet":
        variables |= settings(emulator, emulator.create_spreadsheet())
        del variables["REFSYNC_TO"]
    assert push_from(project.folder, **variables)[::2] == (0, "")
    project.execute("update coffees set cups = 44 where name = 'espresso'")
    assert push_from(project.folder, "--dry-run", **variables)[0] == 0
    assert len(webhook.texts) == 1
    assert push_from(project.folder, **variables)[::2] == (0, "")
    assert push_from(project.folder, **variables)[::2] == (0, "")
    project.mark("complete")
    # Another build of the same rows writes other bytes into a workbook.
    project.execute("update refsync_build set finished_at = timestamp '2026-01-03 00:00:00'")
    assert push_from(project.folder, **variables)[::2] == (0, "")
    first, second = webhook.texts
    assert "Coffees\n• new, 2 rows" in first
    headline, *lines = second.splitlines()
    assert headline == "refsync wrote 1 of 1 worksheet, as of 2026-01-02."
    assert lines[:2] == ["Coffees", "• espresso: 41 → 44 cups"]
    url = "https://docs.google.com/spreadsheets/d/"
    assert [line[: len(url)] for line in lines[2:]] == ([url] if kind == "spreadsheet" else [])


def test_a_failure_sends_its_sentence_without_secrets(project: Project, webhook: Webhook) -> None:
    variables = {"REFSYNC_WEBHOOK_URL": webhook.url, "PGPASSWORD": "coffees"}
    project.mark("failed", "coffees")
    code, out, err = push_from(project.folder, "--to", "report.xlsx", **variables)
    assert (code, out) == (1, "")
    assert err.startswith("Error: The last `dbt build` failed at ***: ")
    (text,) = webhook.texts
    assert text.startswith("refsync failed: The last 'dbt build' failed at \u2217\u2217\u2217: ")
    assert push_from(project.folder, "--to", "report.docx", **variables)[0] == 2
    assert "neither a path ending in .xlsx" in webhook.texts[1]
    for option in ("--dry-run", "--check"):
        assert push_from(project.folder, "--to", "report.xlsx", option, **variables)[0] == 1
    assert len(webhook.received) == 2


def test_a_push_stands_if_the_webhook_fails(project: Project, webhook: Webhook) -> None:
    webhook.status = 500
    options = ("--to", "report.xlsx", "--json")
    code, out, err = push_from(project.folder, *options, REFSYNC_WEBHOOK_URL=webhook.url)
    assert code == 0
    assert (project.folder / "report.xlsx").exists()
    (warning,) = json.loads(out)["warnings"]
    assert f"Warning: {warning}\n" in err
    assert "answered 500" in warning
    assert "before" not in json.loads(out)


def test_the_hosts_are_known_by_name(project: Project, webhook: Webhook) -> None:
    """Through a proxy, which a company's network may need."""
    proxy = webhook.url.partition("/hook")[0]
    for host, key in (("hooks.slack.com", "text"), ("discord.com", "content")):
        url = f"http://{host}/services/T0k3n"
        (project.folder / "report.xlsx").unlink(missing_ok=True)
        options = {"REFSYNC_WEBHOOK_URL": url, "http_proxy": proxy}
        assert push_from(project.folder, "--to", "report.xlsx", **options)[::2] == (0, "")
        path, body = webhook.received.pop()
        assert path == url
        assert "Coffees" in body[key]


def test_a_check_says_whether_a_webhook_is_set(project: Project, webhook: Webhook) -> None:
    cases = {
        "": "No webhook is set (REFSYNC_WEBHOOK_URL)",
        webhook.url: "A webhook is set (REFSYNC_WEBHOOK_URL)",
        "https://hooks.slack.com/services/T0k3n": "A webhook of Slack is set",
        "T0k3n": "warning  REFSYNC_WEBHOOK_URL is not a URL",
    }
    for url, words in cases.items():
        code, out, err = push_from(
            project.folder, "--to", "report.xlsx", "--check", REFSYNC_WEBHOOK_URL=url
        )
        assert (code, err) == (0, "")
        assert words in out
        assert "T0k3n" not in out
    assert webhook.received == []


def test_a_workflow_s_step_sends_a_sentence(tmp_path: Path, webhook: Webhook) -> None:
    program = ("-m", "refsync.notify", "Build failed:", "no @here")
    for url in ("", webhook.url):
        with start_refsync(tmp_path, program=program, REFSYNC_WEBHOOK_URL=url) as process:
            out, err = process.communicate()
        assert (process.returncode, out, err) == (0, "", "")
    assert webhook.texts == ["refsync failed: Build failed: no @\u200bhere"]
