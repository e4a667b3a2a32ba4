"""Rows, columns and cells that move, and everything that refers to them moving along."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.sheets_emulator.a1 import Bounds
from tests.sheets_emulator.cells import Cell, Formula
from tests.sheets_emulator.colors import with_color_styles
from tests.sheets_emulator.formulas import Reference, rewritten

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.sheets_emulator.errors import Json
    from tests.sheets_emulator.grid import Row, Sheet, Spreadsheet

GRID_RANGE_KEYS = frozenset(
    ("sheetId", "startRowIndex", "endRowIndex", "startColumnIndex", "endColumnIndex")
)
COORDINATE_KEYS = frozenset(("sheetId", "rowIndex", "columnIndex"))
DIMENSION_KEYS = frozenset(("sheetId", "dimension", "startIndex", "endIndex"))


@dataclass(frozen=True)
class Shift:
    """Lines inserted at, or deleted from, one place of a sheet.

    Attributes:
        sheet_id: The sheet.
        rows: Whether the lines are rows rather than columns.
        start: The first line inserted or deleted.
        count: How many lines.
        insert: Whether they are inserted.
        across: With only a part of each line moving (insertRange, deleteRange): that part, as
            half-open indices of the other dimension.
    """

    sheet_id: int
    rows: bool
    start: int
    count: int
    insert: bool
    across: tuple[int, int] | None = None

    def place(self, index: int) -> int | None:
        """Where a line goes; None if it is deleted."""
        if index < self.start:
            return index
        if self.insert:
            return index + self.count
        return index - self.count if index >= self.start + self.count else None

    def span(self, start: int | None, end: int | None) -> tuple[int | None, int | None] | None:
        """What becomes of the lines from start to end; None if all of them are deleted."""
        moved_start, moved_end = start, end
        if self.insert:
            if start is not None and start >= self.start:
                moved_start = start + self.count
            if end is not None and end > self.start:
                moved_end = end + self.count
            return moved_start, moved_end
        stop = self.start + self.count

        def shrink(edge: int) -> int:
            return edge - max(0, min(edge, stop) - self.start)

        moved_start = None if start is None else shrink(start)
        moved_end = None if end is None else shrink(end)
        if moved_end is not None and moved_end <= (moved_start or 0):
            return None
        return moved_start, moved_end

    def bounds(self, bounds: Bounds) -> Bounds | None:
        """What becomes of a range; None if all of it is deleted."""
        top, left, bottom, right = bounds
        low, high = (left, right) if self.rows else (top, bottom)
        if self.across is not None and not (
            self.across[0] <= (low or 0) and high is not None and high <= self.across[1]
        ):
            return bounds
        span = self.span(top, bottom) if self.rows else self.span(left, right)
        if span is None:
            return None
        if self.rows:
            return Bounds(span[0], left, span[1], right)
        return Bounds(top, span[0], bottom, span[1])


def apply_shift(book: Spreadsheet, shift: Shift) -> None:
    """Moves cells, formulas, objects and line properties; the grid's size is the caller's."""
    sheet = book.sheet(shift.sheet_id)
    _move_cells(sheet, shift)
    if shift.across is None:
        metadata = sheet.row_metadata if shift.rows else sheet.column_metadata
        moved = {shift.place(index): item for index, item in metadata.items()}
        kept = {index: item for index, item in moved.items() if index is not None}
        if shift.rows:
            sheet.row_metadata = kept
        else:
            sheet.column_metadata = kept
    shift_references(book, shift)


def _move_cells(sheet: Sheet, shift: Shift) -> None:
    if shift.rows and shift.across is None:
        placed = ((shift.place(row), cells) for row, cells in sheet.rows.items())
        sheet.rows = {row: cells for row, cells in placed if row is not None}
        return
    if not shift.rows:
        low, high = shift.across or (0, sheet.row_count)
        for row in [row for row in sheet.rows if low <= row < high]:
            placed_cells = ((shift.place(index), cell) for index, cell in sheet.rows[row].items())
            sheet.set_row(row, {index: cell for index, cell in placed_cells if index is not None})
        return
    low, high = shift.across or (0, sheet.column_count)
    moving: dict[int, Row] = {}
    for row in [row for row in sheet.rows if row >= shift.start]:
        cells = sheet.rows[row]
        moving[row] = {index: cell for index, cell in cells.items() if low <= index < high}
        sheet.set_row(
            row, {index: cell for index, cell in cells.items() if not low <= index < high}
        )
    for row, cells in moving.items():
        target = shift.place(row)
        if target is not None and cells:
            sheet.set_row(target, {**sheet.rows.get(target, {}), **cells})


def shift_references(book: Spreadsheet, shift: Shift) -> None:
    """Lets formulas and the ranges of objects follow a shift."""
    move_all(book, book.sheet(shift.sheet_id), shift.bounds)


def move_all(book: Spreadsheet, sheet: Sheet, move: Callable[[Bounds], Bounds | None]) -> None:
    """Moves every reference and every range that lies on a sheet."""

    def rewrite_in(home: Sheet) -> Callable[[Reference], Reference | None]:
        def rewrite(reference: Reference) -> Reference | None:
            target = home if reference.title is None else book.titled(reference.title)
            if target is not sheet:
                return reference
            bounds = move(reference.bounds)
            return None if bounds is None else reference._replace(bounds=bounds)

        return rewrite

    rewrite_formulas(book, rewrite_in)
    move_objects(book, sheet.id, move)


def rewrite_formulas(
    book: Spreadsheet, rewrite_in: Callable[[Sheet], Callable[[Reference], Reference | None]]
) -> None:
    """Rewrites the references of every formula; `rewrite_in` is told the formula's sheet."""
    for home in book.sheets:
        rewrite = rewrite_in(home)
        for row, cells in home.rows.items():
            changed: dict[int, Cell] = {}
            for column, cell in cells.items():
                if isinstance(cell.value, Formula):
                    formula = rewritten(cell.value, rewrite)
                    if formula is not cell.value:
                        changed[column] = cell._replace(value=formula)
            if changed:
                home.rows[row] = {**cells, **changed}


_GONE = object()
"""What is left of an object that has lost the range it was about."""

NEEDED = frozenset(("range", "dimensionRange", "location"))
"""Without these, an object is nothing."""


def move_objects(book: Spreadsheet, sheet_id: int, move: Callable[[Bounds], Bounds | None]) -> None:
    """Moves every range of every object that lies on a sheet; what loses its range goes with it."""
    mover = _Mover(sheet_id, move)
    for sheet in book.sheets:
        for kind, items in sheet.objects.items():
            sheet.objects[kind] = mover.moved(items)
        if sheet.basic_filter is not None:
            kept = mover.moved(sheet.basic_filter)
            sheet.basic_filter = None if kept is _GONE else kept
    book.named_ranges = mover.moved(book.named_ranges)
    book.metadata = mover.moved(book.metadata)


class _Mover:
    """Applies one move to whatever in a message lies on one sheet."""

    def __init__(self, sheet_id: int, move: Callable[[Bounds], Bounds | None]) -> None:
        self.sheet_id = sheet_id
        self.move = move

    def moved(self, value: Any) -> Any:
        """The same message after the move, or `_GONE`."""
        if isinstance(value, list):
            items = [self.moved(item) for item in value]
            return [item for item in items if item is not _GONE]
        if not isinstance(value, dict):
            return value
        if "sheetId" in value:
            for keys, mover in (
                (GRID_RANGE_KEYS, self._range),
                (COORDINATE_KEYS, self._coordinate),
                (DIMENSION_KEYS, self._dimension),
            ):
                if keys.issuperset(value):
                    return mover(value) if value["sheetId"] == self.sheet_id else value
        return self._object(value)

    def _object(self, value: Json) -> Any:
        result = {key: self.moved(item) for key, item in value.items()}
        lost = [key for key, item in result.items() if item is _GONE]
        if not NEEDED.isdisjoint(lost) or (value.get("ranges") and not result["ranges"]):
            return _GONE
        for key in lost:
            del result[key]
        if value.get("range", {}).get("sheetId") == self.sheet_id:
            self._move_columns(value, result)
        return result

    def _range(self, value: Json) -> Any:
        bounds = self.move(
            Bounds(
                value.get("startRowIndex"),
                value.get("startColumnIndex"),
                value.get("endRowIndex"),
                value.get("endColumnIndex"),
            )
        )
        return _GONE if bounds is None else range_json(self.sheet_id, bounds)

    def _coordinate(self, value: Json) -> Any:
        """An anchor whose cell is deleted stays where it was."""
        row, column = value.get("rowIndex", 0), value.get("columnIndex", 0)
        bounds = self.move(Bounds(row, column, row + 1, column + 1))
        if bounds is None:
            return value
        return {**value, "rowIndex": bounds.top, "columnIndex": bounds.left}

    def _dimension(self, value: Json) -> Any:
        start, end = value.get("startIndex"), value.get("endIndex")
        if value["dimension"] == "ROWS":
            bounds = self.move(Bounds(start, None, end, None))
            span = None if bounds is None else (bounds.top, bounds.bottom)
        else:
            bounds = self.move(Bounds(None, start, None, end))
            span = None if bounds is None else (bounds.left, bounds.right)
        if span is None:
            return _GONE
        indices = {"startIndex": span[0], "endIndex": span[1]}
        return {**value, **{key: index for key, index in indices.items() if index is not None}}

    def _column(self, index: int) -> int | None:
        bounds = self.move(Bounds(None, index, None, index + 1))
        return None if bounds is None else bounds.left

    def _move_columns(self, before: Json, after: Json) -> None:
        """Lets a filter's criteria and a table's columns follow their columns."""
        if "criteria" in after:
            places = {self._column(int(key)): item for key, item in before["criteria"].items()}
            after["criteria"] = {str(at): item for at, item in places.items() if at is not None}
        for name, key in (("filterSpecs", "columnIndex"), ("sortSpecs", "dimensionIndex")):
            if name in after:
                specs = [{**spec, key: self._column(spec.get(key, 0))} for spec in before[name]]
                after[name] = [spec for spec in specs if spec[key] is not None]
        if "columnProperties" in after and "tableId" in after:
            left = before["range"].get("startColumnIndex", 0)
            new_left = after["range"].get("startColumnIndex", 0)
            width = after["range"]["endColumnIndex"] - new_left
            named = {}
            for item in before["columnProperties"]:
                at = self._column(left + item["columnIndex"])
                if at is not None:
                    named[at - new_left] = item
            after["columnProperties"] = [
                {"columnName": f"Column {at + 1}", **named.get(at, {}), "columnIndex": at}
                for at in range(width)
            ]


def range_json(sheet_id: int, bounds: Bounds) -> Json:
    """Bounds as a GridRange; open edges are left out."""
    edges = {
        "startRowIndex": bounds.top,
        "endRowIndex": bounds.bottom,
        "startColumnIndex": bounds.left,
        "endColumnIndex": bounds.right,
    }
    return {
        "sheetId": sheet_id,
        **{key: edge for key, edge in edges.items() if edge is not None},
    }


def normalised(value: Json) -> Json:
    """An object of a request as it is kept: ranges with their `sheetId`, colours in both forms."""
    result: Json = _with_sheet_ids(with_color_styles(value))
    return result


def _with_sheet_ids(value: Any) -> Any:
    if isinstance(value, list):
        return [_with_sheet_ids(item) for item in value]
    if not isinstance(value, dict):
        return value
    if value and GRID_RANGE_KEYS.issuperset(value):
        return {"sheetId": 0, **value}
    return {
        key: {"sheetId": 0, **item} if key in ("range", "anchorCell") else _with_sheet_ids(item)
        for key, item in value.items()
    }
