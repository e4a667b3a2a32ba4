"""What refsync remembers of its own worksheets in a workbook, to tell people's additions from it.

It is JSON in custom properties of the workbook, in pieces because one may have 255 characters.
Headers and notes are there as short hashes.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING

from refsync.worksheet import theme
from refsync.worksheet.header_note import header_note

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

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
    """

    rows: int
    headers: tuple[str, ...]
    notes: tuple[str, ...]
    color: str


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
        ]
        for table in tables
    }
    text = json.dumps([theme.HEADER, sheets], separators=(",", ":"))
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
        color, sheets = json.loads("".join(pieces))
        return {
            title: OwnMarks(int(rows), _split(headers), _split(notes), str(color).strip("#"))
            for title, (rows, headers, notes) in sheets.items()
        }
    except (ValueError, TypeError, AttributeError):
        return {}


def _split(marks: str) -> tuple[str, ...]:
    return tuple(marks[at : at + _MARK] for at in range(0, len(marks), _MARK))
