"""A spreadsheet as it was read: its tabs, refsync's own records in it, and the managed cells."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import TYPE_CHECKING, Any

from refsync.google_sheets.cell_values import key_of_entered, key_of_rendered
from refsync.google_sheets.records import Records
from refsync.worksheet.area import Area
from refsync.worksheet.values import is_blank

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from refsync.worksheet.values import Key, Row

_RECORD_FIELDS = (
    "spreadsheetId,spreadsheetUrl,developerMetadata(metadataId,metadataKey,metadataValue),"
)

STRUCTURE_FIELDS = (
    f"{_RECORD_FIELDS}"
    "sheets(properties(sheetId,title,sheetType,hidden,"
    "gridProperties(rowCount,columnCount,frozenRowCount)),basicFilter,merges,"
    "protectedRanges(protectedRangeId,range,description,requestingUserCanEdit,warningOnly,"
    "unprotectedRanges),tables(tableId,name,range),bandedRanges(bandedRangeId,range),"
    "slicers(slicerId),filterViews(filterViewId),rowGroups(collapsed),conditionalFormats(ranges))"
)
"""The field mask of the first read (`spreadsheets.get`)."""

CONFIRMING_FIELDS = f"{_RECORD_FIELDS}sheets(properties(sheetId,title))"
"""The field mask of the read that confirms a commit."""

CELL_FIELDS = (
    "sheets(properties(sheetId),data(startRow,startColumn,rowData(values(userEnteredValue,note))))"
)
"""The field mask under which cells are read back with a commit."""

REMARK_FIELDS = (
    "sheets(properties(sheetId),data(startRow,startColumn,rowMetadata(hiddenByUser),"
    "rowData(values(userEnteredValue,note,userEnteredFormat(backgroundColorStyle)))))"
)
"""The field mask under which cells are read with all that a remark may be."""

_CONFLICT = re.compile(r"(?P<title>.+)_conflict\d+", re.DOTALL)
"""The title that Google gives to the second of two tabs that were added with one title."""


@dataclass(frozen=True)
class Tab:
    """One tab of the spreadsheet.

    Attributes:
        sheet_id: Its id; 0 is a usual one.
        title: Its title.
        rows: Height of its grid; 0 for a tab that is no grid, like a chart's own or one that is
            connected to a data source.
        columns: Width of its grid.
        frozen_rows: Rows frozen at the top.
        basic_filter: Its `BasicFilter` as read, or `None`.
        merges: The merged areas.
        protected: Areas that refsync may not edit, with their descriptions.
        tables: Its typed tables (`Table`) as read.
        bands: Its `BandedRange`s, without their colours.
        may_hide_rows: Whether something other than its basic filter may hide rows of it: a slicer,
            a filter view, a collapsed group.
        hides_by_hand: Whether somebody hid rows, as far as that was read.
        rules: The areas of its rules for conditional formats.
        header: The first row's values, as wide as the grid or shorter.
        cells: The rows of the columns that refsync manages or is to manage.
        beside: All rows (`RowData`) with all that a remark may be; `None` where nothing says that
            any has to move.
        used_rows: How many rows have a value in any column.
    """

    sheet_id: int
    title: str
    rows: int
    columns: int
    frozen_rows: int = 0
    basic_filter: Mapping[str, Any] | None = None
    merges: tuple[Area, ...] = ()
    protected: tuple[Protection, ...] = ()
    tables: tuple[Mapping[str, Any], ...] = ()
    bands: tuple[Mapping[str, Any], ...] = ()
    may_hide_rows: bool = False
    hides_by_hand: bool = False
    rules: tuple[Area, ...] = ()
    header: Row = ()
    cells: tuple[Row, ...] = field(default=(), repr=False)
    beside: tuple[Mapping[str, Any], ...] | None = field(default=None, repr=False)
    used_rows: int = 0

    def grid(self, width: int) -> tuple[Row, ...]:
        """Return `cells`, every row exactly `width` wide, blank rows at the end left off."""
        rows = [row[:width] + (None,) * (width - len(row)) for row in self.cells]
        while rows and not any(value is not None for value in rows[-1]):
            rows.pop()
        return tuple(rows)


@dataclass(frozen=True)
class Protection:
    """An area whose protection keeps refsync out, except for the areas `open` in it."""

    area: Area
    description: str
    open: tuple[Area, ...] = ()


@dataclass(frozen=True)
class Spreadsheet:
    """A spreadsheet as it was read.

    Attributes:
        spreadsheet_id: Its id.
        url: Its address for people.
        tabs: All tabs, in their order.
        records: refsync's own records in it.
        conflict_copies: Ids of refsync's own tabs that Google renamed, because two commits that
            were let through added tabs of one title.
    """

    spreadsheet_id: str
    url: str
    tabs: tuple[Tab, ...]
    records: Records
    conflict_copies: tuple[int, ...] = ()

    def confirms(self, run: str, generation: int) -> bool:
        """Whether a run, and no other one, committed a generation."""
        return self.records.confirms(run, generation) and not self.conflict_copies

    def with_tabs(self, tabs: Mapping[int, Tab]) -> Spreadsheet:
        """Return the same with some tabs, by sheet id, replaced."""
        return replace(self, tabs=tuple(tabs.get(tab.sheet_id, tab) for tab in self.tabs))


def spreadsheet_from_json(answer: Mapping[str, Any], created: Collection[int] = ()) -> Spreadsheet:
    """Return the spreadsheet of a `spreadsheets.get` answer, without any cells yet.

    `created` are the ids of the tabs that this run made before.
    """
    tabs = tuple(_tab(sheet) for sheet in answer.get("sheets", ()))
    records = Records.from_json(answer.get("developerMetadata", ()))
    by_title = {tab.title.casefold(): tab.sheet_id for tab in tabs}
    kept = {
        tab.sheet_id: by_title[found["title"].casefold()]
        for tab in tabs
        if tab.sheet_id in records.sheet_ids.union(created)
        and (found := _CONFLICT.fullmatch(tab.title))
        and found["title"].casefold() in by_title
    }
    tab_records = {
        name: replace(record, sheet_id=kept.get(record.sheet_id, record.sheet_id))
        for name, record in records.tabs.items()
    }
    return Spreadsheet(
        spreadsheet_id=answer["spreadsheetId"],
        url=answer.get("spreadsheetUrl", ""),
        tabs=tabs,
        records=replace(records, tabs=tab_records),
        conflict_copies=tuple(kept),
    )


def _tab(sheet: Mapping[str, Any]) -> Tab:
    properties = sheet.get("properties", {})
    # The grid of a tab that is connected to a data source is a preview of it, not its cells.
    is_grid = properties.get("sheetType", "GRID") == "GRID"
    grid = properties.get("gridProperties", {}) if is_grid else {}
    return Tab(
        sheet_id=properties.get("sheetId", 0),
        title=properties.get("title", ""),
        rows=grid.get("rowCount", 0),
        columns=grid.get("columnCount", 0),
        frozen_rows=grid.get("frozenRowCount", 0),
        basic_filter=sheet.get("basicFilter"),
        merges=tuple(Area.from_json(merge) for merge in sheet.get("merges", ())),
        protected=tuple(
            Protection(
                Area.from_json(item.get("range", {})),
                item.get("description", ""),
                tuple(Area.from_json(open_) for open_ in item.get("unprotectedRanges", ())),
            )
            for item in sheet.get("protectedRanges", ())
            if not item.get("requestingUserCanEdit") and not item.get("warningOnly")
        ),
        tables=tuple(sheet.get("tables", ())),
        bands=tuple(sheet.get("bandedRanges", ())),
        may_hide_rows=bool(
            sheet.get("slicers")
            or sheet.get("filterViews")
            or any(group.get("collapsed") for group in sheet.get("rowGroups", ()))
        ),
        rules=tuple(
            Area.from_json(range_)
            for rule in sheet.get("conditionalFormats", ())
            for range_ in rule.get("ranges", ())
        ),
    )


def rendered_cells(values: Sequence[Sequence[Any]]) -> tuple[Row, ...]:
    """Return the cells of a `ValueRange` whose values were rendered as formulas.

    There may be half a million, and most are their own identities: so those which are not are
    found once, and looked up.
    """
    if bool in set(map(type, chain.from_iterable(values))):  # True equals 1, and would be found so
        return tuple(tuple(map(key_of_rendered, row)) for row in values)
    distinct = set(chain.from_iterable(values))
    keys = {value: key for value in distinct if (key := key_of_rendered(value)) is not value}
    return tuple(tuple(map(keys.get, row, row)) for row in values)


def entered_cells(data: Mapping[str, Any]) -> tuple[Row, ...]:
    """Return the cells of a `GridData` that begins at the first cell of its sheet.

    There may be half a million, and most texts are in many rows: so each text is kept once.
    """
    known: dict[str, Key] = {}
    return tuple(
        tuple([_entered_key(cell.get("userEnteredValue"), known) for cell in row.get("values", ())])
        for row in data.get("rowData", ())
    )


def _entered_key(entered: dict[str, Any] | None, known: dict[str, Key]) -> Key:
    text = entered.get("stringValue") if entered else None
    if text is None:
        return key_of_entered(entered)
    if text not in known:
        known[text] = key_of_entered(entered)
    return known[text]


def with_cells(tab: Tab, rows: tuple[Row, ...], width: int) -> Tab:
    """Return the tab with what was read of it: its first row, and the columns refsync is after."""
    used = len(rows)
    while used and is_blank(rows[used - 1]):
        used -= 1
    return replace(
        tab,
        header=rows[0] if rows else (),
        cells=tuple(row[:width] for row in rows),
        used_rows=used,
    )


def with_remarks(tab: Tab, data: Mapping[str, Any]) -> Tab:
    """Return the tab with all that a remark may be, from the `GridData` of the whole tab."""
    is_hidden = any(row.get("hiddenByUser") for row in data.get("rowMetadata", ()))
    return replace(tab, beside=tuple(data.get("rowData", ())), hides_by_hand=is_hidden)
