"""What Google refuses, in a sentence that says what to do; and how long a push goes on trying."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from google.oauth2.credentials import Credentials

from refsync.errors import ConfigError, DestinationError
from refsync.google_sheets import destination as google_sheets
from refsync.google_sheets.api.client import checked_endpoint
from refsync.google_sheets.api.credentials import Account
from refsync.google_sheets.api.retry import Pace, Retry, seconds_to_wait
from tests.google_sheets.pushing import Book, Time, table, values_of
from tests.sheets_emulator import DEFAULT_ACCOUNT, Fault, Quotas, SheetsEmulator

if TYPE_CHECKING:
    from collections.abc import Iterator

DESIRED = table([(1, "a", 0.5)])


@pytest.fixture
def emulator() -> Iterator[SheetsEmulator]:
    with SheetsEmulator() as running:
        yield running


def test_a_spreadsheet_that_is_not_shared_names_the_address_to_share_with(book: Book) -> None:
    book.emulator.share(book.id, DEFAULT_ACCOUNT, None)
    with pytest.raises(DestinationError, match=rf"share it with {re.escape(DEFAULT_ACCOUNT)}"):
        book.push(DESIRED)
    assert len(book.emulator.log()) == 1


def test_one_that_is_shared_to_read_only_does_so_too(book: Book) -> None:
    book.emulator.share(book.id, DEFAULT_ACCOUNT, "reader")
    with pytest.raises(DestinationError, match=rf"{re.escape(DEFAULT_ACCOUNT)}, as an editor"):
        book.push(DESIRED)
    assert book.counts() == (1, 1)


def test_an_unknown_id_is_named(book: Book) -> None:
    book.id = "1" + "nowhere" * 6 + "-"
    with pytest.raises(DestinationError, match=f"no spreadsheet with the id '{book.id}'"):
        book.push(DESIRED)
    assert len(book.emulator.log()) == 1


def test_an_office_file_in_drive_is_told_from_a_spreadsheet(book: Book) -> None:
    book.id = book.emulator.create_xlsx_file()
    with pytest.raises(DestinationError, match="Save as Google Sheets"):
        book.push(DESIRED)
    assert len(book.emulator.log()) == 1


def test_a_disabled_api_is_told(book: Book) -> None:
    book.emulator.api_enabled = False
    with pytest.raises(DestinationError, match=r"API is off in the project .*enable it"):
        book.push(DESIRED)
    assert len(book.emulator.log()) == 1


def test_a_missing_scope_is_told(book: Book) -> None:
    token = book.emulator.token(DEFAULT_ACCOUNT, "https://www.googleapis.com/auth/drive.metadata")
    account = Account(Credentials(token), "a test", None)  # type: ignore[no-untyped-call]
    with pytest.raises(DestinationError, match=r"lack the scope .*auth/spreadsheets"):
        book.push(DESIRED, account=account)


def test_an_account_that_is_gone_gets_no_token_and_the_error_no_secret(book: Book) -> None:
    key = book.emulator.service_account_info()
    with SheetsEmulator() as other:
        stranger = other.service_account_info("stranger@example.com")
    asked = replace(
        book.settings,
        google_service_account_json=json.dumps({**stranger, "token_uri": key["token_uri"]}),
    )
    with pytest.raises(DestinationError, match="no access token") as raised:
        google_sheets.push([DESIRED], asked, dry_run=False, pace=book.time.pace())
    assert "PRIVATE" not in str(raised.value)
    assert book.time.naps == []


def test_the_real_service_account_flow(book: Book) -> None:
    google_sheets.push([DESIRED], book.settings, dry_run=False, pace=book.time.pace())
    assert book.values() == values_of(DESIRED)
    assert len(book.emulator.log("token")) == 1


@pytest.mark.parametrize("fault", [Fault.status(503), Fault.reset()])
def test_a_token_endpoint_that_fails_for_a_moment(book: Book, fault: Fault) -> None:
    book.emulator.plan(fault, kind="token", times=1)
    google_sheets.push([DESIRED], book.settings, dry_run=False, pace=book.time.pace())
    assert book.values() == values_of(DESIRED)


@pytest.mark.parametrize("code", [500, 503])
@pytest.mark.parametrize("kind", ["read", "write"])
def test_a_constant_failure_ends_within_its_bound(book: Book, code: int, kind: str) -> None:
    book.emulator.plan(Fault.status(code), kind=kind, times=10**6)  # type: ignore[arg-type]
    with pytest.raises(
        DestinationError, match=r"Gave up after 6 tries in .* seconds: run refsync-push again"
    ):
        book.push(DESIRED, pace=book.time.pace(chance=1.0))
    assert len(book.emulator.log(kind)) == 6  # type: ignore[arg-type]
    assert book.time.naps == [1, 2, 4, 8, 16]


def test_a_quota_is_waited_for_beyond_a_minute(book: Book) -> None:
    book.emulator.quotas = Quotas(per_user=5)
    book.push(DESIRED)
    book.push(table([(2, "b", 1.0)]))

    def sleep(seconds: float) -> None:
        book.time.sleep(seconds)
        book.emulator.clock.advance(seconds)

    book.push(table([(3, "c", 1.0)]), pace=replace(book.time.pace(), sleep=sleep))
    assert book.values() == values_of(table([(3, "c", 1.0)]))
    assert sum(book.time.naps) > 60


def test_retry_after_is_honoured_and_a_far_one_not_waited_for(book: Book) -> None:
    book.emulator.plan(Fault.status(429, retry_after=40), call=1)
    book.push(DESIRED)
    assert book.time.naps == [40.5 + 0.5]
    book.emulator.plan(Fault.status(429, retry_after=3600), call=1)
    with pytest.raises(
        DestinationError, match=r"Gave up after 1 try in 0 seconds.*quota is used up"
    ):
        book.push(DESIRED)


def test_no_try_begins_after_the_bounds() -> None:
    time = Time()
    attempts = Retry(time.pace(chance=1.0), push_began=-1790.0)
    while attempts.wait(quota=True, retry_after=None):
        pass
    assert time.seconds <= 10
    time = Time()
    attempts = Retry(time.pace(chance=1.0), push_began=0.0)
    while attempts.wait(quota=True, retry_after=None):
        pass
    assert 200 < time.seconds <= 300
    attempts = Retry(Pace(time.sleep, lambda: time.seconds, lambda: 0.0), push_began=time.seconds)
    while attempts.wait(quota=True, retry_after=None):
        pass
    assert attempts.tries == 20


def test_retry_after_may_be_a_date_which_is_left_aside() -> None:
    assert seconds_to_wait("7") == 7.0
    assert seconds_to_wait("Wed, 21 Oct 2026 07:28:00 GMT") is None
    assert seconds_to_wait(None) is None


@pytest.mark.parametrize(
    ("endpoint", "used"),
    [
        (None, "https://sheets.googleapis.com"),
        ("https://proxy.example.com/sheets/", "https://proxy.example.com/sheets"),
        ("http://localhost:8080/v4/spreadsheets", "http://localhost:8080"),
        ("http://127.0.0.1:8080/v4/", "http://127.0.0.1:8080"),
        ("http://[::1]:8080", "http://[::1]:8080"),
    ],
)
def test_an_endpoint_is_https_or_this_machine(endpoint: str | None, used: str) -> None:
    assert checked_endpoint(endpoint) == used


@pytest.mark.parametrize(
    "endpoint",
    ["http://example.com", "http://127.0.0.1.example.com", "ftp://localhost", "localhost"],
)
def test_any_other_endpoint_is_refused(endpoint: str) -> None:
    with pytest.raises(ConfigError, match="GOOGLE_SHEETS_API_ENDPOINT"):
        checked_endpoint(endpoint)
