"""A mart as a table: what travels from the marts to a destination."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Literal

from refsync.worksheet.build import Build

if TYPE_CHECKING:
    from refsync.worksheet.chart import Chart, Dashboard, Scale

Format = Literal[
    "text",
    "boolean",
    "plain",
    "integer",
    "number",
    "decimal",
    "percent",
    "points",
    "date",
    "timestamp",
]
"""How a column is shown: `plain` without thousands separators, a percent of 0.125 as 12.50%.

`points` are the difference of two percents: 0.125 is shown as +12.5% pts.
"""

Look = Literal["id", "name", "long", "sentence"]
"""What a column's texts are to a reader.

An `id` is narrow and grey, a `name` wide, a `sentence` wider. A `long` text ends at the edge of its
cell.
"""

NUMERIC: frozenset[Format] = frozenset(
    {"plain", "integer", "number", "decimal", "percent", "points"}
)
TEMPORAL: frozenset[Format] = frozenset({"date", "timestamp"})

Cell = None | bool | int | float | str | date | datetime
"""One typed value of a cell; `None` is a blank cell, a `datetime` is naive.

An integer has at most `MAX_DIGITS` digits, and a float is finite.
"""

MAX_DIGITS = 15
"""Digits of a number that Google Sheets and Excel show; exact numbers with more go as text."""


@dataclass(frozen=True)
class Column:
    """One column of a worksheet.

    Attributes:
        name: The column's name in the mart.
        header: The text of its header cell.
        format: How its values are shown.
        description: The dbt description, in plain text; may be empty.
        scale: How its numbers are compared at a glance; `None` for not at all.
        decimals: How many decimals its numbers are shown with; `None` is the format's own number,
            and with `plain` as many as each number has.
        look: What its texts are to a reader; `None` is any text.
        total: Whether the note of its header has the sum of its numbers.
    """

    name: str
    header: str
    format: Format
    description: str = ""
    scale: Scale | None = None
    decimals: int | None = None
    look: Look | None = None
    total: bool = False


UNKNOWN_BUILD = Build()


@dataclass(frozen=True)
class Table:
    """One mart, read completely: the desired contents of its worksheet.

    Attributes:
        model: The dbt model's name.
        worksheet: The worksheet's title.
        type: The group that `--type` selects by.
        columns: The columns, left to right.
        rows: The rows in the order of the mart's `order_by`, each as wide as `columns`.
        description: The dbt model's description.
        build: The build that made the mart.
        key: Indices of the columns that tell its rows apart; none if it takes the whole row.
        may_shrink: Whether it may lose most of its rows, as a list of findings may.
        warnings: What was altered to fit into a worksheet, a sentence each.
        chart: The chart beside its rows, if it has one.
        dashboard: The tab of charts over its rows, if it has one.
        spreadsheet: The id or URL of the Google spreadsheet that its meta names, if it names one.
        hidden_tab: Whether its tab is hidden when it is created.
        order: The titles of all worksheets of the project, in their order.
    """

    model: str
    worksheet: str
    type: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    description: str = ""
    build: Build = UNKNOWN_BUILD
    key: tuple[int, ...] = ()
    may_shrink: bool = False
    warnings: tuple[str, ...] = ()
    chart: Chart | None = None
    dashboard: Dashboard | None = None
    spreadsheet: str | None = None
    hidden_tab: bool = False
    order: tuple[str, ...] = ()

    def place(self, column: str) -> int:
        """Return the index of a column, by its name in the mart; 0 is column A."""
        return [each.name for each in self.columns].index(column)
