"""Charts and dashboards, as a mart's meta describes them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Scale = Literal["color", "bar"]
"""How a column's numbers are compared at a glance: by a deeper colour, or by a longer bar."""

ChartType = Literal["line", "column", "bar"]
"""`column` is upright. `bar` is horizontal and has its first row on top."""

Color = Literal[
    "blue", "orange", "green", "purple", "grey", "light_blue", "light_orange", "light_grey"
]
"""Colours that colour-blind people can distinguish (after Okabe and Ito)."""

Width = Literal["full", "half", "third"]
"""A chart's share of the dashboard's width."""


@dataclass(frozen=True)
class Series:
    """One column drawn in a chart."""

    column: str
    color: Color


@dataclass(frozen=True)
class Chart:
    """A chart over the first rows of a worksheet; all columns are named as in the mart.

    Attributes:
        title: The text above it.
        type: How it is drawn.
        x: The column with the categories.
        series: The columns that are drawn, each under its header.
        rows: How many rows it shows at most; `None` for all that exist when it is made.
        width: Its share of a dashboard's width.
        rest: On a dashboard, the row (from 1) that sums up the others, shown as text below it.
    """

    title: str
    type: ChartType
    x: str
    series: tuple[Series, ...]
    rows: int | None = None
    width: Width = "full"
    rest: int | None = None


@dataclass(frozen=True)
class Fact:
    """One cell of the worksheet, by column and row (from 1, the header not counted), with words."""

    label: str
    column: str
    row: int


@dataclass(frozen=True)
class Card:
    """A large number, and the same number for some other rows below it.

    Attributes:
        title: What the number is.
        label: The column that says what each row is about.
        value: The column with the numbers.
        change: The column with their changes, as fractions; `None` without.
        rows: The row of the large number, and those of the others.
    """

    title: str
    label: str
    value: str
    change: str | None
    rows: tuple[int, ...]


@dataclass(frozen=True)
class Listing:
    """The first rows of some columns as a short list on a dashboard.

    Attributes:
        title: The text above it.
        rows: How many rows it has.
        text: The column with the texts.
        mark: The column with a word before each text; `None` without.
        value: The column with a number or a date behind it; `None` without.
        change: The column with a change behind that; `None` without.
        note: A remark beside the title; may be empty.
        count: The column whose first row is that remark; `None` without.
        width: Its share of the dashboard's width.
    """

    title: str
    rows: int
    text: str
    mark: str | None = None
    value: str | None = None
    change: str | None = None
    note: str = ""
    count: str | None = None
    width: Width = "full"


@dataclass(frozen=True)
class Dashboard:
    """A tab of charts and references over one worksheet; after its creation it is the reader's.

    Attributes:
        title: The tab's title.
        heading: The text at its top.
        facts: Single cells below the heading.
        note: A remark at the right of the facts; may be empty.
        cards: Numbers side by side.
        charts: Charts, left to right and row by row.
        findings: A list above the cards; `None` without.
        lists: Lists below the cards, left to right and row by row.
    """

    title: str
    heading: str
    facts: tuple[Fact, ...]
    note: str
    cards: tuple[Card, ...]
    charts: tuple[Chart, ...]
    findings: Listing | None = None
    lists: tuple[Listing, ...] = ()

    @property
    def least_rows(self) -> int:
        """How many rows the worksheet needs, so that no reference points beyond them."""
        rows = [fact.row for fact in self.facts]
        rows += [row for card in self.cards for row in card.rows]
        rows += [each.rows for each in (self.findings, *self.lists) if each]
        rows += [row for chart in self.charts for row in (chart.rows or 1, chart.rest or 1)]
        return max(rows, default=0)


def is_light(series: Series) -> bool:
    """Whether a series is drawn in a light colour, behind the others."""
    return series.color.startswith("light_")
