"""The emulator as tests hold it: started, filled, watched and made to fail."""

from __future__ import annotations

import json
import re
import threading
import time
import traceback
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from tests.sheets_emulator.a1 import Area
from tests.sheets_emulator.auth import (
    DEFAULT_ACCOUNT,
    DRIVE_SCOPES,
    READ_SCOPES,
    SPREADSHEETS,
    WRITE_SCOPES,
    Accounts,
    OAuthError,
    check_scopes,
)
from tests.sheets_emulator.batch import Batch, apply_batch
from tests.sheets_emulator.cells import Formula
from tests.sheets_emulator.clock import Clock, Quotas
from tests.sheets_emulator.contract import check_request
from tests.sheets_emulator.drive import DriveCall
from tests.sheets_emulator.editors import Editor
from tests.sheets_emulator.errors import ApiError, Json, error_info, invalid
from tests.sheets_emulator.faults import Call, Fault, Kind, Plan
from tests.sheets_emulator.library import XLSX_TYPE, Library, Values, sheet_values
from tests.sheets_emulator.page import page
from tests.sheets_emulator.server import Server
from tests.sheets_emulator.service import perform, route
from tests.sheets_emulator.values import grow, put_values

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from types import TracebackType

    from tests.sheets_emulator.beliefs import Beliefs
    from tests.sheets_emulator.grid import Spreadsheet

OWNER = "owner@example.com"
MAX_PAYLOAD_BYTES = 10_485_760


class Snapshot:
    """One state of a spreadsheet, as a reader could have seen it."""

    def __init__(self, book: Spreadsheet) -> None:
        self.book = book

    @property
    def titles(self) -> list[str]:
        """The titles of the visible tabs, left to right."""
        return [sheet.title for sheet in self.book.sheets if not sheet.hidden]

    def values(self, title: str) -> Values:
        """What was entered into a tab; a formula is a `Formula`, an empty cell None."""
        sheet = self.book.titled(title)
        if sheet is None:
            raise KeyError(title)
        return sheet_values(sheet)

    def visible(self) -> dict[str, Values]:
        """The values of every visible tab by title."""
        return {title: self.values(title) for title in self.titles}


class SheetsEmulator:
    """A Google Sheets API server on this machine, to be used as a context manager.

    Args:
        port: The port to listen on; 0 for any free one.
        latency_seconds: What every call takes at least.
        quotas: Requests a minute that are allowed; None for no limit.
    """

    def __init__(
        self, *, port: int = 0, latency_seconds: float = 0.0, quotas: Quotas | None = None
    ) -> None:
        self.clock = Clock()
        self.library = Library(self.clock)
        self.latency_seconds = latency_seconds
        self.quotas = quotas
        self.api_enabled = True
        self.calls: list[Call] = []
        self.stopped = False
        self.defects: list[BaseException] = []
        self._plans: list[Plan] = []
        self._lock = threading.RLock()
        self._server = Server(self, port)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self.accounts = Accounts(self.clock, f"{self.url}/token")
        self.accounts.service_account_info()

    # --- starting and stopping ----------------------------------------------------------------

    def start(self) -> None:
        """Begins to listen, in a thread of its own."""
        serve = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        )
        serve.start()

    def stop(self) -> None:
        """Stops listening and lets go of clients that still wait."""
        self.stopped = True
        self._server.shutdown()
        self._server.server_close()

    def __enter__(self) -> SheetsEmulator:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
        if self.defects and error is None:
            raise RuntimeError("The Sheets emulator failed.") from self.defects[0]

    @property
    def beliefs(self) -> Beliefs:
        """What it does where nothing proves what Google does."""
        return self.library.beliefs

    @beliefs.setter
    def beliefs(self, beliefs: Beliefs) -> None:
        self.library.beliefs = beliefs

    # --- accounts -----------------------------------------------------------------------------

    def service_account_info(self, email: str = DEFAULT_ACCOUNT) -> Json:
        """What the key file of a service account holds; its `token_uri` is this emulator."""
        return self.accounts.service_account_info(email)

    def write_service_account(self, path: Path, email: str = DEFAULT_ACCOUNT) -> Path:
        """Writes the account's key file; returns its path."""
        path.write_text(json.dumps(self.service_account_info(email), indent=2), encoding="utf-8")
        return path

    def token(self, email: str = DEFAULT_ACCOUNT, *scopes: str) -> str:
        """A bearer token without any flow; the scope is spreadsheets unless others are given."""
        return self.accounts.issue(email, set(scopes) or {SPREADSHEETS})

    # --- spreadsheets -------------------------------------------------------------------------

    def create_spreadsheet(
        self,
        title: str = "Emulated spreadsheet",
        tabs: dict[str, list[list[Any]]] | None = None,
        *,
        file_id: str | None = None,
        share: dict[str, str] | None = None,
    ) -> str:
        """A new spreadsheet of the user `owner@example.com`; returns its id.

        Args:
            title: Its title.
            tabs: Values by tab title, texts beginning with `=` as formulas; without it, there is
                the one empty tab `Sheet1` of 1000 rows and 26 columns.
            file_id: The id to give it.
            share: Roles (`writer`, `reader`) by e-mail address; without it, the default service
                account is a writer.
        """
        wanted: Json = {"properties": {"title": title}}
        if tabs is not None:
            wanted["sheets"] = [
                {"properties": {"title": name, "sheetId": 0 if number == 0 else number * 1000 + 1}}
                for number, name in enumerate(tabs)
            ]
        with self._lock:
            file = self.library.create(wanted, OWNER, file_id=file_id)
            for name, rows in (tabs or {}).items():
                self._fill(file.book, name, rows)
            for email, role in ({DEFAULT_ACCOUNT: "writer"} if share is None else share).items():
                file.roles[email.casefold()] = role
            return file.book.id

    @staticmethod
    def _fill(book: Spreadsheet, title: str, rows: list[list[Any]]) -> None:
        sheet = book.titled(title)
        if sheet is None or not rows:
            return
        area = Area(sheet.id, 0, 0, len(rows), max(map(len, rows)))
        grow(book, sheet, area)
        put_values(sheet, area, rows, "RAW")
        for row, cells in list(sheet.rows.items()):
            for column, cell in cells.items():
                if isinstance(cell.value, str) and cell.value.startswith("="):
                    sheet.set_cell(row, column, cell._replace(value=Formula(cell.value)))

    def create_xlsx_file(self, name: str = "report.xlsx") -> str:
        """An Excel file in Drive, which the Sheets API cannot open; returns its id."""
        file_id = self.create_spreadsheet(name)
        self.library.files[file_id].mime_type = XLSX_TYPE
        return file_id

    def share(self, spreadsheet_id: str, email: str, role: str | None) -> None:
        """Lets an address read or write (`reader`, `writer`), or no longer see it (None)."""
        roles = self.library.files[spreadsheet_id].roles
        roles.pop(email.casefold(), None)
        if role is not None:
            roles[email.casefold()] = role

    def edit(
        self, spreadsheet_id: str, requests: list[Json], *, email: str | None = None
    ) -> list[Json]:
        """What a person, or another program, does: a batchUpdate that is no call of the log.

        Without an e-mail address it is the owner who edits. Returns the replies.
        """
        with self._lock:
            file = self.library.files[spreadsheet_id]
            check_request("BatchUpdateSpreadsheetRequest", {"requests": requests})
            editor = Editor(OWNER, is_owner=True) if email is None else file.editor(email)
            book, replies = apply_batch(file.book, requests, editor)
            file.commit(book, self.clock.now())
            return replies

    def type_in(self, spreadsheet_id: str, a1_range: str, rows: list[list[Any]]) -> None:
        """A person types values into cells, from the first cell of the range on."""
        with self._lock:
            file = self.library.files[spreadsheet_id]
            batch = Batch(file.book.copy(), Editor(OWNER, is_owner=True))
            sheet, bounds = batch.book.resolve(a1_range)
            start = sheet.clamp(bounds)
            width = max(map(len, rows))
            area = Area(sheet.id, start.top, start.left, start.top + len(rows), start.left + width)
            grow(batch.book, sheet, area)
            put_values(sheet, area, rows, "USER_ENTERED")
            file.commit(batch.book, self.clock.now())

    # --- watching -----------------------------------------------------------------------------

    def snapshot(self, spreadsheet_id: str) -> Snapshot:
        """The present state."""
        return Snapshot(self.library.files[spreadsheet_id].book)

    def history(self, spreadsheet_id: str) -> list[Snapshot]:
        """Every state there has been since the spreadsheet was made, oldest first."""
        return [Snapshot(book) for book in self.library.files[spreadsheet_id].history]

    def get(self, spreadsheet_id: str, fields: str | None = None) -> Json:
        """What `spreadsheets.get` would show the owner, cells included; no call of the log."""
        query = "includeGridData=true" + (f"&fields={fields}" if fields else "")
        with self._lock:
            called = route("GET", f"/v4/spreadsheets/{spreadsheet_id}?{query}")
            return perform(self.library, called, None, OWNER)

    def page(self, query: str) -> str:
        """The page that a browser shows at `/`."""
        with self._lock:
            return page(self.library.files, query)

    def forget_calls(self) -> None:
        """Empties the log and counts calls from 1 again."""
        with self._lock:
            self.calls.clear()

    def log(self, kind: Kind | None = None) -> list[Call]:
        """The calls so far, in the order they arrived, of one kind or of all but tokens."""
        return [
            call for call in self.calls if call.kind == kind or (not kind and call.kind != "token")
        ]

    # --- failing ------------------------------------------------------------------------------

    def plan(
        self,
        fault: Fault,
        *,
        call: int | None = None,
        kind: Kind | None = None,
        method: str | None = None,
        times: int = 1,
    ) -> None:
        """Orders a fault for the calls that fit: by number (from 1), kind and method name.

        Several faults may strike one call; each strikes `times` calls. Token calls have their own
        numbers and are struck only by `kind="token"`.
        """
        self._plans.append(Plan(fault, call, kind, method, times))

    def on_call(
        self, number: int, action: Callable[[Call], object], *, after: bool = False
    ) -> None:
        """Runs something at the n-th call: a kill, a racing writer."""
        self.plan(Fault.run(action, after=after), call=number)

    def clear_plans(self) -> None:
        """Takes back every fault that has not struck yet."""
        self._plans.clear()

    # --- what the server asks -----------------------------------------------------------------

    def arrived(self, http_method: str, path: str, body: bytes) -> Call:
        """Writes a request that has just arrived into the log."""
        kind: Kind = "token"
        method, spreadsheet_id = "token", ""
        url_path = urlsplit(path).path
        if url_path.startswith("/v4/"):
            try:
                called = route(http_method, path)
                kind, method = called.method.kind, called.method.id
                spreadsheet_id = called.path.get("spreadsheetId", "")
            except ApiError:
                kind, method = "read", "unknown"
        elif "/drive/" in url_path:
            kind, method = "drive", "drive"
        with self._lock:
            same = [c for c in self.calls if (c.kind == "token") == (kind == "token")]
            call = Call(len(same) + 1, kind, method, http_method, path, spreadsheet_id, body)
            self.calls.append(call)
        return call

    def faults_for(self, call: Call) -> list[Fault]:
        """The planned faults that strike a call."""
        with self._lock:
            return [plan.fault for plan in self._plans if plan.strikes(call)]

    def delay(self) -> None:
        """The latency that every call has."""
        if self.latency_seconds:
            time.sleep(self.latency_seconds)

    def answer(self, call: Call, body: bytes, authorization: str | None) -> tuple[int, Json]:
        """Does what a request asks for; status and body of the answer.

        Raises:
            ApiError: What Google would refuse.
        """
        if call.kind == "token":
            return self._token(call, body)
        if self.beliefs.refuses_gzip and call.is_compressed:
            raise ApiError(self.beliefs.refuses_gzip, "Unsupported Content-Encoding: gzip.")
        caller = self.accounts.caller(authorization)
        call.email = caller.email
        if call.kind == "drive":
            check_scopes(caller, DRIVE_SCOPES, "google.apps.drive.v3")
            content = body if "/upload/" in call.path else _parsed(body)
            with self._lock:
                drive_call = DriveCall(self.library, caller.email, call.path, content)
                return drive_call.perform(call.http_method)
        called = route(call.http_method, call.path)
        if not self.api_enabled:
            raise _api_disabled()
        accepted = READ_SCOPES if call.kind == "read" else WRITE_SCOPES
        check_scopes(caller, accepted, "google.apps.sheets.v4." + called.method.id)
        if self.quotas is not None:
            with self._lock:
                self.quotas.charge(call.kind, caller.email, self.clock.now())
        if len(body) > MAX_PAYLOAD_BYTES:
            raise invalid(f"Request payload size exceeds the limit: {MAX_PAYLOAD_BYTES} bytes.")
        message = _parsed(body)
        with self._lock:
            answer = perform(self.library, called, message, caller.email)
        call.applied = call.kind == "write"
        return 200, answer

    def defect(self, call: Call, error: Exception) -> ApiError:
        """Keeps a failure of the emulator itself, or of a planned action; leaving it raises."""
        self.defects.append(error)
        traceback.print_exception(error)
        return ApiError(500, f"The Sheets emulator failed at {call.method}: {error!r}")

    def _token(self, call: Call, body: bytes) -> tuple[int, Json]:
        impersonated = re.fullmatch(
            r"/v1/projects/-/serviceAccounts/([^/]+):generateAccessToken", call.path
        )
        if impersonated:
            return 200, self.accounts.impersonate(unquote(impersonated[1]), _parsed(body))
        if not call.path.startswith("/token"):
            raise ApiError(404, f"The requested URL {call.path} was not found on this server.")
        try:
            return 200, self.accounts.exchange(body)
        except OAuthError as error:
            return 400, error.body


def _parsed(body: bytes) -> Any:
    if not body:
        return None
    try:
        return json.loads(body, parse_constant=_refuse_constant)
    except ValueError as error:
        raise invalid(f"Invalid JSON payload received. {error}") from None


def _refuse_constant(name: str) -> None:
    raise ValueError(f"Unexpected token.\n{name}")


def _api_disabled() -> ApiError:
    return ApiError(
        403,
        "Google Sheets API has not been used in project 123456789012 before or it is disabled. "
        "Enable it by visiting https://console.developers.google.com/apis/api/"
        "sheets.googleapis.com/overview?project=123456789012 then retry. If you enabled this API "
        "recently, wait a few minutes for the action to propagate to our systems and retry.",
        details=[error_info("SERVICE_DISABLED", consumer="projects/123456789012")],
    )
