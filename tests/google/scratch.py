"""A spreadsheet to try things in: the plainest client, and tabs that are deleted afterwards."""

from __future__ import annotations

import gzip
import json
import secrets
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from google.auth.transport.requests import AuthorizedSession

from refsync.google_sheets.api.client import checked_endpoint
from refsync.google_sheets.cell_values import entered_value
from refsync.worksheet.area import Area

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from refsync.google_sheets.api.credentials import Account
    from refsync.settings import Settings
    from refsync.worksheet.values import SheetValue

Json = dict[str, Any]

QUOTA_TRIES = 12
QUOTA_PAUSE = 10.0
"""Google allows 60 requests a minute; the suite makes more."""


class RefusedError(Exception):
    """An answer that is no success."""

    def __init__(self, code: int, said: str) -> None:
        super().__init__(f"{code}: {said}")
        self.code = code
        self.said = said


@dataclass(frozen=True)
class ScratchTab:
    """A tab of a check's own."""

    scratch: Scratch
    sheet_id: int
    title: str

    def range(self, top: int, bottom: int, left: int, right: int) -> Json:
        """The `GridRange` of an area."""
        return Area(top, bottom, left, right).to_json(self.sheet_id)

    def writing(self, rows: Sequence[Sequence[SheetValue]], top: int = 0, left: int = 0) -> Json:
        """The request that writes values."""
        start = {"sheetId": self.sheet_id, "rowIndex": top, "columnIndex": left}
        cells = [{"values": [entered_value(value) for value in row]} for row in rows]
        return {"updateCells": {"start": start, "rows": cells, "fields": "userEnteredValue"}}

    def copying(self, top: int, bottom: int, to: int, columns: int = 1) -> Json:
        """The request that copies the values of whole rows within the tab."""
        return {
            "copyPaste": {
                "source": self.range(top, bottom, 0, columns),
                "destination": self.range(to, to + bottom - top, 0, columns),
                "pasteType": "PASTE_VALUES",
            }
        }

    def hiding(self, start: int, end: int, *, hidden: bool = True) -> Json:
        """The request that hides rows by hand, or shows them."""
        span = {"dimension": "ROWS", "startIndex": start, "endIndex": end}
        return {
            "updateDimensionProperties": {
                "range": {"sheetId": self.sheet_id, **span},
                "properties": {"hiddenByUser": hidden},
                "fields": "hiddenByUser",
            }
        }

    def sheet(self, fields: str, area: str = "") -> Json:
        """These fields of the tab's `Sheet`, for an area in A1 notation."""
        ranges = [f"'{self.title}'!{area}"] if area else [f"'{self.title}'"]
        (sheet,) = self.scratch.get(f"sheets({fields})", ranges)["sheets"]
        found: Json = sheet
        return found

    def cells(self, area: str = "", fields: str = "userEnteredValue") -> list[list[Json]]:
        """The cells of an area, as far as there are any."""
        (data,) = self.sheet(f"data(rowData(values({fields})))", area).get("data", [{}])
        return [row.get("values", []) for row in data.get("rowData", [])]

    def values(self, area: str = "") -> list[list[Any]]:
        """The values that were entered; formulas as text with their sign."""
        return [
            [next(iter(cell.get("userEnteredValue", {None: None}).values())) for cell in row]
            for row in self.cells(area)
        ]


@dataclass(frozen=True)
class Scratch:
    """A spreadsheet that nobody needs.

    Attributes:
        account: Who uses it.
        settings: Where it is.
        is_live: Whether it is Google's, and not the emulator's.
    """

    account: Account
    settings: Settings
    is_live: bool

    @property
    def url(self) -> str:
        """The address of its resource."""
        host = checked_endpoint(self.settings.google_sheets_api_endpoint)
        return f"{host}/v4/spreadsheets/{self.settings.spreadsheet_id}"

    def call(
        self,
        method: str,
        path: str = "",
        body: Json | bytes | None = None,
        *,
        compress: bool = False,
        **params: Any,
    ) -> Json:
        """What a method of the API answers.

        Raises:
            RefusedError: It does not answer with a success.
        """
        data = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        if data and compress:
            data = gzip.compress(data)
            headers["Content-Encoding"] = "gzip"
        session = AuthorizedSession(self.account.credentials)  # type: ignore[no-untyped-call]
        for _ in range(QUOTA_TRIES):
            response = session.request(  # type: ignore[no-untyped-call]
                method, self.url + path, params=params, data=data, headers=headers, timeout=200
            )
            if response.status_code != 429:
                break
            time.sleep(QUOTA_PAUSE)
        if response.status_code >= 400:
            try:
                said = response.json()["error"]["message"]
            except (ValueError, KeyError, TypeError):
                said = response.reason
            raise RefusedError(response.status_code, said)
        answer: Json = response.json()
        return answer

    def get(self, fields: str, ranges: Sequence[str] = ()) -> Json:
        """These fields of the spreadsheet."""
        return self.call("GET", fields=fields, ranges=list(ranges))

    def batch(self, *requests: Json, compress: bool = False, **options: Any) -> Json:
        """Apply requests, all or none."""
        body = {"requests": list(requests), **options}
        return self.call("POST", ":batchUpdate", body, compress=compress)

    def refusal(self, *requests: Json, **options: Any) -> RefusedError | None:
        """Why requests are refused; `None` if they are not."""
        try:
            self.batch(*requests, **options)
        except RefusedError as error:
            return error
        return None

    @contextmanager
    def tab(self, rows: int = 100, columns: int = 10) -> Iterator[ScratchTab]:
        """A tab, which is deleted afterwards."""
        sheet_id = secrets.randbelow(2**30) + 2**30
        tab = ScratchTab(self, sheet_id, f"refsync_test_{sheet_id:x}")
        grid = {"rowCount": rows, "columnCount": columns}
        properties = {"sheetId": sheet_id, "title": tab.title, "gridProperties": grid}
        self.batch({"addSheet": {"properties": properties}})
        try:
            yield tab
        finally:
            self.batch({"deleteSheet": {"sheetId": sheet_id}})

    def metadata(self) -> list[Json]:
        """The developer metadata of the spreadsheet itself."""
        found: list[Json] = self.get("developerMetadata").get("developerMetadata", [])
        return found

    @contextmanager
    def metadata_ids(self, count: int) -> Iterator[range]:
        """Ids for metadata, which is deleted afterwards."""
        first = 1_000_000_000 + secrets.randbelow(500_000_000)
        ids = range(first, first + count)
        try:
            yield ids
        finally:
            there = {each["metadataId"] for each in self.metadata()} & {*ids}
            if there:
                self.batch(*map(without_metadata, sorted(there)))


def with_metadata(metadata_id: int, value: str = "") -> Json:
    """The request that creates metadata under an id."""
    metadata = {
        "metadataId": metadata_id,
        "metadataKey": "refsync_test",
        "metadataValue": value,
        "location": {"spreadsheet": True},
        "visibility": "DOCUMENT",
    }
    return {"createDeveloperMetadata": {"developerMetadata": metadata}}


def without_metadata(metadata_id: int) -> Json:
    """The request that deletes it."""
    lookup = {"developerMetadataLookup": {"metadataId": metadata_id}}
    return {"deleteDeveloperMetadata": {"dataFilter": lookup}}
