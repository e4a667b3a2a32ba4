"""A1 notation and rectangles of cells."""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from tests.sheets_emulator.errors import Json


class Area(NamedTuple):
    """A rectangle of one sheet, zero-based and half-open, with every edge known."""

    sheet_id: int
    top: int
    left: int
    bottom: int
    right: int

    @property
    def height(self) -> int:
        return self.bottom - self.top

    @property
    def width(self) -> int:
        return self.right - self.left

    def contains(self, other: Area) -> bool:
        """Whether `other` lies wholly inside."""
        return (
            self.sheet_id == other.sheet_id
            and self.top <= other.top
            and self.left <= other.left
            and other.bottom <= self.bottom
            and other.right <= self.right
        )

    def overlaps(self, other: Area) -> bool:
        """Whether the two share a cell."""
        return (
            self.sheet_id == other.sheet_id
            and self.top < other.bottom
            and other.top < self.bottom
            and self.left < other.right
            and other.left < self.right
        )

    def grid_range(self) -> Json:
        """The area as a fully bounded GridRange."""
        return {
            "sheetId": self.sheet_id,
            "startRowIndex": self.top,
            "endRowIndex": self.bottom,
            "startColumnIndex": self.left,
            "endColumnIndex": self.right,
        }


class Bounds(NamedTuple):
    """A range as written: an edge that was left open is None."""

    top: int | None
    left: int | None
    bottom: int | None
    right: int | None

    @property
    def is_one_cell(self) -> bool:
        """Whether it was written as a single cell, such as `B2`."""
        return (
            self.top is not None
            and self.left is not None
            and self.bottom == self.top + 1
            and self.right == self.left + 1
        )


@functools.lru_cache(maxsize=20_000)
def column_letters(index: int) -> str:
    """0 → `A`, 26 → `AA`."""
    letters = ""
    index += 1
    while index:
        index, digit = divmod(index - 1, 26)
        letters = chr(ord("A") + digit) + letters
    return letters


def column_index(letters: str) -> int:
    """`A` → 0, `AA` → 26."""
    index = 0
    for letter in letters.upper():
        index = index * 26 + ord(letter) - ord("A") + 1
    return index - 1


def quoted(title: str) -> str:
    """A sheet's title as it stands before the `!`, quoted where it must be."""
    plain = re.fullmatch(r"[A-Za-z_][A-Za-z0-9_.]*", title)
    looks_like_a_cell = parse_bounds(title) or re.fullmatch(r"[Rr]\d*[Cc]\d*", title)
    if plain and not looks_like_a_cell:
        return title
    return "'" + title.replace("'", "''") + "'"


def format_bounds(title: str, bounds: Bounds) -> str:
    """`Sheet1!A1:B2`; one cell as `Sheet1!A1`; open edges stay open."""
    top, left, bottom, right = bounds
    start = ("" if left is None else column_letters(left)) + ("" if top is None else str(top + 1))
    end = ("" if right is None else column_letters(right - 1)) + (
        "" if bottom is None else str(bottom)
    )
    if bounds.is_one_cell:
        return f"{quoted(title)}!{start}"
    return f"{quoted(title)}!{start}:{end}" if start or end else quoted(title)


def format_area(title: str, area: Area) -> str:
    """`Sheet1!A1:B2`, one cell as `Sheet1!A1`."""
    return format_bounds(title, Bounds(area.top, area.left, area.bottom, area.right))


_END = re.compile(r"\$?([A-Za-z]{1,3})?\$?([1-9][0-9]{0,7})?")


def parse_bounds(text: str) -> Bounds | None:
    """`A1`, `A1:B2`, `A:B`, `1:2`, `A5:B`, `A1:1`; None where the text is none of these."""
    start, colon, end = text.partition(":")
    first = _END.fullmatch(start)
    if first is None or not start:
        return None
    left = None if first[1] is None else column_index(first[1])
    top = None if first[2] is None else int(first[2]) - 1
    if not colon:
        if left is None or top is None:
            return None
        return Bounds(top, left, top + 1, left + 1)
    last = _END.fullmatch(end)
    if last is None or not end:
        return None
    right = None if last[1] is None else column_index(last[1]) + 1
    bottom = None if last[2] is None else int(last[2])
    if left is not None and right is not None and left >= right:
        left, right = right - 1, left + 1
    if top is not None and bottom is not None and top >= bottom:
        top, bottom = bottom - 1, top + 1
    return Bounds(top, left, bottom, right)


def split_sheet(text: str) -> tuple[str | None, str]:
    """`'My ''tab'''!A1` → (`My 'tab'`, `A1`); the title is None where there is none."""
    match = re.fullmatch(r"'((?:[^']|'')*)'(?:!(.*))?", text, re.DOTALL)
    if match:
        return match[1].replace("''", "'"), match[2] or ""
    title, mark, rest = text.rpartition("!")
    return (title, rest) if mark else (None, text)
