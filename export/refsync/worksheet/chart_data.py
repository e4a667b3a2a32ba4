"""What a chart shows of its table."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from refsync.worksheet.chart import Chart
    from refsync.worksheet.table import Table


def chart_rows(chart: Chart, table: Table) -> int:
    """Return how many rows a chart covers if nobody changes it later."""
    return max(chart.rows or len(table.rows), 1)


def has_negatives(chart: Chart, table: Table) -> bool:
    """Whether any number that a chart shows is below zero, so that its axis cannot begin there."""
    indexes = [table.place(series.column) for series in chart.series]
    numbers = (row[index] for row in table.rows[: chart.rows] for index in indexes)
    return any(isinstance(number, int | float) and number < 0 for number in numbers)


def alternative_text(chart: Chart, table: Table) -> str:
    """Return the text of a chart for a screen reader."""
    named = {column.name: column.header for column in table.columns}
    series = ", ".join(named[each.column] for each in chart.series)
    return f"{chart.title}: {series} by {named[chart.x]}."
