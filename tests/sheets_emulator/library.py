"""The files that the emulator keeps: spreadsheets with who may see them, and what they were."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.sheets_emulator.beliefs import DEFAULT
from tests.sheets_emulator.cells import Value
from tests.sheets_emulator.editors import Editor
from tests.sheets_emulator.errors import ApiError, Json, forbidden, not_found
from tests.sheets_emulator.grid import Sheet, Spreadsheet, new_sheet
from tests.sheets_emulator.structure import normalised

if TYPE_CHECKING:
    from tests.sheets_emulator.clock import Clock

SPREADSHEET_TYPE = "application/vnd.google-apps.spreadsheet"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

Values = list[list[Value]]
"""The values of a tab as entered, without trailing empty cells and rows."""


@dataclass
class File:
    """One file in Drive."""

    book: Spreadsheet
    owner: str
    created: float
    modified: float
    mime_type: str = SPREADSHEET_TYPE
    roles: dict[str, str] = field(default_factory=dict)
    """Role by e-mail address: `owner`, `writer` or `reader`; `anyone` stands for everyone."""
    history: list[Spreadsheet] = field(default_factory=list)

    def role(self, email: str) -> str | None:
        """What an address may do."""
        roles = [self.roles.get(email.casefold()), self.roles.get("anyone")]
        return next((role for role in ("owner", "writer", "reader") if role in roles), None)

    def editor(self, email: str) -> Editor:
        """An address as the editor of a batch."""
        return Editor(email, is_owner=self.role(email) == "owner")

    def commit(self, book: Spreadsheet, now: float) -> None:
        """Makes a new state the one that readers see."""
        self.book = book
        self.modified = now
        self.history.append(book)


class Library:
    """All files, by id."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.beliefs = DEFAULT
        self.files: dict[str, File] = {}

    def create(self, wanted: Json, owner: str, *, file_id: str | None = None) -> File:
        """A new spreadsheet from a `Spreadsheet` resource; one tab `Sheet1` if it names none."""
        book = Spreadsheet(
            file_id or "1" + secrets.token_urlsafe(32)[:43],
            {**default_properties(), **wanted.get("properties", {})},
        )
        for item in wanted.get("sheets") or [{"properties": {"sheetId": 0}}]:
            book.sheets.append(new_sheet(book, item.get("properties", {}), len(book.sheets)))
        for sheet, item in zip(book.sheets, wanted.get("sheets", []), strict=False):
            for kind in sheet.objects:
                sheet.objects[kind] = [normalised(one) for one in item.get(kind, [])]
        book.named_ranges = [normalised(one) for one in wanted.get("namedRanges", [])]
        book.check_size()
        now = self.clock.now()
        file = File(book, owner, now, now, roles={owner.casefold(): "owner"})
        file.history.append(book)
        self.files[book.id] = file
        return file

    def opened(self, file_id: str, email: str, *, to_write: bool) -> File:
        """A spreadsheet that an address may read, or write.

        Raises:
            ApiError: 404, 403, or 400 for a file that is no Google spreadsheet.
        """
        file = self.files.get(file_id)
        if file is None:
            raise not_found()
        role = file.role(email)
        if role is None or (to_write and role == "reader"):
            raise forbidden()
        if file.mime_type != SPREADSHEET_TYPE:
            raise ApiError(
                400,
                "This operation is not supported for this document",
                status="FAILED_PRECONDITION",
            )
        return file


def default_properties() -> Json:
    """The properties of a new spreadsheet, as recorded from Google."""
    white = {"red": 1, "green": 1, "blue": 1}
    theme = {
        "TEXT": {},
        "BACKGROUND": white,
        "ACCENT1": {"red": 0.25882354, "green": 0.52156866, "blue": 0.95686275},
        "ACCENT2": {"red": 0.91764706, "green": 0.2627451, "blue": 0.20784314},
        "ACCENT3": {"red": 0.9843137, "green": 0.7372549, "blue": 0.015686275},
        "ACCENT4": {"red": 0.20392157, "green": 0.65882355, "blue": 0.3254902},
        "ACCENT5": {"red": 1, "green": 0.42745098, "blue": 0.003921569},
        "ACCENT6": {"red": 0.27450982, "green": 0.7411765, "blue": 0.7764706},
        "LINK": {"red": 0.06666667, "green": 0.33333334, "blue": 0.8},
    }
    return {
        "title": "Untitled spreadsheet",
        "locale": "en_US",
        "autoRecalc": "ON_CHANGE",
        "timeZone": "Etc/GMT",
        "defaultFormat": {
            "backgroundColor": white,
            "padding": {"top": 2, "right": 3, "bottom": 2, "left": 3},
            "verticalAlignment": "BOTTOM",
            "wrapStrategy": "OVERFLOW_CELL",
            "textFormat": {
                "foregroundColor": {},
                "fontFamily": "arial,sans,sans-serif",
                "fontSize": 10,
                "bold": False,
                "italic": False,
                "strikethrough": False,
                "underline": False,
                "foregroundColorStyle": {"rgbColor": {}},
            },
            "backgroundColorStyle": {"rgbColor": white},
        },
        "spreadsheetTheme": {
            "primaryFontFamily": "Arial",
            "themeColors": [
                {"colorType": name, "color": {"rgbColor": color}} for name, color in theme.items()
            ],
        },
    }


def sheet_values(sheet: Sheet) -> Values:
    """What was entered into a tab: numbers, texts, booleans, `Formula`s, None for an empty cell."""
    values: Values = []
    for row in sorted(sheet.rows):
        filled = {c: cell.value for c, cell in sheet.rows[row].items() if cell.value is not None}
        if filled:
            values.extend([] for _ in range(row - len(values)))
            values.append([filled.get(column) for column in range(max(filled) + 1)])
    return values
