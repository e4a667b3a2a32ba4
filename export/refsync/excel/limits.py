"""Excel's limits, asked before anything is written ("Excel specifications and limits")."""

from __future__ import annotations

from typing import TYPE_CHECKING

from refsync.errors import DestinationError
from refsync.worksheet.values import utf16_length

if TYPE_CHECKING:
    from refsync.worksheet.table import Table

ROW_LIMIT = 1_048_576
COLUMN_LIMIT = 16_384
CELL_LIMIT = 32_767
TITLE_LIMIT = 31
CHART_TITLE_LIMIT = 255
FORBIDDEN_IN_TITLES = "[]:*?/\\"


def refuse_what_does_not_fit(table: Table) -> None:
    """Refuse a table that goes beyond one of Excel's limits.

    Raises:
        DestinationError: It does.
    """
    height, width = len(table.rows) + 1, len(table.columns)
    _refuse_title(table, table.worksheet, "its title")
    if table.dashboard:
        _refuse_title(table, table.dashboard.title, "its dashboard's title")
    if height > ROW_LIMIT or width > COLUMN_LIMIT:
        raise _misfit(
            table,
            f"it has {height:,} rows with its header and {width:,} columns, and Excel allows "
            f"{ROW_LIMIT:,} and {COLUMN_LIMIT:,}",
            "make the mart smaller",
        )
    for number, row in enumerate([tuple(c.header for c in table.columns), *table.rows], start=1):
        for column, cell in zip(table.columns, row, strict=True):
            # A character is one UTF-16 unit, or two.
            if isinstance(cell, str) and 2 * len(cell) > CELL_LIMIT:
                units = utf16_length(cell)
                if units > CELL_LIMIT:
                    raise _misfit(
                        table,
                        f"row {number:,} of its column {column.header!r} has {units:,} "
                        f"characters and Excel allows {CELL_LIMIT:,} in a cell",
                        "shorten the text in the mart",
                    )
    _refuse_long_words(table)


def _refuse_long_words(table: Table) -> None:
    """Refuse a note or a chart's title that Excel has no room for."""
    for column in table.columns:
        if (units := utf16_length(column.description)) > CELL_LIMIT:
            raise _misfit(
                table,
                f"the description of its column {column.header!r} has {units:,} characters and "
                f"Excel allows {CELL_LIMIT:,} in a note",
                "shorten it in the model's yml",
            )
    charts = (table.chart, *(table.dashboard.charts if table.dashboard else ()))
    for title in (chart.title for chart in charts if chart):
        if (units := utf16_length(title)) > CHART_TITLE_LIMIT:
            raise _misfit(
                table,
                f"the title of a chart has {units:,} characters and Excel allows "
                f"{CHART_TITLE_LIMIT}",
                "shorten it in the model's meta",
            )


def _refuse_title(table: Table, title: str, what: str) -> None:
    if (units := utf16_length(title)) > TITLE_LIMIT:
        raise _misfit(
            table,
            f"{what} has {units} characters and Excel allows {TITLE_LIMIT}",
            "shorten it in the model's meta",
        )
    forbidden = [sign for sign in title if sign in FORBIDDEN_IN_TITLES]
    if forbidden or title.startswith("'") or title.endswith("'") or title.lower() == "history":
        raise _misfit(
            table,
            f"Excel allows no {FORBIDDEN_IN_TITLES} in a title, no ' at its ends, and not the "
            "title History",
            "change it in the model's meta",
        )


def _misfit(table: Table, why: str, remedy: str) -> DestinationError:
    return DestinationError(
        f"Worksheet {table.worksheet!r} does not fit into a workbook: {why}; {remedy}."
    )
