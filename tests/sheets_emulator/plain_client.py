"""The plainest client there is: one spreadsheet, a token, and JSON over HTTP."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import requests

from tests.sheets_emulator.auth import DEFAULT_ACCOUNT

if TYPE_CHECKING:
    from tests.sheets_emulator.emulator import SheetsEmulator
    from tests.sheets_emulator.errors import Json


@dataclass(frozen=True)
class Answer:
    """Status and body of an answer."""

    status: int
    body: Any

    @property
    def error(self) -> Json:
        """The error in the envelope of a refusal."""
        error: Json = self.body["error"]
        return error

    @property
    def message(self) -> str:
        """The text of a refusal."""
        return str(self.error["message"])


class Api:
    """The methods of one spreadsheet, by the part of the URL behind its id."""

    def __init__(self, url: str, spreadsheet_id: str, token: str) -> None:
        self.id = spreadsheet_id
        self.token = token
        self.url = f"{url}/v4/spreadsheets" + (f"/{spreadsheet_id}" if spreadsheet_id else "")
        self._session = requests.Session()
        self._session.headers["Authorization"] = "Bearer " + token

    def send(self, http_method: str, path: str, body: Json | bytes | None = None) -> Answer:
        """Sends one request; bytes as they are, anything else as JSON."""
        data = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        answer = self._session.request(http_method, self.url + path, data=data, timeout=30)
        return Answer(answer.status_code, answer.json())

    def get(self, path: str = "") -> Answer:
        """GET."""
        return self.send("GET", path)

    def put(self, path: str, body: Json) -> Answer:
        """PUT."""
        return self.send("PUT", path, body)

    def post(self, path: str, body: Json | bytes) -> Answer:
        """POST."""
        return self.send("POST", path, body)

    def batch(self, *requests: Json) -> Answer:
        """One batchUpdate of the requests."""
        return self.post(":batchUpdate", {"requests": list(requests)})

    def values(self, a1_range: str, option: str = "FORMULA") -> list[list[Any]]:
        """What `values.get` reads."""
        answer = self.get(f"/values/{a1_range}?valueRenderOption={option}")
        values: list[list[Any]] = answer.body.get("values", [])
        return values

    def sheet(self, title: str) -> Json:
        """A tab as `spreadsheets.get` shows it, without its cells."""
        sheets = self.get().body["sheets"]
        return next(sheet for sheet in sheets if sheet["properties"]["title"] == title)


def api_for(
    emulator: SheetsEmulator,
    spreadsheet_id: str,
    email: str = DEFAULT_ACCOUNT,
    scopes: tuple[str, ...] = (),
) -> Api:
    """A client for one spreadsheet of an emulator."""
    return Api(emulator.url, spreadsheet_id, emulator.token(email, *scopes))
