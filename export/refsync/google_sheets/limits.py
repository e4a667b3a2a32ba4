"""Google's limits, asked before anything is written (Sheets API, "Usage limits")."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from refsync.errors import DestinationError
from refsync.worksheet.values import utf16_length

if TYPE_CHECKING:
    from collections.abc import Sequence

    from refsync.worksheet.table import Table
    from refsync.worksheet.values import SheetValue

MAX_CELLS = 10_000_000
MAX_CHARACTERS = 50_000
MAX_COLUMNS = 18_278
MAX_TABS = 200
MAX_STATE_CHARACTERS = 20_000
"""A spreadsheet's metadata may hold 30 000 characters; the guards need a share of them."""


def check_table(table: Table, values: Sequence[Sequence[SheetValue]]) -> None:
    """Raise a `DestinationError` unless each cell, and the number of columns, is allowed.

    `values` holds the header row first.
    """
    if len(table.columns) > MAX_COLUMNS:
        raise DestinationError(
            f"{table.worksheet} has {len(table.columns):,} columns, and Google Sheets allows "
            f"{MAX_COLUMNS:,}: export fewer of them."
        )
    too_long = {
        value: length
        for value in set(chain.from_iterable(values))
        if isinstance(value, str)
        and 2 * len(value) > MAX_CHARACTERS  # a character is one UTF-16 unit, or two
        and (length := utf16_length(value)) > MAX_CHARACTERS
    }
    for number, row in enumerate(values if too_long else (), 1):
        for place, value in enumerate(row):
            if isinstance(value, str) and value in too_long:
                header = table.columns[place].header[:100]
                raise DestinationError(
                    f"{table.worksheet}, row {number}, column {header}: the text has "
                    f"{too_long[value]:,} characters, and Google Sheets allows {MAX_CHARACTERS:,} "
                    "in a cell: shorten it in the mart."
                )
    for column in table.columns:
        if (length := utf16_length(column.description)) > MAX_CHARACTERS:
            raise DestinationError(
                f"{table.worksheet}, column {column.header[:100]}: the description has {length:,} "
                f"characters, and Google Sheets allows {MAX_CHARACTERS:,} in a note: shorten it "
                "in the yml."
            )


def check_growth(*, cells: int, more_cells: int) -> None:
    """Raise a `DestinationError` if the spreadsheet, all its tabs together, would be too large.

    Args:
        cells: The cells of all its tabs.
        more_cells: The cells that a push adds, those of a staging tab included.
    """
    if more_cells > 0 and cells + more_cells > MAX_CELLS:
        raise DestinationError(
            f"The spreadsheet has {cells:,} cells, this push needs {more_cells:,} more, and Google "
            f"Sheets allows {MAX_CELLS:,} over all tabs: delete rows, columns or tabs that nobody "
            "needs, or push to another spreadsheet."
        )


def too_many_tabs(*, tabs: int, more_tabs: int) -> tuple[str, ...]:
    """Return a warning, or nothing: Google's own limit for tabs has changed before.

    Args:
        tabs: The spreadsheet's tabs.
        more_tabs: The tabs that a push adds, a staging tab included.
    """
    if more_tabs <= 0 or tabs + more_tabs <= MAX_TABS:
        return ()
    warning = (
        f"The spreadsheet has {tabs} tabs, this push needs {more_tabs} more, and Google Sheets may "
        f"allow {MAX_TABS} only: delete tabs that nobody needs."
    )
    return (warning,)


def check_state(text: str) -> None:
    """Raise a `DestinationError` if refsync's record of its tabs would be too long."""
    if utf16_length(text) > MAX_STATE_CHARACTERS:
        raise DestinationError(
            "The record of this many worksheets does not fit into one spreadsheet's metadata: "
            "push some of them to another spreadsheet, with --select."
        )
