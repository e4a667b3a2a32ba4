"""What refsync remembers of its own worksheets in a workbook, to tell people's additions from it.

It is JSON in custom properties of the workbook, in pieces because one may have 255 characters.
Headers and notes are there as short hashes.
"""

from __future__ import annotations

import base64
import json
import zlib
from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING

from refsync.worksheet import theme
from refsync.worksheet.area import column_letters
from refsync.worksheet.dashboard_layout import lay_out_dashboard
from refsync.worksheet.header_note import header_note

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from refsync.worksheet.chart import Chart
    from refsync.worksheet.table import Table

PROPERTY = "refsync_columns_"
"""The custom properties with the marks, a number behind it."""

_MAX_PROPERTY = 255
_MARK = 4
"""Characters of a mark."""


@dataclass(frozen=True)
class OwnMarks:
    """What refsync remembers of a worksheet.

    Attributes:
        rows: How many rows it wrote below the header.
        headers: The mark of each header, left to right.
        notes: The mark of each header's note.
        color: The background of its headers.
        charts: The mark of each chart's title.
        cells: The cells of a dashboard, as people write them.
    """

    rows: int = 0
    headers: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    color: str = ""
    charts: tuple[str, ...] = ()
    cells: frozenset[str] = frozenset()


def mark(text: str) -> str:
    """Return four characters that tell a text from others; white space does not count."""
    words = " ".join(text.split())
    return base64.urlsafe_b64encode(blake2b(words.encode(), digest_size=3).digest()).decode()


def properties(tables: Sequence[Table]) -> Iterator[tuple[str, str]]:
    """Yield the names and texts of the properties with the marks of these worksheets."""
    sheets = {
        mark(table.worksheet): [
            len(table.rows),
            "".join(mark(column.header) for column in table.columns),
            "".join(mark(header_note(table, index)) for index in range(len(table.columns))),
            _chart_marks([table.chart] if table.chart else []),
        ]
        for table in tables
    }
    dashboards = {
        mark(table.dashboard.title): [_chart_marks(table.dashboard.charts), _packed(table)]
        for table in tables
        if table.dashboard
    }
    text = json.dumps([theme.HEADER, sheets, dashboards], separators=(",", ":"))
    for number, start in enumerate(range(0, len(text), _MAX_PROPERTY), 1):
        yield f"{PROPERTY}{number}", text[start : start + _MAX_PROPERTY]


def own_marks(custom: Mapping[str, str]) -> dict[str, OwnMarks]:
    """Return the marks in the properties of a workbook, by the marks of the worksheets' titles.

    There are none in a workbook of an earlier version, or if a part of them is missing.
    """
    pieces: list[str] = []
    while piece := custom.get(f"{PROPERTY}{len(pieces) + 1}"):
        pieces.append(piece)
    try:
        color, sheets, dashboards = json.loads("".join(pieces))
        return {
            title: OwnMarks(
                int(rows), _split(headers), _split(notes), str(color).strip("#"), _split(charts)
            )
            for title, (rows, headers, notes, charts) in sheets.items()
        } | {
            title: OwnMarks(charts=_split(charts), cells=_unpacked(cells))
            for title, (charts, cells) in dashboards.items()
        }
    except (ValueError, TypeError, AttributeError, zlib.error):
        return {}


def _chart_marks(charts: Sequence[Chart]) -> str:
    return "".join(mark(chart.title) for chart in charts)


def _packed(table: Table) -> str:
    """Return the places of a dashboard's cells, as a short text."""
    assert table.dashboard is not None  # noqa: S101 - the caller checks it
    cells = lay_out_dashboard(table.dashboard, table).cells
    places = sorted(f"{column_letters(cell.column)}{cell.row + 1}" for cell in cells)
    return base64.b64encode(zlib.compress(" ".join(places).encode(), 9)).decode()


def _unpacked(cells: str) -> frozenset[str]:
    return frozenset(zlib.decompress(base64.b64decode(cells)).decode().split())


def _split(marks: str) -> tuple[str, ...]:
    return tuple(marks[at : at + _MARK] for at in range(0, len(marks), _MARK))
