"""Whose the columns and rows of a workbook's worksheet are: refsync's or the reader's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from refsync.errors import DestinationError
from refsync.excel.cells import read_value
from refsync.excel.own_marks import mark

if TYPE_CHECKING:
    from collections.abc import Sequence

    from refsync.excel.own_marks import OwnMarks

AUTHOR = "refsync"
"""Of the notes that refsync writes."""


@dataclass(frozen=True)
class FoundColumns:
    """Whose the columns of a worksheet are, by their 0-based index.

    Attributes:
        texts: What is in the header row.
        own: The column of each header that comes; `None` if there is none yet.
        gone: The columns of refsync's that do not come again.
        reader: The reader's columns.
    """

    texts: tuple[Any, ...]
    own: tuple[int | None, ...]
    gone: tuple[int, ...]
    reader: tuple[int, ...]

    @classmethod
    def of(cls, sheet: Any, headers: Sequence[str], marks: OwnMarks | None) -> FoundColumns:
        """Return whose the columns are.

        Args:
            sheet: The worksheet, as openpyxl has it.
            headers: The headers that come.
            marks: What refsync remembers of the worksheet; `None` if an earlier version wrote it.
        """
        cells = [sheet.cell(1, column) for column in range(1, sheet.max_column + 1)]
        texts = tuple(read_value(cell.value) for cell in cells)
        own, gone = _remembered(cells, texts, headers, marks) if marks else _known(sheet, headers)
        reader = tuple(index for index in range(len(texts)) if index not in {*own, *gone})
        return cls(texts, own, gone, reader)

    @property
    def ours(self) -> list[int]:
        """The columns of refsync's, of all that are there."""
        return [*(index for index in self.own if index is not None), *self.gone]


def _remembered(
    cells: Sequence[Any], texts: Sequence[Any], headers: Sequence[str], marks: OwnMarks
) -> tuple[tuple[int | None, ...], tuple[int, ...]]:
    """Return refsync's columns, those that come and those that left, by what it remembers."""
    found: dict[str, int] = {}
    for index, text in enumerate(texts):
        if text is not None and (each := mark(str(text))) in marks.headers:
            found.setdefault(each, index)
    for index, (each, note) in enumerate(zip(marks.headers, marks.notes, strict=True)):
        # A header that somebody edited: its note is still refsync's.
        is_there = each in found or index >= len(cells) or index in found.values()
        if not is_there and is_own_note(cells[index], note):
            found[each] = index
    own = tuple(found.get(mark(header)) for header in headers)
    return own, tuple(sorted({*found.values()} - {*own}))


def is_own_note(cell: Any, note: str) -> bool:
    """Whether a cell has a note of refsync's; LibreOffice does not keep who wrote it."""
    comment = cell.comment
    if not comment:
        return False
    return comment.author == AUTHOR or mark(read_value(comment.text or "")) == note


def _known(sheet: Any, headers: Sequence[str]) -> tuple[tuple[int | None, ...], tuple[int, ...]]:
    """Return refsync's columns by its notes, and by the filter that it set over them."""
    cells = [sheet.cell(1, column) for column in range(1, sheet.max_column + 1)]
    texts = [str(read_value(cell.value)) for cell in cells]
    width = min(_own_area(sheet)[0], len(texts))
    by_header = {texts[index]: index for index in reversed(range(width))}
    for index, header in enumerate(headers):
        is_free = index < width and texts[index] not in headers
        if header not in by_header and is_free and _is_refsyncs(cells[index]):
            by_header[header] = index
    own = tuple(by_header.get(header) for header in headers)
    others = [index for index in range(width) if index not in own]
    return own, tuple(index for index in others if _is_refsyncs(cells[index]))


def _is_refsyncs(cell: Any) -> bool:
    """Whether a header has refsync's note: then its column was one of refsync's."""
    return bool(cell.comment) and cell.comment.author == AUTHOR


def last_own_row(
    sheet: Any, columns: FoundColumns, marks: OwnMarks | None, filled: Sequence[int]
) -> int:
    """Return the last of refsync's rows; the header is row 0.

    refsync remembers how many it wrote. Where its filter is still over them, a spreadsheet has
    changed that with rows that people inserted or deleted.

    Args:
        sheet: The worksheet, as openpyxl has it.
        columns: Whose its columns are.
        marks: What refsync remembers of it.
        filled: The rows with something in refsync's columns.

    Raises:
        DestinationError: There are more than refsync wrote.
    """
    if not marks:
        return _own_area(sheet)[1]
    filtered = _filtered(sheet, max(columns.ours, default=0) + 1)
    if filtered is None:
        return marks.rows
    if filtered[1] > marks.rows and sum(row <= filtered[1] for row in filled) > marks.rows:
        raise DestinationError(
            f"In the tab {sheet.title!r}, refsync wrote {marks.rows:,} rows, and {len(filled):,} "
            f"have something in its columns, the last of them in row {filled[-1] + 1}: move what "
            "was added to the right of these columns, or run with --adopt to replace the workbook "
            "without what people added."
        )
    return filtered[1]


def _filtered(sheet: Any, width: int) -> tuple[int, int] | None:
    """Return the columns and rows that a filter from the first header on is over.

    A filter over fewer columns is somebody else's.
    """
    from openpyxl.utils import range_boundaries  # noqa: PLC0415 - an extra

    if not sheet.auto_filter.ref:
        return None
    left, top, right, bottom = range_boundaries(sheet.auto_filter.ref.replace("$", ""))
    return (right, bottom - 1) if (left, top) == (1, 1) and right >= width else None


def _own_area(sheet: Any) -> tuple[int, int]:
    """Return how many columns and rows are refsync's, by the filter it sets over them.

    Where that is gone, it is the area to be printed; the rows below the header are counted.
    """
    from openpyxl.utils import range_boundaries  # noqa: PLC0415 - an extra

    if filtered := _filtered(sheet, 1):
        return filtered
    area = str(sheet.print_area or "").rpartition("!")[2]
    if not area:
        return sheet.max_column, sheet.max_row - 1
    _, _, right, bottom = range_boundaries(area.replace("$", ""))
    return right or sheet.max_column, (bottom or sheet.max_row) - 1
