"""The state of a spreadsheet: tabs, cells, and the objects that sit on them.

A `Spreadsheet` that has been committed is never changed again: a batch works on `copy()`, which
shares rows, cells and JSON parts with the original. So every state that a reader could ever have
seen can be kept for the price of what changed.
"""

from __future__ import annotations

import itertools
import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.sheets_emulator.a1 import Area, Bounds, format_bounds, parse_bounds, split_sheet
from tests.sheets_emulator.cells import EMPTY, Cell
from tests.sheets_emulator.errors import Json, invalid

if TYPE_CHECKING:
    from collections.abc import Iterator

Row = dict[int, Cell]

MAX_CELLS = 10_000_000
MAX_COLUMNS = 18_278
MAX_SHEETS = 200

SHEET_OBJECTS = (
    "merges",
    "conditionalFormats",
    "filterViews",
    "protectedRanges",
    "charts",
    "bandedRanges",
    "tables",
    "slicers",
    "rowGroups",
    "columnGroups",
)
"""The lists of a `Sheet` resource that are kept as the JSON they came as."""


@dataclass
class Sheet:
    """One tab. `rows` is sparse: a row without cells and an empty cell are never in it."""

    properties: Json
    rows: dict[int, Row] = field(default_factory=dict)
    row_metadata: dict[int, Json] = field(default_factory=dict)
    column_metadata: dict[int, Json] = field(default_factory=dict)
    objects: dict[str, list[Json]] = field(
        default_factory=lambda: {name: [] for name in SHEET_OBJECTS}
    )
    basic_filter: Json | None = None

    @property
    def id(self) -> int:
        return int(self.properties["sheetId"])

    @property
    def title(self) -> str:
        return str(self.properties["title"])

    @property
    def row_count(self) -> int:
        return int(self.properties["gridProperties"]["rowCount"])

    @property
    def column_count(self) -> int:
        return int(self.properties["gridProperties"]["columnCount"])

    @property
    def frozen_rows(self) -> int:
        return int(self.properties["gridProperties"].get("frozenRowCount", 0))

    @property
    def frozen_columns(self) -> int:
        return int(self.properties["gridProperties"].get("frozenColumnCount", 0))

    @property
    def hidden(self) -> bool:
        return bool(self.properties.get("hidden", False))

    def set_grid(self, **counts: int) -> None:
        """Changes grid properties, such as `rowCount`, in a copy of the shared JSON."""
        grid = {**self.properties["gridProperties"], **counts}
        self.properties = {**self.properties, "gridProperties": grid}

    def is_hidden_by_user(self, row: int) -> bool:
        """Whether somebody hid a row by hand."""
        return bool(self.row_metadata.get(row, {}).get("hiddenByUser"))

    def copy(self) -> Sheet:
        """A sheet that can be changed without the original noticing."""
        return Sheet(
            self.properties,
            dict(self.rows),
            dict(self.row_metadata),
            dict(self.column_metadata),
            {name: list(items) for name, items in self.objects.items()},
            self.basic_filter,
        )

    def cell(self, row: int, column: int) -> Cell:
        """The cell at a place, `EMPTY` where there is none."""
        return self.rows.get(row, {}).get(column, EMPTY)

    def set_cell(self, row: int, column: int, cell: Cell) -> None:
        """Puts one cell."""
        self.set_row(row, {**self.rows.get(row, {}), column: cell})

    def set_row(self, row: int, cells: Row) -> None:
        """Replaces a row; the given dict becomes the sheet's own."""
        if EMPTY in cells.values():
            for column in [column for column, cell in cells.items() if cell == EMPTY]:
                del cells[column]
        if cells:
            self.rows[row] = cells
        else:
            self.rows.pop(row, None)

    def whole(self) -> Area:
        """The whole grid."""
        return Area(self.id, 0, 0, self.row_count, self.column_count)

    def filled_rows(self, area: Area) -> Iterator[int]:
        """The rows of an area that hold anything, in order."""
        if area.height < len(self.rows):
            return (row for row in range(area.top, area.bottom) if row in self.rows)
        return iter(sorted(row for row in self.rows if area.top <= row < area.bottom))

    def clamp(self, bounds: Bounds) -> Area:
        """Bounds as an area of this grid: open edges are the grid's, ends beyond it are cut.

        Raises:
            ApiError: The range begins outside the grid.
        """
        top, left = bounds.top or 0, bounds.left or 0
        if top >= self.row_count or left >= self.column_count:
            raise self.exceeds(bounds)
        bottom = self.row_count if bounds.bottom is None else min(bounds.bottom, self.row_count)
        right = self.column_count if bounds.right is None else min(bounds.right, self.column_count)
        return Area(self.id, top, left, bottom, right)

    def fit(self, bounds: Bounds) -> Area:
        """Bounds as an area of this grid.

        Raises:
            ApiError: Any part of the range lies outside the grid.
        """
        area = self.clamp(bounds)
        if (bounds.bottom or 0) > self.row_count or (bounds.right or 0) > self.column_count:
            raise self.exceeds(bounds)
        return area

    def exceeds(self, bounds: Bounds) -> Exception:
        """The error for a range outside the grid."""
        return invalid(
            f"Range ({format_bounds(self.title, bounds)}) exceeds grid limits. "
            f"Max rows: {self.row_count}, max columns: {self.column_count}"
        )


@dataclass
class Spreadsheet:
    """A whole workbook at one moment."""

    id: str
    properties: Json
    sheets: list[Sheet] = field(default_factory=list)
    named_ranges: list[Json] = field(default_factory=list)
    metadata: list[Json] = field(default_factory=list)

    def copy(self) -> Spreadsheet:
        """A workbook that can be changed without the original noticing."""
        return Spreadsheet(
            self.id,
            self.properties,
            [sheet.copy() for sheet in self.sheets],
            list(self.named_ranges),
            list(self.metadata),
        )

    def find(self, sheet_id: int) -> Sheet | None:
        """The sheet with an id."""
        return next((sheet for sheet in self.sheets if sheet.id == sheet_id), None)

    def sheet(self, sheet_id: int, *, kind: str = "sheet") -> Sheet:
        """The sheet with an id.

        Raises:
            ApiError: There is none; `kind` is the word Google uses, `sheet` or `grid`.
        """
        found = self.find(sheet_id)
        if found is None:
            raise invalid(f"No {kind} with id: {sheet_id}")
        return found

    def titled(self, title: str) -> Sheet | None:
        """The sheet with a title, whatever its case."""
        folded = title.casefold()
        return next((sheet for sheet in self.sheets if sheet.title.casefold() == folded), None)

    def check_title(self, title: str, sheet_id: int | None = None) -> None:
        """Refuses a title that another sheet has, or that cannot be one."""
        if not title:
            raise invalid("Sheet title cannot be empty.")
        if len(title.encode("utf-16-le")) // 2 > 100:
            raise invalid("The sheet name cannot be greater than 100 characters.")
        other = self.titled(title)
        if other is not None and other.id != sheet_id:
            raise invalid(
                f'A sheet with the name "{title}" already exists. Please enter another name.'
            )

    def check_size(self) -> None:
        """Refuses a workbook of more than ten million cells or 200 sheets."""
        grids = (each for each in self.sheets if each.properties.get("sheetType") != "DATA_SOURCE")
        if sum(sheet.row_count * sheet.column_count for sheet in grids) > MAX_CELLS:
            raise invalid(
                "This action would increase the number of cells in the workbook above the limit "
                f"of {MAX_CELLS} cells."
            )
        if len(self.sheets) > MAX_SHEETS:
            raise invalid(
                "This action would increase the number of sheets in the workbook above the limit "
                f"of {MAX_SHEETS} sheets."
            )

    def resolve(self, text: str) -> tuple[Sheet, Bounds]:
        """What a range in A1 notation, a sheet's title or a named range's name stands for.

        Raises:
            ApiError: It stands for nothing here.
        """
        title, rest = split_sheet(text)
        everything = Bounds(None, None, None, None)
        if title is not None:
            sheet = self.titled(title)
            bounds = parse_bounds(rest) if rest else everything
        else:
            sheet = next(sheet for sheet in self.sheets if not sheet.hidden)
            bounds = parse_bounds(text)
        if sheet is not None and bounds is not None:
            return sheet, bounds
        for named in self.named_ranges:
            on_sheet = title is None or (sheet and named["range"]["sheetId"] == sheet.id)
            if on_sheet and named["name"].casefold() == rest.casefold():
                return self.bounds_of(named["range"])
        sheet = self.titled(text) if title is None else None
        if sheet is None:
            raise invalid(f"Unable to parse range: {text}")
        return sheet, everything

    def bounds_of(self, grid_range: Json) -> tuple[Sheet, Bounds]:
        """A GridRange's sheet and bounds."""
        sheet = self.sheet(grid_range.get("sheetId", 0), kind="grid")
        bounds = Bounds(
            grid_range.get("startRowIndex"),
            grid_range.get("startColumnIndex"),
            grid_range.get("endRowIndex"),
            grid_range.get("endColumnIndex"),
        )
        for name, start, end in (
            ("Row", bounds.top, bounds.bottom),
            ("Column", bounds.left, bounds.right),
        ):
            if (start or 0) < 0 or (end is not None and end <= (start or 0)):
                raise invalid(f"end{name}Index[{end}] must be after start{name}Index[{start or 0}]")
        return sheet, bounds

    def area(self, grid_range: Json) -> Area:
        """A GridRange of a request as an area.

        Raises:
            ApiError: Its sheet is not there, or it reaches outside the grid.
        """
        sheet, bounds = self.bounds_of(grid_range)
        return sheet.fit(bounds)

    def objects(self, kind: str) -> Iterator[tuple[Sheet, int, Json]]:
        """Every object of a kind with its sheet and its place in the sheet's list."""
        for sheet in self.sheets:
            for index, item in enumerate(sheet.objects[kind]):
                yield sheet, index, item

    def new_id(self) -> int:
        """An id that no sheet or object of the workbook has."""
        taken = {sheet.id for sheet in self.sheets}
        taken.update(item["metadataId"] for item in self.metadata)
        for kind, key in OBJECT_IDS.items():
            taken.update(item[key] for _, _, item in self.objects(kind))
        return next(number for number in _random_ids() if number not in taken)


OBJECT_IDS = {
    "filterViews": "filterViewId",
    "protectedRanges": "protectedRangeId",
    "charts": "chartId",
    "bandedRanges": "bandedRangeId",
    "slicers": "slicerId",
}


def _random_ids() -> Iterator[int]:
    return (random.randrange(1, 2**31) for _ in itertools.count())


def new_sheet(book: Spreadsheet, properties: Json, position: int) -> Sheet:
    """A tab from the SheetProperties of a request; it is not put into the workbook yet.

    Raises:
        ApiError: Its id or title is taken, or its grid is impossible.
    """
    sheet_id = properties.get("sheetId")
    if sheet_id is None:
        sheet_id = book.new_id()
    elif sheet_id < 0:
        raise invalid("Sheet id must be non-negative.")
    elif book.find(sheet_id) is not None:
        raise invalid(f"Sheet with id {sheet_id} already exists.")
    title = properties.get("title") or _default_title(book, position)
    book.check_title(title)
    grid = {"rowCount": 1000, "columnCount": 26, **properties.get("gridProperties", {})}
    sheet = Sheet(
        {
            **properties,
            "sheetId": sheet_id,
            "title": title,
            "sheetType": properties.get("sheetType", "GRID"),
            "gridProperties": grid,
        }
    )
    sheet.properties.pop("index", None)
    check_grid(sheet)
    return sheet


def _default_title(book: Spreadsheet, position: int) -> str:
    numbers = itertools.count(position + 1)
    return next(title for title in map("Sheet{}".format, numbers) if not book.titled(title))


def check_grid(sheet: Sheet) -> None:
    """Refuses a grid without rows, with too many columns, or that is frozen as a whole."""
    if sheet.row_count < 1 or sheet.column_count < 1:
        raise invalid("A sheet must have at least one row and one column.")
    if sheet.column_count > MAX_COLUMNS:
        raise invalid(
            f"This action would increase the number of columns in the sheet above the limit of "
            f"{MAX_COLUMNS} columns."
        )
    if sheet.frozen_rows and sheet.frozen_rows >= sheet.row_count:
        raise invalid("You can't freeze all visible rows on the sheet.")
    if sheet.frozen_columns and sheet.frozen_columns >= sheet.column_count:
        raise invalid("You can't freeze all visible columns on the sheet.")
