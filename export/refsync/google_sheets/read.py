"""A spreadsheet read by two calls: its structure, then the cells of refsync's tabs.

Notes and colours come with the cells where the worksheets are small, or where most of the rows are
known to change places. Otherwise they take a third call, which is made only if rows do so.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from refsync.google_sheets.cell_values import have_alike
from refsync.google_sheets.planning.columns import find_tabs
from refsync.google_sheets.planning.kept_remarks import find_kept
from refsync.google_sheets.spreadsheet import (
    CONFIRMING_FIELDS,
    REMARK_FIELDS,
    STRUCTURE_FIELDS,
    Spreadsheet,
    Tab,
    entered_cells,
    rendered_cells,
    spreadsheet_from_json,
    with_cells,
    with_remarks,
)
from refsync.worksheet.area import Area
from refsync.worksheet.values import is_blank

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from refsync.google_sheets.api.client import Client
    from refsync.google_sheets.planning.desired import Desired
    from refsync.worksheet.values import Row

MAX_READ_BY_CELL = 50_000
"""Up to this many desired cells, all worksheets together, they are read cell by cell.

In that way they are ten times larger than as values alone, but notes and colours come with them.
"""


def read_structure(client: Client, created: Collection[int] = ()) -> Spreadsheet:
    """Return the spreadsheet without any cells; `created` are tabs that this run made before."""
    return spreadsheet_from_json(client.read(STRUCTURE_FIELDS), created)


def read_records(client: Client, created: Collection[int] = ()) -> Spreadsheet:
    """Return refsync's records and the titles of all tabs, and nothing else: a small read."""
    return spreadsheet_from_json(client.read(CONFIRMING_FIELDS), created)


@dataclass(frozen=True)
class _Wish:
    """A tab to be read, and its worksheet; the tab of the kept remarks has none."""

    tab: Tab
    desired: Desired | None
    width: int

    @property
    def area(self) -> Area:
        return Area(0, None, 0, self.tab.columns)


def read_cells(
    client: Client,
    spreadsheet: Spreadsheet,
    desired: Sequence[Desired],
    doubtful: Collection[int] = (),
    most_by_cell: int = MAX_READ_BY_CELL,
) -> Spreadsheet:
    """Return the spreadsheet with the cells of the tabs that the worksheets have already.

    Columns are read to their end, so that what is left of a longer worksheet shows, and rows too,
    so that remarks show. `doubtful` are tabs whose remarks are read in any case. Worksheets of more
    than `most_by_cell` cells, all together, are read as values first, unless rows of most of them
    will change places.
    """
    wishes = _wishes(spreadsheet, desired)
    if not wishes:
        return spreadsheet
    cells = sum(map(_cells, wishes))
    moving_cells = sum(_cells(each) for each in wishes if _has_moved(each, spreadsheet, doubtful))
    if cells <= max(most_by_cell, 2 * moving_cells) or any(
        each.looks_like_formulas for each in desired
    ):
        return spreadsheet.with_tabs(_read_by_cell(client, wishes))
    answer = client.read_values([wish.area.to_json(wish.tab.sheet_id) for wish in wishes])
    values: dict[int, tuple[Row, ...]] = {}
    for found in answer["valueRanges"]:
        sheet_id = found["dataFilters"][0]["gridRange"].get("sheetId", 0)
        values[sheet_id] = rendered_cells(found["valueRange"].get("values", ()))
    tabs = {
        wish.tab.sheet_id: with_cells(wish.tab, values.get(wish.tab.sheet_id, ()), wish.width)
        for wish in wishes
    }
    # Values alone do not tell a text from a formula, and Google does not say whether it shows all
    # digits of a number or a text as it was entered; cells do.
    if any(
        wish.desired and have_alike(tabs[wish.tab.sheet_id].cells, wish.desired.keys)
        for wish in wishes
    ):
        return spreadsheet.with_tabs(_read_by_cell(client, wishes))
    moving = [
        wish
        for wish in wishes
        if wish.tab.sheet_id in doubtful
        or _may_move(wish, tabs[wish.tab.sheet_id], values.get(wish.tab.sheet_id, ()))
    ]
    return spreadsheet.with_tabs(tabs | (_read_by_cell(client, moving) if moving else {}))


def _cells(wish: _Wish) -> int:
    return len(wish.desired.keys) * wish.width if wish.desired else 0


def _has_moved(wish: _Wish, spreadsheet: Spreadsheet, doubtful: Collection[int]) -> bool:
    """Whether rows will change places, as far as the record of the last push shows it."""
    if wish.desired is None:
        return False
    known = spreadsheet.records.tabs.get(wish.desired.table.worksheet)
    moved = known is not None and wish.desired.has_moved(known.outline)
    return moved or wish.tab.sheet_id in doubtful


def _wishes(spreadsheet: Spreadsheet, desired: Sequence[Desired]) -> list[_Wish]:
    wishes = []
    found_tabs = find_tabs([each.table for each in desired], spreadsheet)
    for each in desired:
        if tab := found_tabs[each.table.worksheet]:
            known = spreadsheet.records.tabs.get(each.table.worksheet)
            width = max(each.width, len(known.header_hashes) if known else 0)
            wishes.append(_Wish(tab, each, min(width, tab.columns)))
    kept = find_kept(spreadsheet)
    if kept and wishes:
        wishes.append(_Wish(kept, None, kept.columns))
    return wishes


def _read_by_cell(client: Client, wishes: Sequence[_Wish]) -> dict[int, Tab]:
    by_id = {wish.tab.sheet_id: wish for wish in wishes}
    answer = client.read(REMARK_FIELDS, [wish.area.a1(wish.tab.title) for wish in wishes])
    tabs = {sheet_id: with_cells(wish.tab, (), 0) for sheet_id, wish in by_id.items()}
    for sheet in answer["sheets"]:
        wish = by_id[sheet_id_of(sheet)]
        for data in sheet.get("data", ()):
            tab = with_cells(wish.tab, entered_cells(data), wish.width)
            tabs[wish.tab.sheet_id] = with_remarks(tab, data)
    return tabs


def _may_move(wish: _Wish, tab: Tab, values: Sequence[Row]) -> bool:
    """Whether rows may change places or leave, or formulas beside them may have to be filled down.

    Where the key's columns are is not known for sure before the tab is laid out. So it is enough
    that they are not where they will be.
    """
    if wish.desired is None:
        return False
    keys, width = wish.desired.keys, wish.desired.width
    key = wish.desired.table.key or range(width)
    rows = tab.grid(width)
    if len(rows) > len(keys) or (rows and rows[0] != keys[0]):
        return True
    has_values_beside = any(not is_blank(row[wish.width :]) for row in values[1:])
    return (has_values_beside and len(rows) < len(keys)) or any(
        old[column] != new[column]
        for old, new in zip(rows[1:], keys[1:], strict=False)
        for column in key
    )


def sheet_id_of(sheet: Mapping[str, Any]) -> int:
    """Return the id of a sheet in an answer, which leaves out a zero."""
    return int(sheet.get("properties", {}).get("sheetId", 0))
