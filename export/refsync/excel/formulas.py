"""Formulas of people in a workbook that is written new: their references follow rows and columns.

openpyxl's `Translator` shifts a reference by its formula's own way, in both directions. Columns
come, go and change places one by one, so here each reference follows the column that it names.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from refsync.worksheet.area import column_letters

if TYPE_CHECKING:
    from collections.abc import Mapping

LOST = "#REF!"
"""What a spreadsheet shows in place of a reference to a cell that is not there any more."""

MAX_ROW, MAX_COLUMN = 1_048_576, 16_384
"""Of a worksheet of Excel."""

_SHEET = r"(?:'(?:[^']|'')*'|[^'!:\s]+(?::[^'!:\s]+)?)!"
_REFERENCE = re.compile(
    rf"""
    (?P<sheet>{_SHEET})?
    (?:
      (?P<left>\$?[A-Za-z]{{1,3}})(?P<top>\$?[1-9]\d{{0,6}})
      (?: :(?P<again>{_SHEET})?(?P<right>\$?[A-Za-z]{{1,3}})(?P<bottom>\$?[1-9]\d{{0,6}}) )?
      | (?P<first_column>\$?[A-Za-z]{{1,3}}):(?P<last_column>\$?[A-Za-z]{{1,3}})
      | (?P<first_row>\$?[1-9]\d{{0,6}}):(?P<last_row>\$?[1-9]\d{{0,6}})
    )
    """,
    re.VERBOSE,
)
_COLON = re.compile(r"('(?:[^']|'')*')|:")


@dataclass(frozen=True)
class NewColumns:
    """Where the columns of a worksheet go.

    Attributes:
        places: The new column of each old one, 0-based; `None` where it does not come again.
        width: How many columns there are afterwards. What is behind all of them keeps its distance.
    """

    places: tuple[int | None, ...] = ()
    width: int = 0

    @property
    def are_same(self) -> bool:
        """Whether no column changes its place."""
        return self.places == (*range(len(self.places)),) and self.width == len(self.places)

    def of(self, first: int, last: int) -> tuple[int, int] | None:
        """Return the columns that a range of columns becomes; `None` if there is no such range.

        As where a person inserts and deletes columns, a range shrinks by those that go, and grows
        by new ones between its own. If another old column came between them, it is no range.
        """
        inside = self._among(first, last + 1)
        if not inside:
            return None
        left, right = min(inside), max(inside)
        others = self._among(0, first) + self._among(last + 1, len(self.places))
        return None if any(left <= place <= right for place in others) else (left, right)

    def _among(self, start: int, stop: int) -> list[int]:
        known = [place for place in self.places[start:stop] if place is not None]
        behind = self.width - len(self.places)
        return [*known, *(at + behind for at in range(max(start, len(self.places)), stop))]


SAME = NewColumns()
"""Where no column changes its place."""


def followed(formula: str, rows: int, title: str, columns: Mapping[str, NewColumns]) -> str:
    """Return a formula as it is when its cell goes to another row, and columns change places.

    A reference that leaves the worksheet, or whose column is gone, becomes `#REF!`. A formula that
    openpyxl cannot split stays as it is.

    Args:
        formula: The formula, with its "=".
        rows: How many rows further down its cell goes; a row with a "$" is the same row.
        title: The worksheet that the formula is in.
        columns: Where the columns of the worksheets go, by their titles in lower case.
    """
    if not rows and all(each.are_same for each in columns.values()):
        return formula
    from openpyxl.formula import Tokenizer  # noqa: PLC0415 - an extra
    from openpyxl.formula.tokenizer import Token  # noqa: PLC0415 - an extra

    try:
        tokens = Tokenizer(formula).items
    except Exception:  # noqa: BLE001 - openpyxl raises what it meets
        return formula
    follower = _Follower(rows, title, columns)
    parts = []
    for token in tokens:
        text = str(token.value)
        if token.type == Token.OPERAND and token.subtype == Token.RANGE:
            text = follower.chain(text)
        elif token.type == Token.FUNC and ":" in text:  # A1:INDEX(
            start, _, function = text.rpartition(":")
            text = f"{follower.chain(start)}:{function}"
        parts.append(text)
    is_same = parts == [str(token.value) for token in tokens]
    return formula if is_same else "=" + "".join(parts)


@dataclass(frozen=True)
class _Follower:
    rows: int
    title: str
    columns: Mapping[str, NewColumns]

    def chain(self, text: str) -> str:
        """Return references and names that are joined by colons."""
        if _REFERENCE.fullmatch(text):
            return self._reference(text)
        ends = [*(each.start() for each in _COLON.finditer(text) if not each[1]), len(text)]
        starts = [0, *(end + 1 for end in ends)]
        pieces = [text[start:end] for start, end in zip(starts, ends, strict=False)]
        return ":".join(map(self._reference, pieces))

    def _reference(self, text: str) -> str:
        found = _REFERENCE.fullmatch(text)
        if not found:
            return text  # a name
        sheet = found["sheet"] or ""
        if found["first_row"]:
            rows = self._rows(found["first_row"], found["last_row"])
            return f"{sheet}{rows[0]}:{rows[1]}" if rows else LOST
        left = found["left"] or found["first_column"]
        right = found["right"] or found["last_column"] or left
        if max(_column(left), _column(right)) >= MAX_COLUMN:
            return text  # a name such as XYZ1
        columns = self._columns(sheet, left, right)
        if found["first_column"]:
            return f"{sheet}{columns[0]}:{columns[1]}" if columns else LOST
        top = found["top"]
        rows = self._rows(top, found["bottom"] or top)
        if not columns or not rows:
            return LOST
        start, end = (f"{column}{row}" for column, row in zip(columns, rows, strict=True))
        return f"{sheet}{start}:{found['again'] or ''}{end}" if found["right"] else sheet + start

    def _columns(self, sheet: str, left: str, right: str) -> tuple[str, str] | None:
        title = sheet[:-1].strip("'").replace("''", "'") or self.title
        ends = sorted((left, right), key=_column)
        places = self.columns.get(title.lower(), SAME).of(*map(_column, ends))
        if not places or places[1] >= MAX_COLUMN:
            return None
        first, last = (
            ("$" if end.startswith("$") else "") + column_letters(place)
            for end, place in zip(ends, places, strict=True)
        )
        return (first, last) if ends == [left, right] else (last, first)

    def _rows(self, top: str, bottom: str) -> tuple[str, str] | None:
        rows = [
            int(row[1:]) if row.startswith("$") else int(row) + self.rows for row in (top, bottom)
        ]
        if not all(0 < row <= MAX_ROW for row in rows):
            return None
        first, last = (
            ("$" if end.startswith("$") else "") + str(row)
            for end, row in zip((top, bottom), rows, strict=True)
        )
        return first, last


def _column(text: str) -> int:
    """Return the 0-based index of a column.

    >>> _column("$AA")
    26
    """
    index = 0
    for letter in text.removeprefix("$").upper():
        index = 26 * index + ord(letter) - ord("A") + 1
    return index - 1
