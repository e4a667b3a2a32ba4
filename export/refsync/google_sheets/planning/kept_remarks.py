"""The tab for remarks whose row left: each is appended there before its cell is cleared."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from refsync.google_sheets.api import requests
from refsync.google_sheets.cell_values import entered_value
from refsync.google_sheets.formatting.charts import color_style
from refsync.google_sheets.formatting.tab import set_size
from refsync.google_sheets.records import TabRecord
from refsync.worksheet import theme
from refsync.worksheet.area import Area
from refsync.worksheet.remarks import HEADERS, TITLE
from refsync.worksheet.values import serial

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from refsync.google_sheets.api.requests import Request
    from refsync.google_sheets.spreadsheet import Spreadsheet, Tab
    from refsync.worksheet.remarks import Place

TEXT = HEADERS.index("Text")
WIDTHS = (160, 260, 160, 360, 100)
"""Of the columns, in pixels."""

_FIELDS = "userEnteredValue,userEnteredFormat.numberFormat"


@dataclass(frozen=True)
class KeptRemark:
    """One text that is kept: the value of a cell, or its note.

    Attributes:
        sheet_id: The tab it was in.
        worksheet: The worksheet's title.
        key: The key of its row, in words.
        column: The header of its column.
        value: The text as it was read (`ExtendedValue`).
        as_of: The as-of date of the build that has the row no longer.
        source: The cell to copy it from, if Google is to copy it.
        copies_format: Whether its format is copied too.
    """

    sheet_id: int
    worksheet: str
    key: str
    column: str
    value: Mapping[str, Any]
    as_of: date | None
    source: Place | None = None
    copies_format: bool = True

    def cells(self) -> list[dict[str, Any]]:
        """Return its row (`CellData`)."""
        day = entered_value(serial(self.as_of) if self.as_of else None)
        if day:
            day["userEnteredFormat"] = {"numberFormat": {"type": "DATE", "pattern": "yyyy-mm-dd"}}
        texts = map(entered_value, (self.worksheet, self.key, self.column))
        return [*texts, {"userEnteredValue": self.value}, day]


@dataclass(frozen=True)
class KeptPlan:
    """What happens to the tab of the kept remarks.

    Attributes:
        record: What the state record says of the tab.
        opening: Requests that make room and write the texts, before all others.
        copies: Requests that copy the cells once a tab's own room is made, by the tab's id.
        rows: The remarks by their row.
        created: Whether the tab is created.
        more_cells: By how many cells its grid grows.
    """

    record: TabRecord
    opening: tuple[Request, ...]
    copies: Mapping[int, tuple[Request, ...]] = field(default_factory=dict)
    rows: Mapping[int, KeptRemark] = field(default_factory=dict)
    created: bool = False
    more_cells: int = 0


def find_kept(spreadsheet: Spreadsheet) -> Tab | None:
    """Return the tab of the kept remarks: the one in refsync's record, else by its title."""
    record = spreadsheet.records.tabs.get(TITLE)
    by_id = {tab.sheet_id: tab for tab in spreadsheet.tabs if tab.rows}
    if record and record.sheet_id in by_id:
        return by_id[record.sheet_id]
    titled = (tab for tab in by_id.values() if tab.title.casefold() == TITLE.casefold())
    return next(titled, None)


def plan_kept(
    remarks: Sequence[KeptRemark], spreadsheet: Spreadsheet, sheet_id: int
) -> KeptPlan | None:
    """Return what is done to keep these remarks; `None` if there are none.

    Rows are inserted below what is there, so that nothing is overwritten that somebody writes
    there meanwhile.

    Args:
        remarks: The remarks.
        spreadsheet: As it was read.
        sheet_id: A free id, for a tab that has to be created.
    """
    if not remarks:
        return None
    tab = find_kept(spreadsheet)
    if tab is not None and not _is_ours(tab, spreadsheet):
        tab = None
    if tab is None:
        top, opening, more_cells = 1, _new_tab(sheet_id, len(remarks), spreadsheet), 0
        more_cells = (len(remarks) + 1) * len(HEADERS)
    else:
        sheet_id, top = tab.sheet_id, max(tab.used_rows, 1)
        opening = [requests.insert(sheet_id, "ROWS", top, len(remarks))]
        if not tab.used_rows:
            opening.append(_header(sheet_id))
        more_cells = len(remarks) * tab.columns
    rows = [each.cells() for each in remarks]
    opening.append(requests.write_cells(sheet_id, top, 0, rows, _FIELDS))
    copies: dict[int, tuple[Request, ...]] = {}
    for row, each in enumerate(remarks, top):
        if each.source is not None:
            copies[each.sheet_id] = (*copies.get(each.sheet_id, ()), *_copy(each, sheet_id, row))
    return KeptPlan(
        record=TabRecord(sheet_id, ()),
        opening=tuple(opening),
        copies=copies,
        rows=dict(enumerate(remarks, top)),
        created=tab is None,
        more_cells=more_cells,
    )


def _is_ours(tab: Tab, spreadsheet: Spreadsheet) -> bool:
    """Whether remarks may be appended to a tab of the title: to refsync's own, or a blank one."""
    record = spreadsheet.records.tabs.get(TITLE)
    is_known = record is not None and record.sheet_id == tab.sheet_id
    return is_known or not tab.used_rows or tab.header[: len(HEADERS)] == HEADERS


def _new_tab(sheet_id: int, count: int, spreadsheet: Spreadsheet) -> list[Request]:
    taken = {tab.title.casefold() for tab in spreadsheet.tabs}
    titles = (TITLE, *(f"{TITLE} {number}" for number in range(2, len(taken) + 3)))
    title = next(title for title in titles if title.casefold() not in taken)
    return [
        requests.add_sheet(sheet_id, title, count + 1, len(HEADERS), {}, frozenRowCount=1),
        _header(sheet_id),
        *(set_size(sheet_id, "COLUMNS", index, 1, width) for index, width in enumerate(WIDTHS)),
    ]


def _header(sheet_id: int) -> Request:
    style = {
        "backgroundColorStyle": color_style(theme.HEADER),
        "textFormat": {"bold": True, "foregroundColorStyle": color_style(theme.INK)},
    }
    cells = [{**entered_value(header), "userEnteredFormat": style} for header in HEADERS]
    return requests.write_cells(sheet_id, 0, 0, [cells], "userEnteredValue,userEnteredFormat")


def _copy(remark: KeptRemark, kept_id: int, row: int) -> list[Request]:
    """Return the requests that copy a cell: an edit of the last second is kept too.

    Its note comes with it and is taken away, since notes have rows of their own.
    """
    if remark.source is None:
        return []
    source = Area(remark.source[0], remark.source[0] + 1, remark.source[1], remark.source[1] + 1)
    target = Area(row, row + 1, TEXT, TEXT + 1)
    if not remark.copies_format:
        return [requests.copy_values(remark.sheet_id, source, kept_id, target)]
    return [
        requests.copy_cells(remark.sheet_id, source, kept_id, target),
        requests.write_cells(kept_id, row, TEXT, [[{}]], "note"),
    ]
