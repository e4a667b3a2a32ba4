"""Scattered cells as few rectangles to be written."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

from refsync.google_sheets.api import requests

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from refsync.google_sheets.api.requests import Request
    from refsync.worksheet.remarks import Place

COLOR = "userEnteredFormat.backgroundColorStyle"
LOOKS = f"note,{COLOR}"
ALL = f"userEnteredValue,{LOOKS}"
"""Field masks, of what a remark may be."""


def written(
    sheet_id: int, cells: Mapping[Place, Mapping[str, Any]], fields: str
) -> Iterator[Request]:
    """Yield the requests that write these fields of cells (`CellData`)."""
    lines: dict[tuple[int, int], list[int]] = {}
    by_row: dict[int, list[int]] = {}
    for row, column in cells:
        by_row.setdefault(row, []).append(column)
    for row, columns in by_row.items():
        for span in spans(columns):
            lines.setdefault(span, []).append(row)
    for (left, right), rows in lines.items():
        for start, stop in spans(rows):
            block = [
                [cells[row, column] for column in range(left, right)] for row in range(start, stop)
            ]
            yield requests.write_cells(sheet_id, start, left, block, fields)


def spans(numbers: Iterable[int]) -> list[tuple[int, int]]:
    """Return (start, stop) of the runs of numbers that follow one another."""
    found = []
    for _, run in groupby(enumerate(sorted(numbers)), key=lambda pair: pair[1] - pair[0]):
        members = [number for _, number in run]
        found.append((members[0], members[-1] + 1))
    return found
