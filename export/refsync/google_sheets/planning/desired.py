"""A mart's table as its worksheet is to hold it."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b
from itertools import chain
from typing import TYPE_CHECKING, TypeGuard, cast

from refsync.google_sheets import limits
from refsync.worksheet.values import Row, SheetValue, key_of, sheet_value

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from refsync.worksheet.table import Cell, Table


@dataclass(frozen=True)
class Desired:
    """A table in a worksheet's values, header row first.

    Attributes:
        table: The table.
        values: What is sent, row by row.
        keys: The same values' identities, to compare with what is there.
    """

    table: Table
    values: tuple[tuple[SheetValue, ...], ...]
    keys: tuple[Row, ...]

    @classmethod
    def from_table(cls, table: Table) -> Desired:
        """Return the values of a table.

        Raises:
            DestinationError: A text is too long for a cell, or there are too many columns.
        """
        header = tuple(sheet_value(column.header) for column in table.columns)
        columns = map(_sheet_values, zip(*table.rows, strict=True))
        values = (header, *zip(*columns, strict=True))
        limits.check_table(table, values)
        return cls(table, values, values if _are_keys(values) else _keys_of(values))

    @property
    def width(self) -> int:
        """The number of columns."""
        return len(self.table.columns)

    def outline(self, height: int = 0) -> str:
        """Return where so many rows, or all, begin and end, to see whether rows moved."""
        return outline_of(self.keys, self.table, height or len(self.keys))

    def has_moved(self, outline: str) -> bool:
        """Whether rows changed places, came between others or left, going by an earlier outline.

        Changes that leave both ends in their places do not show in it.
        """
        number = outline.partition(":")[0]
        height = int(number) if number.isdecimal() else 0
        return height > len(self.keys) or (height > 0 and self.outline(height) != outline)

    @property
    def looks_like_formulas(self) -> bool:
        """Whether any text begins like a formula does."""
        texts = set(chain.from_iterable(self.keys))
        return any(isinstance(key, str) and key[0] == "=" for key in texts)


def outline_of(rows: Sequence[Row], table: Table, height: int) -> str:
    """Return the outline of a worksheet's rows, header first, as far as its height.

    That is the height, and a digest of the header and of the keys of the first and the last row.
    """
    key = table.key or range(len(table.columns))
    ends = [
        # A spreadsheet does not tell 1 from 1.0.
        [float(cell) if isinstance(cell := rows[row][column], int) else cell for column in key]
        for row in (min(1, height - 1), height - 1)
    ]
    header = rows[0][: len(table.columns)]
    digest = blake2b(repr((header, ends)).encode(), digest_size=4).hexdigest()
    return f"{height}:{digest}"


def _sheet_values(column: tuple[Cell, ...]) -> Iterable[SheetValue]:
    """Return a column's values as they are sent: most are sent as they are."""
    if set(map(type, column)) <= _AS_THEY_ARE and "" not in column:
        return cast("tuple[SheetValue, ...]", column)
    return map(sheet_value, column)


_AS_THEY_ARE = {type(None), bool, int, float, str}


def _keys_of(values: Iterable[Sequence[SheetValue]]) -> tuple[Row, ...]:
    return tuple(tuple(map(key_of, row)) for row in values)


def _are_keys(values: Sequence[Sequence[SheetValue]]) -> TypeGuard[tuple[Row, ...]]:
    """Whether all values are their own identities, as most are: then they are kept once."""
    if bool in set(map(type, chain.from_iterable(values))):
        return False
    return not any(
        isinstance(value, str) and "\r" in value for value in set(chain.from_iterable(values))
    )
