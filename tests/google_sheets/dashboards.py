"""A table with a dashboard over it, for tests of any destination."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from refsync.marts.chart_meta import dashboard_from_meta
from refsync.worksheet.build import Build
from refsync.worksheet.table import Cell, Column, Table

if TYPE_CHECKING:
    from collections.abc import Sequence

COLUMNS = ("period", "day", "clicks", "change", "rate", "name", "signups")
LAST_DAY = date(2026, 3, 31)

CHART = {"title": "Signups by name", "type": "bar", "x": "name", "series": ["signups"], "rows": 3}
LINES = {
    "title": "Clicks a day",
    "type": "line",
    "x": "day",
    "series": [{"column": "clicks", "color": "light_blue"}, {"column": "rate", "color": "blue"}],
    "rows": 6,
    "width": "half",
}
DASHBOARD: dict[str, Any] = {
    "title": "Dashboard",
    "heading": "Takings",
    "facts": [{"label": "As of", "column": "day", "row": 1}],
    "note": "Ask Zoë.",
    "cards": [
        {
            "title": "Clicks",
            "label": "period",
            "value": "clicks",
            "change": "change",
            "rows": [1, 2],
        },
        {"title": "Rate", "label": "period", "value": "rate", "rows": [1, 2]},
    ],
    "charts": [LINES, {**LINES, "type": "column"}, {**CHART, "width": "third", "rest": 4}],
}

OVER_ALL = dashboard_from_meta("dashboard", DASHBOARD, COLUMNS)


def numbers(
    names: Sequence[str] = ("Ana", "Bo", "Cy"),
    rows: int = 6,
    title: str = "Some_Data",
    **meta: Any,
) -> Table:
    """Return a table with a dashboard over it, or with what is given instead."""
    meta = meta or {"dashboard": OVER_ALL}
    data: list[tuple[Cell, ...]] = []
    for place in range(rows):
        name = names[place] if place < len(names) else None
        period = ("All dates", "Last 7 days")[place] if place < 2 else None
        day = LAST_DAY - timedelta(days=place)
        change = None if place else -0.25
        data.append(
            (period, day, 1000 * place, change, place / 8, name, 9 - place if name else None)
        )
    columns = (
        Column("period", "Period", "text", "What a number is about."),
        Column("day", "Day", "date"),
        Column("clicks", "Clicks", "integer", "Visits, each counted once.", "bar"),
        Column("change", "Change", "percent"),
        Column("rate", "Rate", "percent", "Signups by clicks.", "color"),
        Column("name", "Name", "text"),
        Column("signups", "Signups", "integer"),
    )
    built_at = datetime(2026, 4, 1, 5, 6, 7)  # noqa: DTZ001 - naive UTC
    return Table("some_data", title, "metrics", columns, tuple(data), build=Build(built_at), **meta)
