"""No error repeats a configured value that may be a secret, for any variable."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from refsync.cli import push
from refsync.errors import ConfigError, DestinationError
from refsync.google_sheets.api.errors import ApiError
from refsync.secret_values import kind_of_secret, strike
from tests.projects import run_refsync

if TYPE_CHECKING:
    from pathlib import Path

MARK = "Zq9xKw7Lm3VbT5"
"""A part of each secret below that no output may have."""

KEY = json.dumps(
    {
        "type": "service_account",
        "private_key": f"-----BEGIN PRIVATE KEY-----\n{MARK}\n-----END PRIVATE KEY-----\n",
        "client_email": "robot@project.iam.gserviceaccount.com",
    }
)

SECRETS = {
    "a key": KEY,
    "a key with line breaks": json.dumps(json.loads(KEY), indent=2),
    "a key that was cut": KEY[:70],
    "a key with escaped quotes": KEY.replace('"', '\\"'),
    "a key in base64": base64.b64encode(KEY.encode()).decode(),
    "a key in base64 for URLs": base64.urlsafe_b64encode(KEY.encode()).decode().rstrip("="),
    "a private key": f"-----BEGIN PRIVATE KEY-----\n{MARK}",
    "a database's URL": f"postgresql://reader:{MARK}@db.example.org/tracker",
    "one without a host": f"postgres://reader:{MARK}/tracker",
    "one with wide signs": f"postgresql：//reader：{MARK}＠db.example.org/tracker",
    "one of SQLAlchemy": f"postgresql+psycopg2://reader:{MARK}@db/tracker",
    "a URL with a user": f"https://{MARK}@example.org/",
    "a URL with a password": f"https://me:{MARK}/#@example.org/a.xlsx",
    "words of libpq": f"host=db user=reader password={MARK}",
    "a token of MotherDuck": f"md:my_db?motherduck_token={MARK}",
    "an access token": f"ya29.{MARK}",
    "a token of GitHub": f"ghp_{MARK}{MARK}",
    "a webhook of Slack": f"https://hooks.slack.com/services/T0/B0/{MARK}",
    "a webhook of Teams": f"https://prod-1.westeurope.logic.azure.com:443/workflows/{MARK}/triggers",
}

SETTINGS = (
    *("GOOGLE_SHEET_ID", "REFSYNC_TO", "REFSYNC_TYPE", "REFSYNC_SELECT", "REFSYNC_DRY_RUN"),
    *("REFSYNC_JSON", "REFSYNC_MANIFEST", "REFSYNC_DUCKDB_PATH", "DBT_TARGET", "DBT_PROFILES_DIR"),
    *("REFSYNC_VERBOSE", "GOOGLE_SERVICE_ACCOUNT_FILE", "GOOGLE_SHEETS_API_ENDPOINT"),
    *("GOOGLE_APPLICATION_CREDENTIALS",),
)


@pytest.mark.parametrize("name", SETTINGS)
@pytest.mark.parametrize("secret", SECRETS.values(), ids=SECRETS)
def test_a_setting_that_holds_a_secret_is_named_and_not_shown(
    secret: str, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    environment: dict[str, str | None] = dict.fromkeys(SETTINGS)
    environment |= {"GOOGLE_SHEET_ID": "1x", "GOOGLE_SERVICE_ACCOUNT_JSON": None, name: secret}
    done = CliRunner().invoke(push, ["--verbose"], env=environment)
    assert done.exit_code == 2
    assert f"{name} holds a" in done.output
    assert MARK not in done.output
    assert base64.b64encode(MARK.encode()).decode()[2:-4] not in done.output
    assert "Traceback" not in done.output or "ConfigError" in done.output


@pytest.mark.parametrize("option", ["--to", "--select", "--type", "--database", "--manifest"])
def test_an_option_that_holds_one(option: str) -> None:
    for arguments in ([option, KEY], [f"{option}={KEY}"], [KEY]):
        done = CliRunner().invoke(push, ["--to", "a.xlsx", *arguments])
        assert (done.exit_code, MARK in done.output) == (2, False)


def test_swapped_secrets_are_told_where_they_belong(tmp_path: Path) -> None:
    code, _, stderr = run_refsync(tmp_path, GOOGLE_SHEET_ID=KEY)
    assert (code, stderr) == (
        2,
        (
            "Error: GOOGLE_SHEET_ID holds a service account's key: swap it with "
            "GOOGLE_SERVICE_ACCOUNT_JSON. The value is not shown here.\n"
        ),
    )


def test_a_value_that_may_be_a_secret_by_its_looks_alone_is_not_repeated() -> None:
    done = CliRunner().invoke(push, ["--to", "wJalrXUtnFEMI/K7MDENG/bPxRfiCY+xKEY"])
    assert done.exit_code == 2
    assert "The destination (not shown here) is neither" in done.output


@pytest.mark.parametrize("name", ["GOOGLE_SHEET_ID", "REFSYNC_TO"])
@pytest.mark.parametrize("password", ["hunter22", "correct-horse_9", "p@ss/w0rd!", "tr0ub4dor &3"])
def test_a_password_in_the_place_of_an_id_is_refused_before_any_call(
    name: str, password: str, tmp_path: Path
) -> None:
    """There is no key for a call: it would be missed before the first one."""
    variables: dict[str, Any] = {name: password}
    assert run_refsync(tmp_path, **variables) == (
        2,
        "",
        (
            f"Error: {name} is neither a path ending in .xlsx nor the id or URL of a Google "
            "spreadsheet: copy the URL from the browser while the spreadsheet is open.\n"
        ),
    )


@pytest.mark.parametrize(
    ("spreadsheet_id", "is_shown"), [("1" + "aB-_" * 11, False), ("1" + "aB9" * 14 + "-", True)]
)
def test_only_an_id_of_google_s_is_shown(spreadsheet_id: str, *, is_shown: bool) -> None:
    sentence = ApiError(404, "", "").explain(spreadsheet_id, None)
    assert (spreadsheet_id in sentence, "(not shown here)" in sentence) == (is_shown, not is_shown)


@pytest.mark.parametrize(
    "value",
    [
        "report.xlsx",
        "service_account.json",
        "/etc/refsync-key.json",
        "C:\\Users\\me\\secret tokens\\key.json",
        "https://docs.google.com/spreadsheets/d/1AbC-d_9/edit?usp=sharing&resourcekey=0-x#gid=0",
        "https://docs.google.com/a/example.org/spreadsheets/d/1AbC-d_9/edit?ouid=1&rtpof=true",
        "1BxiMVs0XRA5nFMdKvBdBZjgmUUqptlbs74OgvE2upms",
        "mary@example.org.xlsx",
        "https://proxy.example.org:8443/sheets",
        "tracker, daily tokens",
    ],
)
def test_what_is_no_secret_is_taken(value: str) -> None:
    assert kind_of_secret(value) is None


@pytest.mark.parametrize("kind", [ConfigError, DestinationError])
def test_an_error_gives_no_orders_to_a_terminal_or_a_runner(kind: type[Exception]) -> None:
    text = str(kind("a\x1b]0;title\x07b\r::add-mask::c\n::error::d\u202ee\u2028f\x9bg 目标 👩‍🍳"))
    assert text == (
        "a\\x1b]0;title\\x07b\\r::add-mask::c\\n::error::d\\u202ee\\u2028f\\x9bg 目标 👩‍🍳"
    )


@pytest.mark.parametrize(
    ("text", "struck"),
    [
        ("no md:cafe?motherduck_token=abc yet", "no md:cafe?*** yet"),
        ("'motherduck:cafe?x=abc&y=d' is closed", "'motherduck:cafe?***' is closed"),
        ("s3://bucket/key?X-Amz-Signature=abc: gone", "s3://bucket/key?*** gone"),
        ("https://docs.google.com/d/abc/edit?gid=0", "https://docs.google.com/d/abc/edit?gid=0"),
        ("is it what you meant?", "is it what you meant?"),
        ("Error: did you mean it?", "Error: did you mean it?"),
    ],
)
def test_no_url_s_query_is_shown(text: str, struck: str) -> None:
    assert strike(text, {}) == struck
