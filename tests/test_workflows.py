"""The workflows as GitHub runs them: each `run:` step, from the YAML, in a fresh checkout."""

from __future__ import annotations

import base64
import html
import json
import math
import re
import shutil
import subprocess
import sys
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, quote_plus, unquote
from zipfile import ZipFile

import duckdb
import pytest

from refsync.worksheet.values import sheet_value
from tests.conftest import ROOT, THOROUGH, Dbt, thorough
from tests.expressions import evaluate, interpolate
from tests.github_issues import TOKEN, Issues
from tests.notify.webhook import serving
from tests.pipeline import oracle, sources
from tests.sheets_emulator import DEFAULT_ACCOUNT, SheetsEmulator
from tests.workflows import Runner, load

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.notify.webhook import Webhook
    from tests.pipeline.oracle import Tracker
    from tests.workflows import Job

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="the workflow that pushes runs on Linux, by its shell"
)

DAILY = {"schedule": "0 1 * * *"}

OTHER_TABS = frozenset({"Sheet1", "Dashboard"})
"""Tabs without a mart: the spreadsheet's first one, and the one that shows others' cells."""

SHOWN_ONCE = frozenset({"Install refsync", "Make the docs"})
"""Steps that one thorough run shows to work; what they leave is there for the others."""

PRETENDED = ("python", "lint-imports", "dbt", "dbt-bouncer", "zizmor", "actionlint")

CHECKS = (
    "ruff check",
    "ruff format --check",
    "mypy",
    "lint-imports",
    "sqlfluff lint --processes 2 models dbt_project/tests",
    "dbt --quiet --warn-error parse",
    "zizmor --offline --persona auditor --strict-collection --quiet .",
    "actionlint -shellcheck= -pyflakes=",
)
"""What `make check` runs."""


class Repository:
    """A repository that has been set up, with its tracker, its spreadsheet and its issues."""

    def __init__(
        self, folder: Path, source: sources.Source, sheets: SheetsEmulator, webhook: Webhook
    ) -> None:
        self.source, self.sheets, self.issues = source, sheets, Issues()
        self.webhook = webhook
        self.spreadsheet = sheets.create_spreadsheet(share={})
        key = json.dumps(sheets.service_account_info(), indent=2)
        self.runner = Runner(
            folder,
            secrets={
                **source.secrets,
                "GOOGLE_SHEET_ID": f"https://docs.google.com/spreadsheets/d/{self.spreadsheet}/edit",
                "GOOGLE_SERVICE_ACCOUNT_JSON": key,
                "REFSYNC_WEBHOOK_URL": webhook.url,
            },
            variables=source.variables,
            environment={
                "GOOGLE_SHEETS_API_ENDPOINT": sheets.url,
                "GITHUB_API_URL": self.issues.url,
            },
        )
        self.log = ""

    def spare_dbt(self, **flags: str) -> None:
        """Set flags of dbt's own, so that the runs that follow take less time."""
        self.runner.environment = {**self.runner.environment, **flags}

    def sync(self, event: dict[str, Any] = DAILY, **contexts: Any) -> Job:
        """Run the workflow; return its first job."""
        self.sheets.forget_calls()
        jobs = self.runner.run("sync.yml", event, **contexts)
        self.log += "".join(job.log + job.summary + str(job.outputs) for job in jobs.values())
        assert jobs["tell"].result in {"success", "skipped"}, jobs["tell"].log
        self.runner.skipped = SHOWN_ONCE
        return jobs["sync"]

    def share(self) -> None:
        """Share the spreadsheet with the service account."""
        self.sheets.share(self.spreadsheet, DEFAULT_ACCOUNT, "writer")

    def turn_debug_logging_on(self) -> None:
        """Do what *Enable debug logging* does for the runs that follow."""
        self.runner.environment = {**self.runner.environment, "RUNNER_DEBUG": "1"}

    def kept(self) -> int:
        """Return how many databases the cache keeps."""
        return len(list(self.runner.cache.glob("refsync-*")))

    def artifacts(self) -> set[str]:
        """Return the last run's artifacts, each with its files."""
        folder = self.runner.folder / "artifacts"
        return {path.relative_to(folder).as_posix() for path in folder.glob("*/*")}

    def workbook(self) -> dict[str, bytes]:
        """Return what the last run's workbook shows, by the names of its parts."""
        with ZipFile(self.runner.artifact("workbook") / "refsync.xlsx") as workbook:
            names = [name for name in workbook.namelist() if name.startswith("xl/")]
            return {name: workbook.read(name) for name in names}

    def assert_right(self, tracker: Tracker) -> oracle.Worksheets:
        """Compare the spreadsheet with what the oracle says of the tracker's last complete day."""
        expected = oracle.worksheets(tracker, oracle.Settings(sources.yesterday()))
        snapshot = self.sheets.snapshot(self.spreadsheet)
        shown = {**snapshot.visible(), "Dashboard_Data": snapshot.values("Dashboard_Data")}
        tabs = {title.lower(): rows[1:] for title, rows in shown.items() if title not in OTHER_TABS}
        assert set(tabs) == set(expected)
        for name, rows in expected.items():
            assert len(tabs[name]) == len(rows)
            for row, expected_row in zip(tabs[name], rows, strict=True):
                padded = [*row, *[None] * (len(expected_row) - len(row))]
                same = all(map(_is_same, padded, map(sheet_value, expected_row)))
                assert same, f"{name}:\n{row}\nis not\n{expected_row}"
        return expected

    def assert_no_secret_was_shown(self) -> None:
        """Look for secrets, and for telling parts of them, in all that could be read anywhere."""
        said = [self.log, json.dumps(self.issues.issues)]
        kept = [*(self.runner.folder / "artifacts" / "run").iterdir()]
        kept += self.runner.cache.glob("parsed-*")
        said += [path.read_text(encoding="utf-8", errors="replace") for path in kept]
        secrets = [*self.runner.secrets.values(), self.spreadsheet, sources.PASSWORD, TOKEN]
        key = json.loads(self.runner.secrets["GOOGLE_SERVICE_ACCOUNT_JSON"])
        secrets += [line for line in key["private_key"].splitlines() if len(line) > 40]
        shown = [secret for secret in secrets if any(secret in text for text in said)]
        assert shown == []


def script(name: str, *arguments: str, folder: Path, **environment: str) -> tuple[int, str]:
    """Run one of the workflow's scripts in a folder; return its exit code and what it said."""
    done = subprocess.run(
        [sys.executable, ROOT / ".github" / "scripts" / name, *arguments],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        check=False,
    )
    return done.returncode, done.stdout


def _is_same(cell: Any, expected: Any) -> bool:
    if isinstance(cell, float) or isinstance(expected, float):
        return math.isclose(cell, expected, rel_tol=1e-12)
    return bool(cell == expected)


def with_officers_and_users_swapped(tracker: Tracker) -> Tracker:
    """Return the tracker with two columns in each other's place, which a dbt test notices."""
    swapped = [
        [{**row, "id": row["user_id"], "user_id": row["id"]} for row in part]
        for part in tracker[oracle.OFFICERS]
    ]
    return {**tracker, oracle.OFFICERS: swapped}


@pytest.fixture
def repository(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Repository]:
    """A repository whose tracker is in PostgreSQL, or in exported files."""
    with ExitStack() as stack:
        source: sources.Source
        if request.param == "postgres":
            source = sources.Database(request.getfixturevalue("postgres_database"))
        else:
            source = sources.ExportedFiles(tmp_path / "exports")
        sheets, webhook = stack.enter_context(SheetsEmulator()), stack.enter_context(serving())
        repository = Repository(tmp_path / "runner", source, sheets, webhook)
        stack.enter_context(repository.issues)
        yield repository


READS_EVERYTHING = "Unable to do partial parsing"
"""What dbt says when it reads the whole project."""


@pytest.mark.long
@pytest.mark.parametrize("repository", ["postgres"], indirect=True)
def test_two_days_and_the_second_brings_nothing_new(repository: Repository, tmp_path: Path) -> None:
    """Each in a fresh checkout: the first with an empty cache, the second with what it left.

    A thorough test builds on both days; on the second, dbt does not read the project again. `make
    test` builds once, before the first day and in this process, which takes a quarter of the time;
    what that leaves is there on the second day, but for the database, which is fetched.
    """
    day = sources.yesterday()
    tracker = sources.sample_until(day)
    repository.source.fill(tracker)
    repository.issues.issues.append(
        {"number": 1, "state": "open", "body": "<!-- refsync: the daily run -->", "comments": []}
    )
    repository.share()

    if not THOROUGH:
        dbt = Dbt(tmp_path / "built", tracker_url=repository.source.secrets["REFSYNC_TRACKER_URL"])
        options = ("build", "--exclude", "test_type:unit", "test_type:generic")
        run = replace(dbt, writes=True, threads=4)(*options, as_of_date="yesterday")
        assert run.success, run.output
        repository.runner.left = dbt.folder
        repository.runner.skipped = SHOWN_ONCE | {"Build and test the marts"}
    job = repository.sync()
    assert job.result == "success", job.log
    workspace = repository.runner.folder / "work" / "1"
    shutil.copytree(workspace / "target", tmp_path / "left" / "target")
    assert set(job.outcomes.values()) == {"success", "skipped"}
    assert [name for name, outcome in job.outcomes.items() if outcome == "skipped"] == [
        "Sign in to Google",
        "Send a failure to the webhook",
    ]
    assert re.search(r"\nAttention\n• Link .+ of .+: ", repository.webhook.texts[0])
    raw = len(repository.assert_right(tracker)["tracker_raw_data"])
    assert "## The worksheets were pushed" in job.summary
    assert "As of: yesterday." in job.summary
    assert f"| <code>Tracker_Raw_Data</code> | {raw:,} | {raw:,} | 0 | 0 | " in job.summary
    assert "| warn | <code>warn_unattributed_events</code> | <code>Got " in job.summary
    assert len(repository.sheets.log("write")) == 1
    assert repository.artifacts() == {
        *("run/manifest.json", "run/run_results.json", "run/push.json"),
        *(["run/static_index.html"] if THOROUGH else []),
        "workbook/refsync.xlsx",
    }
    assert repository.issues.issues[0]["state"] == "closed"
    workbook = repository.workbook()
    assert repository.kept() == 1

    assert (READS_EVERYTHING in job.log) == THOROUGH
    if not THOROUGH:
        repository.runner.skipped |= {"Build and test the marts"}
        repository.runner.left = tmp_path / "left"
    job = repository.sync()
    assert job.result == "success", job.log
    assert READS_EVERYTHING not in job.log
    assert job.outcomes["Fetch the last database"] == "success"
    assert repository.sheets.log("write") == []
    assert "## Nothing new: 0 writes" in job.summary
    assert "\n0 cells written; 2 API calls, all of them reads; " in job.summary
    assert len(repository.webhook.texts) == 1
    assert repository.workbook() == workbook
    assert repository.kept() == 2
    assert len(repository.issues.issues) == 1
    repository.assert_no_secret_was_shown()


@thorough
@pytest.mark.parametrize("repository", ["files"], indirect=True)
def test_what_fails_is_not_pushed_and_an_issue_says_so(
    repository: Repository, built_sample: Dbt
) -> None:
    """First the spreadsheet is not shared, then it is, but a test of the data fails.

    What the first would push is the sample, built before.
    """
    tracker = sources.sample_until(sources.yesterday())
    repository.source.fill(with_officers_and_users_swapped(tracker))
    repository.turn_debug_logging_on()

    repository.runner.skipped = SHOWN_ONCE | {"Build and test the marts"}
    repository.runner.left = built_sample.folder
    job = repository.sync()
    remedy = f"share it with {DEFAULT_ACCOUNT}, as an editor."
    sentence = f"refsync may not use the spreadsheet ***: {remedy}"
    assert job.failed == ["Push the worksheets"], job.log
    assert job.outputs == {"step": "Push the worksheets", "sentence": sentence}
    assert len(repository.webhook.texts) == 1
    assert repository.webhook.texts[0].startswith("refsync failed: refsync may not use the ")
    assert job.summary.startswith("## Nothing was pushed\n\n**Push the worksheets** failed: ")
    assert remedy in html.unescape(job.summary)
    assert "Traceback" in job.log  # the debug logging of refsync-push
    (issue,) = repository.issues.issues
    assert issue["title"] == "The worksheets are not up to date"
    assert issue["state"] == "open"
    assert "**Push the worksheets** failed in [the last run](https://github.com/" in issue["body"]
    assert f"\n\n    {sentence}\n\n" in issue["body"]

    repository.share()
    repository.runner.left = None
    repository.spare_dbt(DBT_FAIL_FAST="true")
    job = repository.sync(inputs={"full_refresh": True})
    test = "assert_officers_id_and_user_id_not_swapped"
    assert job.failed == ["Build and test the marts"], job.log
    assert "On master: BEGIN" in job.log  # the debug logging of dbt
    assert job.outcomes["Fetch the last database"] == "skipped"
    assert job.outcomes["Push the worksheets"] == "skipped"
    assert repository.sheets.log() == []
    assert f"{test}: Got " in job.outputs["sentence"]
    assert repository.webhook.texts[1:] == [
        f"refsync failed: Build and test the marts failed. {job.outputs['sentence']}"
    ]
    assert f"| fail | <code>{test}</code> | <code>Got " in job.summary
    assert repository.kept() == 1
    assert repository.issues.issues == [issue]
    assert "**Build and test the marts** failed" in issue["body"]
    assert test in issue["body"]
    repository.assert_no_secret_was_shown()


@pytest.mark.parametrize(
    ("has", "words"),
    [
        (set(), "Target sample, variables {}, push: false."),
        ({"HAS_TRACKER", "HAS_SHEET", "HAS_ACCOUNT"}, 'Target tracker, variables {"as_of_date": '),
        ({"REFSYNC_RAW_DIR", "HAS_SHEET", "HAS_ACCOUNT"}, "Target files, "),
        ({"HAS_TRACKER"}, "no secret GOOGLE_SHEET_ID and no secret GOOGLE_SERVICE_ACCOUNT_JSON: "),
        ({"HAS_SHEET", "HAS_ACCOUNT"}, "::The repository has no secret REFSYNC_TRACKER_URL: add "),
    ],
)
def test_what_a_run_reads_follows_what_is_set_up(tmp_path: Path, has: set[str], words: str) -> None:
    environment = {"GITHUB_OUTPUT": str(tmp_path / "output"), "STEP": "s", "AS_OF_DATE": "today"}
    environment["GITHUB_API_URL"] = "http://127.0.0.1:1"
    code, said = script("plan.py", folder=tmp_path, **environment, **dict.fromkeys(has, "true"))
    assert words in said
    assert code == ("no secret" in words)
    assert (tmp_path / "output").exists() == (code == 0)


def test_an_issue_that_cannot_be_kept(tmp_path: Path) -> None:
    with Issues() as issues:
        environment = {
            "GITHUB_API_URL": issues.url,
            "GITHUB_SERVER_URL": "https://github.com",
            "GITHUB_REPOSITORY": "somebody/refsync",
            "GITHUB_TOKEN": TOKEN,
            "RUN_ID": "7",
            "RESULT": "cancelled",
        }
        issues.enabled = False
        code, said = script("issue.py", folder=tmp_path, **environment)
        assert (code, said[:46]) == (0, "::warning::This repository has no issues, so i")
        code, said = script("issue.py", folder=tmp_path, **environment | {"GITHUB_TOKEN": "wrong"})
        assert (code, said) == (
            1,
            "::error::GitHub refuses to keep the issue (401 Unauthorized).\n",
        )
        issues.enabled, issues.failures = True, 1
        assert script("issue.py", folder=tmp_path, **environment) == (0, "Opened the issue 1.\n")
        assert "**The job ended as cancelled before it could say why**" in issues.issues[0]["body"]


def test_a_command_s_words_are_kept_from_telling_secrets(tmp_path: Path) -> None:
    words = (
        "import os, sys; print(os.environ.get('EMPTY'), *sys.argv[1:], sep='\\n'); "
        "print('Error: it is', sys.argv[1]); sys.exit(1)"
    )
    url = "postgresql://reader:p%40ss%20word@db.example.com/tracker"
    sheet = "https://docs.google.com/spreadsheets/d/1AbC-d_E/edit#gid=0"
    said = (url, "p@ss word", "1AbC-d_E", "::set-output name=a::b", "p%40ss%20word")
    code, out = script(
        *("step.py", "--output", "kept", "Say", sys.executable, "-c", words, *said),
        folder=tmp_path,
        REFSYNC_TRACKER_URL=url,
        GOOGLE_SHEET_ID=sheet,
        EMPTY="",
    )
    assert (code, out) == (1, "::error title=Say::It ended with exit code 1.\n")
    code, out = script(
        *("step.py", "Say", sys.executable, "-c", words, *said),
        folder=tmp_path,
        REFSYNC_TRACKER_URL=url,
        GOOGLE_SHEET_ID=sheet,
        EMPTY="",
    )
    assert code == 1
    assert out.splitlines() == [
        *("None", "***", "***", "***", "| ::set-output name=a::b", "***"),
        *("Error: it is ***", "::error title=Say::it is ***"),
    ]
    failure = json.loads((tmp_path / "target" / "steps.json").read_text(encoding="utf-8"))
    assert failure == {"step": "Say", "sentence": "it is ***"}


HEADING = "12:00:00  Encountered an error:"


@pytest.mark.parametrize(
    ("words", "results", "sentence"),
    [
        ([], None, "It ended with exit code 1."),
        (["", "the last word", " "], None, "the last word"),
        (["Error: one", "Error: two", "more"], None, "two"),
        ([HEADING], None, HEADING),
        ([HEADING, "", "Runtime Error"], None, "Runtime Error"),
        ([HEADING, "x.duckdb: an IO Error."], None, "x.duckdb: an IO Error."),
        ([HEADING, "Runtime Error", "  Why.", "More."], None, "Why."),
        ([HEADING, "Why."], None, "Why."),
        (["said"], "", "said"),
        (["said"], "[]", "said"),
        (["said"], '{"results": [{"status": "error"}]}', "said"),
        (["said"], '{"results": [{"status": "fail", "unique_id": 1, "message": "m"}]}', "said"),
        (
            ["said"],
            (
                '{"results": [{"status": "fail", "unique_id": "odd", "message": ""}, {"status": '
                '"error", "unique_id": "test.p.t.1", "message": "Runtime Error in t\\n why."}]}'
            ),
            "odd: failed; t: why.",
        ),
    ],
)
def test_whatever_a_command_says_gives_a_sentence(
    words: list[str], results: str | None, sentence: str, tmp_path: Path
) -> None:
    if results is not None:
        (tmp_path / "target").mkdir()
        (tmp_path / "target" / "run_results.json").write_text(results, encoding="utf-8")
    command = f"import sys; print(*{words!r}, sep='\\n'); sys.exit(1)"
    code, out = script("step.py", "Say", sys.executable, "-c", command, folder=tmp_path)
    assert (code, out.splitlines()[-1]) == (1, f"::error title=Say::{sentence}")


def test_a_command_may_empty_the_folder(tmp_path: Path) -> None:
    command = "import shutil; shutil.rmtree('target')"
    assert script("step.py", "Say", sys.executable, "-c", command, folder=tmp_path) == (0, "")


KEY = json.dumps(
    {
        "type": "service_account",
        "private_key_id": "5f4dcc3b5aa765d61d8327deb882cf99",
        "private_key": "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQ\n"
        "EFAASCBKcwggSjAgEAAoIBAQC7\n-----END PRIVATE KEY-----\n",
    }
)
KEY_LINES = (
    "MIIEvQIBADANBgkqhkiG9w0BAQ",
    "EFAASCBKcwggSjAgEAAoIBAQC7",
    "5f4dcc3b5aa765d61d8327deb882cf99",
)


@pytest.mark.parametrize(
    ("name", "value", "telling"),
    [
        ("REFSYNC_TRACKER_URL", "postgresql://me:p@ss#w?rd@db/t", "p@ss#w?rd"),
        ("REFSYNC_TRACKER_URL", "postgresql://me:pa[ss]word@db/t", "pa[ss]word"),
        ("REFSYNC_TRACKER_URL", "postgresql://db/t?user=me&password=s3cr%C3%A9t+w", "s3crét w"),
        ("REFSYNC_TRACKER_URL", "postgresql://db/t?sslpassword=hunter22&x=1", "hunter22"),
        ("REFSYNC_TRACKER_URL", "postgresql：//me：hunter22＠db/t", "hunter22"),
        ("REFSYNC_TRACKER_URL", "postgresql://me:hunter22/t", "hunter22"),
        ("REFSYNC_TRACKER_URL", 'postgresql://me:it\'s%20"q\\"@db/t', 'it\'s "q\\"'),
        ("REFSYNC_RAW_DIR", "postgresql://me:hunter22@db/t", "hunter22"),
        ("REFSYNC_SPARK_PASSWORD", "tea & <cake>", "tea & <cake>"),
        ("PGPASSWORD", "hunter22", "hunter22"),
        ("AWS_SECRET_ACCESS_KEY", "wJalr/XUtn+FEMI", "wJalr/XUtn+FEMI"),
        ("HTTPS_PROXY", "http://me:hunter22@proxy:3128", "hunter22"),
        *(("GOOGLE_SERVICE_ACCOUNT_JSON", KEY, line) for line in KEY_LINES),
        *(("GOOGLE_SHEET_ID", KEY, line) for line in KEY_LINES),
        ("GOOGLE_SERVICE_ACCOUNT_JSON", json.dumps(json.loads(KEY), indent=1), KEY_LINES[0]),
        *(
            ("GOOGLE_SERVICE_ACCOUNT_JSON", base64.b64encode(KEY.encode()).decode(), line)
            for line in KEY_LINES
        ),
    ],
)
def test_no_secret_is_shown_in_any_spelling(
    tmp_path: Path, name: str, value: str, telling: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(ROOT / ".github" / "scripts"))
    from censor import Censor  # noqa: PLC0415 - a script's, which is no package

    monkeypatch.setenv(name, value)
    censor = Censor()
    for text in (value, telling):
        spellings = {
            *(text, repr(text), repr([text]), repr(repr(text)), json.dumps(text)),
            *(json.dumps(text, ensure_ascii=False), json.dumps(json.dumps(text))),
            *(quote(text), quote(text, safe=""), quote_plus(text), html.escape(text)),
            *(base64.b64encode(text.encode()).decode(), unquote(text)),
        }
        for spelling in spellings:
            shown = censor.strike(f"dbt said: <{spelling}>!")
            for form in (telling, quote(telling, safe=""), json.dumps(telling)[1:-1]):
                assert form not in shown, spelling
            assert shown.startswith("dbt said: <")
    assert not list(tmp_path.iterdir())


def test_a_very_short_password_leaves_the_words_as_they_are(tmp_path: Path) -> None:
    command = ("step.py", "Say", sys.executable, "-c", "print('a table of accounts')")
    url = "postgresql://reader:a@db.example.org/tracker"
    assert script(*command, folder=tmp_path, REFSYNC_TRACKER_URL=url, PGPASSWORD="a") == (
        0,
        "a table of accounts\n",
    )


def test_what_data_holds_is_no_order_to_the_runner_or_a_terminal(tmp_path: Path) -> None:
    said = (
        "x ##[add-mask]y\nx\r::add-mask::y\n \t::error::x\n"
        "\x1b]0;title\x07\u2028::stop-commands::t\n"
        "Error: 100%0A::error::\x1b[31mred\x1b[0m\x85::x\n"
    )
    words = f"import sys; sys.stdout.reconfigure(encoding='utf-8'); print({said!r}); sys.exit(1)"
    _, out = script(
        *("step.py", "Say", sys.executable, "-c", words), folder=tmp_path, PYTHONUTF8="1"
    )
    assert out.splitlines() == [
        "x # #[add-mask]y",
        "x\\r::add-mask::y",
        "|  \t::error::x",
        "\\x1b]0;title\\x07\\u2028::stop-commands::t",
        "Error: 100%0A::error::red\\x85::x",
        "",
        "::error title=Say::100%250A::error::red\\x85::x",
    ]


def test_markdown_in_the_data_stays_text(tmp_path: Path) -> None:
    evil = "![x](https://evil.example/a.png) @team `a` ``` <b>|</b> www.evil.example #1 ##[group]"
    (tmp_path / "target").mkdir()
    failure = {"step": "Push", "sentence": evil}
    (tmp_path / "target" / "steps.json").write_text(json.dumps(failure), encoding="utf-8")
    _, said = script("summary.py", folder=tmp_path, JOB_STATUS="failure")
    shown = said.partition("failed: ")[2].partition("\n")[0]
    assert re.fullmatch(r"<code>(?:[\w ,@-]|&#\d+;)*</code>", shown)
    assert html.unescape(shown.removeprefix("<code>").removesuffix("</code>")) == evil
    with Issues() as issues:
        environment = {
            "GITHUB_API_URL": issues.url,
            "GITHUB_SERVER_URL": "https://github.com",
            "GITHUB_REPOSITORY": "somebody/refsync",
            "GITHUB_TOKEN": TOKEN,
            "RUN_ID": "7",
            "RESULT": "failure",
            "SENTENCE": f"{evil}\n\n{evil}",
        }
        script("issue.py", folder=tmp_path, **environment)
        assert f"\n\n    {evil} {evil}\n\n" in issues.issues[0]["body"]


@pytest.mark.parametrize(
    ("as_of_date", "is_taken"),
    [
        *(("today", True), ("yesterday", True), ("2026-02-28", True)),
        *(("2026-02-30", False), ("2026-2-3", False), ("20260203", False), ("Today", False)),
        *(("", False), ("yesterday\n", False), ("2026-02-28'; x", False)),
        ("{{ env_var('REFSYNC_TRACKER_URL') | reverse }}", False),
        ("2026-02-28{# #}", False),
    ],
)
def test_only_a_date_reaches_dbt(tmp_path: Path, as_of_date: str, *, is_taken: bool) -> None:
    has = dict.fromkeys(("HAS_TRACKER", "HAS_SHEET", "HAS_ACCOUNT"), "true")
    output = tmp_path / "output"
    environment = {"GITHUB_OUTPUT": str(output), "STEP": "s", "AS_OF_DATE": as_of_date, **has}
    code, said = script("plan.py", folder=tmp_path, **environment)
    assert (code == 0) is is_taken
    assert output.exists() is is_taken
    if not is_taken:
        assert "neither yesterday nor today nor a date" in said
        assert "env_var" not in said


@pytest.mark.parametrize("private", [True, False, None])
def test_whether_data_is_kept_follows_what_github_says(
    tmp_path: Path, *, private: bool | None
) -> None:
    with Issues() as issues:
        issues.private = bool(private)
        environment = {
            "GITHUB_OUTPUT": str(tmp_path / "output"),
            "GITHUB_API_URL": issues.url,
            "GITHUB_REPOSITORY": "somebody/refsync",
            "GITHUB_TOKEN": TOKEN if private is not None else "wrong",
            "STEP": "s",
            "AS_OF_DATE": "today",
        }
        code, said = script("plan.py", folder=tmp_path, **environment)
    assert code == 0
    outputs = (tmp_path / "output").read_text(encoding="utf-8").splitlines()
    assert f"private={'true' if private else 'false'}" in outputs
    assert ("no data is kept" in said) is (private is None)
    steps = {step["name"]: step for step in load("sync.yml")["jobs"]["sync"]["steps"]}
    for name in ("Keep the database", "Keep the workbook"):
        contexts = {"steps": {"plan": {"outputs": dict(line.split("=", 1) for line in outputs)}}}
        kept = evaluate(steps[name]["if"], contexts, {"always": lambda: True})
        assert bool(kept) is bool(private)


def test_a_step_that_is_killed_is_named(tmp_path: Path) -> None:
    script_path = str(ROOT / ".github" / "scripts" / "step.py")
    command = [sys.executable, script_path, "Build", sys.executable]
    with subprocess.Popen(
        [*command, "-c", "print('begun', flush=True); input()"],
        cwd=tmp_path,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "begun\n"
        process.kill()
    _, said = script("summary.py", folder=tmp_path, JOB_STATUS="failure")
    assert "**Build** failed: <code>It did not end" in said
    assert script("step.py", "Build", sys.executable, "-c", "", folder=tmp_path) == (0, "")
    assert not (tmp_path / "target" / "steps.json").exists()


@pytest.mark.parametrize("damage", ["none", "cut", "overwritten", "nonsense", "empty"])
def test_a_damaged_database_is_left_behind(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "refsync.duckdb"
    with duckdb.connect(path) as connection:
        connection.execute('create table "a ""b" as select range as id, md5(range::text) as name '
                           "from range(20000)")  # fmt: skip
    content = path.read_bytes()
    path.write_bytes(
        {
            "none": content,
            "cut": content[: len(content) // 2],
            "overwritten": content[: 2**18] + b"x" * 2**18 + content[2**19 :],
            "nonsense": b"no database",
            "empty": b"",
        }[damage]
    )
    code, said = script("database.py", folder=tmp_path)
    is_good = damage == "none"
    assert (code, path.exists()) == (0, is_good)
    assert ("::warning::The last database is damaged" in said) is not is_good


def test_a_source_that_cannot_be_reached_is_tried_again(tmp_path: Path) -> None:
    words = "print('Encountered an error:\\nRuntime Error\\n  No route.'); raise SystemExit(2)"
    command = (sys.executable, "-c", words)
    code, out = script("step.py", "--tries", "2", "--wait", "0", "Build", *command, folder=tmp_path)
    assert code == 2
    assert out.count("Encountered an error:") == 2
    assert out.endswith("::error title=Build::No route.\n")


@pytest.mark.parametrize("system", ["Linux", "macOS", "Windows"])
def test_what_ci_runs(tmp_path: Path, system: str) -> None:
    """Each step shows what it would run, by `make --dry-run` or by stand-ins for the commands.

    Run in earnest, the checks and the tests would take minutes, and the tests would run this one.
    """
    runner = Runner(tmp_path, environment={"MAKEFLAGS": "n"}, pretended=PRETENDED)
    jobs = runner.run("ci.yml", system=system, matrix={"python": "3.13"})
    assert {job.result for job in jobs.values()} == {"success"}, jobs
    assert ".venv/bin/python -m pytest tests/spark" in jobs["spark"].log
    job = jobs["test"]
    ran = [line.strip().removeprefix(".venv/bin/") for line in job.log.splitlines()]
    ran = [line.removeprefix("python -m ") for line in ran]
    for command in CHECKS:
        assert command in ran
    assert any(line.endswith("--require-hashes -r requirements-dev.txt") for line in ran)
    assert "pytest --numprocesses 2 --dist worksteal" in ran


def test_ci_covers_the_systems_and_pythons_that_refsync_is_for() -> None:
    matrix = load("ci.yml")["jobs"]["test"]["strategy"]["matrix"]
    assert [system.partition("-")[0] for system in matrix["system"]] == [
        *("ubuntu", "macos", "windows")
    ]
    assert matrix["python"] == ["3.10", "3.13"]


@pytest.mark.parametrize("name", ["ci.yml", "sync.yml"])
def test_a_workflow_may_do_nothing_unless_a_job_says_so(name: str) -> None:
    workflow = load(name)
    assert workflow["permissions"] == {}
    for each, job in workflow["jobs"].items():
        only = {"sync-without-key": {"id-token"}, "tell": {"issues"}}.get(each, set())
        assert set(job["permissions"]) == {"contents"} | only
        assert "timeout-minutes" in job
        uses = [step["uses"] for step in job["steps"] if "uses" in step]
        assert all(re.fullmatch(r"[\w-]+(/[\w-]+)+@[0-9a-f]{40}", each) for each in uses)


def test_secrets_reach_only_the_steps_that_need_them() -> None:
    sync = load("sync.yml")["jobs"]["sync"]
    reached = {
        step["name"]: set(re.findall(r"secrets\.(\w+)\b(?! != '')", str(step)))
        for step in sync["steps"]
    }
    assert {name: secrets for name, secrets in reached.items() if secrets} == {
        "Build and test the marts": {
            *("REFSYNC_TRACKER_URL", "REFSYNC_EMAIL_KEY"),
            *("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"),
        },
        "Push the worksheets": {
            *("GOOGLE_SHEET_ID", "GOOGLE_SERVICE_ACCOUNT_JSON", "REFSYNC_WEBHOOK_URL"),
        },
        "Send a failure to the webhook": {"REFSYNC_WEBHOOK_URL"},
    }
    assert "secrets" not in str(sync["env"])


@pytest.mark.parametrize(
    ("schedule", "hourly", "runs"),
    [("0 1", "", True), ("20 0,2-23", "", False), ("20 0,2-23", "true", True)],
)
@pytest.mark.parametrize("provider", ["", "projects/1/locations/global/workloadIdentityPools/a"])
def test_the_hourly_run_is_off_unless_a_variable_turns_it_on(
    provider: str, schedule: str, hourly: str, *, runs: bool
) -> None:
    """One of the two jobs runs, then: the one that the repository signs in to Google by."""
    workflow = load("sync.yml")
    crons = [each["cron"] for each in workflow["on"]["schedule"]]
    assert f"{schedule} * * *" in crons
    contexts = {
        "github": {"event": {"schedule": f"{schedule} * * *"}},
        "vars": {"REFSYNC_HOURLY": hourly, "GOOGLE_WORKLOAD_IDENTITY_PROVIDER": provider},
    }
    run = [
        name
        for name in ("sync", "sync-without-key")
        if evaluate(workflow["jobs"][name]["if"], contexts, {})
    ]
    assert run == (["sync-without-key" if provider else "sync"] if runs else [])


@pytest.mark.parametrize("provider", ["", "projects/1/locations/global/workloadIdentityPools/a"])
def test_federation_leaves_the_key_where_it_is(provider: str) -> None:
    jobs = load("sync.yml")["jobs"]
    for part in ("steps", "env", "outputs", "environment", "runs-on", "timeout-minutes"):
        assert jobs["sync"][part] == jobs["sync-without-key"][part]
    steps = {step["name"]: step for step in jobs["sync"]["steps"]}
    contexts = {
        "steps": {"plan": {"outputs": {"push": "true"}}},
        "vars": {"GOOGLE_WORKLOAD_IDENTITY_PROVIDER": provider} if provider else {},
        "secrets": {"GOOGLE_SERVICE_ACCOUNT_JSON": "the key"},
    }
    assert evaluate(steps["Sign in to Google"]["if"], contexts, {}) is bool(provider)
    pushed_with = steps["Push the worksheets"]["env"]["GOOGLE_SERVICE_ACCOUNT_JSON"]
    assert interpolate(pushed_with, contexts, {}) == ("" if provider else "the key")


@pytest.mark.parametrize("ran", ["sync", "sync-without-key"])
def test_a_failure_of_either_job_is_reported(ran: str) -> None:
    needs = {name: {"result": "skipped", "outputs": {}} for name in ("sync", "sync-without-key")}
    needs[ran] = {"result": "failure", "outputs": {"step": "Build", "sentence": "No."}}
    told = load("sync.yml")["jobs"]["tell"]["steps"][-1]["env"]
    filled = [
        interpolate(told[name], {"needs": needs}, {})
        for name in ("RESULT", "FAILED_STEP", "SENTENCE")
    ]
    assert filled == ["failure", "Build", "No."]


@pytest.mark.parametrize(
    ("inputs", "pushed", "reported"),
    [
        ({}, ("all", "false"), True),
        ({"type": "all", "dry_run": False}, ("all", "false"), True),
        ({"type": "raw", "dry_run": False}, ("raw", "false"), False),
        ({"type": "all", "dry_run": True}, ("all", "true"), False),
    ],
)
def test_a_run_by_hand_does_what_it_is_told(
    inputs: dict[str, Any], pushed: tuple[str, str], *, reported: bool
) -> None:
    """Only a whole push says whether the worksheets are up to date."""
    jobs = load("sync.yml")["jobs"]
    push = next(step for step in jobs["sync"]["steps"] if step["name"] == "Push the worksheets")
    needs = {"sync": {"result": "skipped"}, "sync-without-key": {"result": "success"}}
    contexts = {"inputs": inputs, "needs": needs}
    environment = {
        name: interpolate(push["env"][name], contexts, {})
        for name in ("REFSYNC_TYPE", "REFSYNC_DRY_RUN")
    }
    assert tuple(environment.values()) == pushed
    assert bool(evaluate(jobs["tell"]["if"], contexts, {"always": lambda: True})) is reported


def test_the_summary_of_a_dry_run_and_of_a_step_that_failed_after_the_push(tmp_path: Path) -> None:
    sheet = {"worksheet": "A|@b", "rows": 1234, "added": 2, "changed": None, "removed": 0}
    sheet |= {"cells": 18, "notes": ["creates the tab"]}
    push = {"status": "changed", "dry_run": True, "worksheets": [sheet], "api_calls": 3}
    push |= {"bytes_sent": 2_400_000, "seconds": 1.23}
    (tmp_path / "target").mkdir()
    file = tmp_path / "target" / "push.json"
    file.write_text(json.dumps(push), encoding="utf-8")
    assert script("summary.py", folder=tmp_path)[1] == (
        "## A dry run: nothing was written\n\n"
        "| worksheet | rows | added | changed | removed | cells written | |\n"
        "|---|---:|---:|---:|---:|---:|---|\n"
        "| <code>A&#124;@b</code> | 1,234 | 2 | 0 | 0 | 18 | <code>creates the tab</code> |\n\n"
        "0 cells written; 3 API calls would be made; 2.4 MB sent; 1.2 s.\n\n\n"
    )
    notes = ["A|@b: Google refuses a chart, so this is left out."]
    file.write_text(json.dumps({**push, "dry_run": False, "notes": notes}), encoding="utf-8")
    code, said = script("summary.py", folder=tmp_path, JOB_STATUS="failure")
    assert said.startswith(
        "## The worksheets were pushed, then a step failed\n\n"
        "**A step that sets things up or puts them away** failed: "
    )
    assert "18 cells written; 3 API calls; 2.4 MB sent" in said
    assert "- <code>A&#124;@b&#58; Google refuses a chart, so this is left out&#46;</code>" in said
    assert code == 0
