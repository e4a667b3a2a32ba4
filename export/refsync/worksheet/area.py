"""Rectangles of cells, as the Sheets API and as people write them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Area:
    """A rectangle of cells, 0-based, ends exclusive; `None` as an end is unbounded."""

    top: int
    bottom: int | None
    left: int
    right: int | None

    @classmethod
    def from_json(cls, range_: Mapping[str, Any]) -> Area:
        """Return the area of a `GridRange`, in which an unset start is 0."""
        return cls(
            range_.get("startRowIndex", 0),
            range_.get("endRowIndex"),
            range_.get("startColumnIndex", 0),
            range_.get("endColumnIndex"),
        )

    def to_json(self, sheet_id: int) -> dict[str, int]:
        """Return the `GridRange` of this area on a sheet."""
        ends = {"endRowIndex": self.bottom, "endColumnIndex": self.right}
        starts = {"startRowIndex": self.top, "startColumnIndex": self.left}
        return {"sheetId": sheet_id, **starts} | {k: v for k, v in ends.items() if v is not None}

    @property
    def cells(self) -> int:
        """How many cells a bounded area has."""
        return ((self.bottom or 0) - self.top) * ((self.right or 0) - self.left)

    def meets(self, other: Area) -> bool:
        """Whether the two have a cell in common."""
        return (
            (other.bottom is None or self.top < other.bottom)
            and (self.bottom is None or other.top < self.bottom)
            and (other.right is None or self.left < other.right)
            and (self.right is None or other.left < self.right)
        )

    def holds(self, other: Area) -> bool:
        """Whether every cell of `other` is in this area."""
        return (
            self.top <= other.top
            and self.left <= other.left
            and (self.bottom is None or (other.bottom is not None and other.bottom <= self.bottom))
            and (self.right is None or (other.right is not None and other.right <= self.right))
        )

    def a1(self, title: str = "") -> str:
        """Return the area in A1 notation, with the tab's title if that is given.

        >>> Area(1, 11, 0, 3).a1("Bob's tab")
        "'Bob''s tab'!A2:C11"
        >>> Area(1, None, 0, 3).a1()
        'A2:C'
        """
        prefix = "'" + title.replace("'", "''") + "'!" if title else ""
        bottom = "" if self.bottom is None else str(self.bottom)
        right = "" if self.right is None else column_letters(self.right - 1)
        return f"{prefix}{column_letters(self.left)}{self.top + 1}:{right}{bottom}"


def column_letters(column: int) -> str:
    """Return a column's letters.

    >>> [column_letters(column) for column in (0, 25, 26, 702)]
    ['A', 'Z', 'AA', 'AAA']
    """
    letters = ""
    column += 1
    while column:
        column, letter = divmod(column - 1, 26)
        letters = chr(ord("A") + letter) + letters
    return letters
