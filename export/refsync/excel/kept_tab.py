"""The tab of the kept remarks in a workbook: it is the reader's, and refsync adds rows below."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from refsync.excel.cells import write_cell, write_text
from refsync.excel.found_cells import FoundCell, found_cell
from refsync.excel.write_remarks import write_found, write_note
from refsync.worksheet.remarks import HEADERS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from refsync.excel.formats import Formats
    from refsync.worksheet.remarks import Place

WIDTHS = (22, 36, 22, 50, 12)
"""Of refsync's columns, in characters."""

_PADDING = 5 / 7
"""What a file adds to the width that XlsxWriter is told."""


@dataclass(frozen=True)
class Width:
    """How wide the columns from `first` to `last` are, in characters as a file has them."""

    first: int
    last: int
    width: float
    is_hidden: bool = False


@dataclass(frozen=True)
class KeptTab:
    """The tab of the kept remarks.

    Attributes:
        cells: What is there, by its place: the header row too.
        widths: The widths of the columns.
        rows: What comes below: plain values, and cells as they were found.
    """

    cells: Mapping[Place, FoundCell] = field(default_factory=dict)
    widths: tuple[Width, ...] = ()
    rows: tuple[Sequence[Any], ...] = ()

    @property
    def is_needed(self) -> bool:
        """Whether there is anything but refsync's headers."""
        return bool(self.rows) or any(
            cell.note or not _is_own_header(place, cell) for place, cell in self.cells.items()
        )


NO_TAB = KeptTab()


def found_tab(sheet: Any, theme: Sequence[str]) -> KeptTab:
    """Return the tab as it was found.

    Args:
        sheet: The worksheet, as openpyxl has it.
        theme: The colours of the workbook's theme.
    """
    cells = {
        (cell.row - 1, cell.column - 1): found_cell(cell, theme)
        for line in sheet.iter_rows()
        for cell in line
    }
    return KeptTab(
        {
            place: cell
            for place, cell in cells.items()
            if cell.value is not None or cell.note or cell.color
        },
        tuple(
            Width(each.min - 1, each.max - 1, each.width, each.hidden)
            for each in sheet.column_dimensions.values()
            if each.min and each.max and each.width
        ),
    )


def write_kept(sheet: Any, tab: KeptTab, formats: Formats) -> None:
    """Write the tab of the kept remarks."""
    for index, width in enumerate(WIDTHS):
        sheet.set_column(index, index, width)
    for each in tab.widths:
        told = max(each.width - _PADDING, 0)
        sheet.set_column(each.first, each.last, told, None, {"hidden": each.is_hidden})
    headers = {
        (0, index): FoundCell(header) for index, header in enumerate(HEADERS) if not tab.cells
    }
    for (row, column), cell in sorted((headers | {**tab.cells}).items(), key=lambda item: item[0]):
        if _is_own_header((row, column), cell):
            write_text(sheet, row, column, str(cell.value), formats.plain_header())
            write_note(sheet, row, column, cell)
        else:
            write_found(sheet, row, column, cell, formats)
    sheet.freeze_panes(1, 0)
    first = max((row for row, _ in tab.cells), default=0) + 1
    for number, values in enumerate(tab.rows, first):
        for index, value in enumerate(values):
            if isinstance(value, FoundCell):
                write_found(sheet, number, index, replace(value, note=""), formats)
            else:
                is_day = index == len(HEADERS) - 1
                style = formats.of_reader("yyyy-mm-dd" if is_day else "General")
                write_cell(sheet, number, index, value, style)


def _is_own_header(place: Place, cell: FoundCell) -> bool:
    row, column = place
    return row == 0 and column < len(HEADERS) and cell.value == HEADERS[column]
