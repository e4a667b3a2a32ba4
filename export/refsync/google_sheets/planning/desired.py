"""A mart's table as its worksheet is to hold it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from refsync.google_sheets import limits
from refsync.worksheet.values import Row, SheetValue, key_of, sheet_value

if TYPE_CHECKING:
    from refsync.worksheet.table import Table


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
        values = (header, *(tuple(map(sheet_value, row)) for row in table.rows))
        limits.check_table(table, values)
        return cls(table, values, tuple(tuple(map(key_of, row)) for row in values))

    @property
    def width(self) -> int:
        """The number of columns."""
        return len(self.table.columns)

    @property
    def looks_like_formulas(self) -> bool:
        """Whether any text begins like a formula does."""
        return any(isinstance(key, str) and key[0] == "=" for row in self.keys for key in row)
