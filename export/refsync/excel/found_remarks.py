"""What people added to a workbook that refsync wrote, read with openpyxl (the extra `remarks`)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from refsync.errors import DestinationError
from refsync.excel.cells import read_value
from refsync.excel.colors import theme_colors
from refsync.excel.formulas import SAME, NewColumns
from refsync.excel.found_cells import FoundCell, cell_key, found_cell, open_book
from refsync.worksheet.remarks import TITLE, Remark
from refsync.worksheet.values import is_blank

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from refsync.worksheet.remarks import Place
    from refsync.worksheet.values import Row

AUTHOR = "refsync"
"""Of the notes that refsync writes."""


@dataclass(frozen=True)
class FoundSheet:
    """A worksheet as it was found, refsync's columns first.

    Attributes:
        rows: refsync's own cells, the header first; the headers are those that come.
        headers: The reader's columns, left to right: the header cell of each.
        cells: What people added below the header. The reader's columns begin behind refsync's.
        remarks: The same, as far as it is compared.
        dropped: Notes in columns of refsync's that do not come again: row, header and cell.
        columns: Where its columns go.
    """

    rows: tuple[Row, ...]
    headers: tuple[FoundCell, ...]
    cells: Mapping[Place, FoundCell] = field(default_factory=dict)
    remarks: Mapping[Place, Remark] = field(default_factory=dict)
    dropped: tuple[tuple[int, str, FoundCell], ...] = ()
    columns: NewColumns = SAME

    @property
    def has_any(self) -> bool:
        """Whether there is anything that people added."""
        return bool(self.cells or self.headers or self.dropped)


class Found:
    """A workbook that is open for its remarks."""

    def __init__(self, path: Path) -> None:
        """Open it.

        Raises:
            ImportError: openpyxl is not installed.
            DestinationError: It is damaged.
        """
        try:
            self._book = open_book(path)
        except ImportError:
            raise
        except Exception as error:  # openpyxl raises what it meets
            raise DestinationError(
                f"The remarks in {path} cannot be read: move the file away, or run with --adopt to "
                "replace it without them."
            ) from error
        self._theme = theme_colors(self._book.loaded_theme)

    def kept(self) -> list[list[FoundCell]]:
        """Return the rows of the tab of the kept remarks, without its header."""
        if TITLE not in self._book.sheetnames:
            return []
        rows = list(self._book[TITLE].iter_rows(min_row=2))
        return [
            [self._cell(cell) for cell in row]
            for row in rows
            if any(cell.value is not None for cell in row)
        ]

    def sheet(self, title: str, headers: Sequence[str]) -> FoundSheet:
        """Return a worksheet whose columns will have these headers.

        Raises:
            DestinationError: There is something below refsync's rows, in its columns.
        """
        sheet = self._book[title]
        columns = _Columns.of(sheet, headers)
        own, reader, texts = columns.own, list(columns.reader), columns.texts
        places = {index: at for at, index in enumerate(own) if index is not None}
        ours = (*places, *columns.gone)
        places |= {index: len(headers) + at for at, index in enumerate(reader)}
        new_columns = NewColumns(
            tuple(map(places.get, range(len(texts)))), len(headers) + len(reader)
        )
        rows: list[Row] = [
            tuple(None if at is None else h for h, at in zip(headers, own, strict=True))
        ]
        cells: dict[Place, FoundCell] = {}
        dropped: list[tuple[int, str, FoundCell]] = []
        for number, line in enumerate(sheet.iter_rows(min_row=2), 1):
            values = [cell_key(cell) for cell in line]
            if number <= columns.last_row:
                rows.append(tuple(None if index is None else values[index] for index in own))
            elif not is_blank(values[index] for index in ours):
                raise DestinationError(
                    f"In the tab {title!r}, row {number + 1} below refsync's rows has something in "
                    "its columns: move it to the right of them, or run with --adopt to replace the "
                    "workbook without what people added."
                )
            for index, at in places.items():
                found = self._cell(line[index])
                if at < len(headers):  # the value is refsync's
                    found = replace(found, value=None, kind="value")
                if found.note or found.color or found.value is not None:
                    cells[number, at] = found
            dropped += [
                (number, str(texts[index]), self._cell(line[index]))
                for index in columns.gone
                if line[index].comment
            ]
        while len(rows) > 1 and is_blank(rows[-1]):
            rows.pop()
        used = {at - len(headers) for _, at in cells}
        while reader and len(reader) - 1 not in used and texts[reader[-1]] is None:
            reader.pop()
        return FoundSheet(
            rows=tuple(rows),
            headers=tuple(self._cell(sheet.cell(1, index + 1)) for index in reader),
            cells=cells,
            remarks={
                place: Remark(cell.key if place[1] >= len(headers) else None, cell.note, cell.color)
                for place, cell in cells.items()
            },
            dropped=tuple(dropped),
            columns=new_columns,
        )

    def _cell(self, cell: Any) -> FoundCell:
        return found_cell(cell, self._theme)


@dataclass(frozen=True)
class _Columns:
    """Whose the columns of a worksheet are, by their 0-based index.

    Attributes:
        texts: What is in the header row.
        own: The column of each header that comes; `None` if there is none yet.
        gone: The columns of refsync's that do not come again.
        reader: The reader's columns.
        last_row: The last of refsync's rows.
    """

    texts: tuple[Any, ...]
    own: tuple[int | None, ...]
    gone: tuple[int, ...]
    reader: tuple[int, ...]
    last_row: int

    @classmethod
    def of(cls, sheet: Any, headers: Sequence[str]) -> _Columns:
        width, last_row = _own_extent(sheet)
        cells = [sheet.cell(1, column) for column in range(1, sheet.max_column + 1)]
        texts = tuple(read_value(cell.value) for cell in cells)
        width = min(width, len(texts))
        by_header = {str(texts[index]): index for index in reversed(range(width))}
        for index, header in enumerate(headers):
            # A header that somebody edited: its note is still refsync's.
            is_free = index < width and str(texts[index]) not in headers
            if header not in by_header and is_free and _is_refsyncs(cells[index]):
                by_header[header] = index
        own = tuple(by_header.get(header) for header in headers)
        others = [index for index in range(len(texts)) if index not in own]
        gone = tuple(index for index in others if index < width and _is_refsyncs(cells[index]))
        reader = tuple(index for index in others if index not in gone)
        return cls(texts, own, gone, reader, last_row)


def _is_refsyncs(cell: Any) -> bool:
    """Whether a header has refsync's note: then its column was one of refsync's."""
    return bool(cell.comment) and cell.comment.author == AUTHOR


def _own_extent(sheet: Any) -> tuple[int, int]:
    """Return how many columns and rows are refsync's, by the filter it sets over them.

    Where that is gone, it is the area to be printed; the rows below the header are counted.
    """
    from openpyxl.utils import range_boundaries  # noqa: PLC0415 - an extra

    area = sheet.auto_filter.ref or str(sheet.print_area or "").rpartition("!")[2]
    if not area:
        return sheet.max_column, sheet.max_row - 1
    _, _, right, bottom = range_boundaries(area.replace("$", ""))
    return right, bottom - 1
