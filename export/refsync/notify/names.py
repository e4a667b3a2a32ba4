"""The name of a row, and its numbers, in words."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from refsync.notify.columns import by_weight, cell_words, header_words, label_column, weight_of
from refsync.worksheet.table import NUMERIC

if TYPE_CHECKING:
    from collections.abc import Sequence

    from refsync.worksheet.table import Table
    from refsync.worksheet.values import Row

MAX_NAME = 80
"""Characters of a row's name."""


class Names:
    """The names of a worksheet's rows.

    Attributes:
        key: The columns that tell the rows apart.
        subject: What the rows are about: the headers of key and name, which other worksheets about
            the same have too. Where the key has no name beside it, it is this worksheet's own.
    """

    def __init__(self, table: Table, rows: Sequence[Row], key: Sequence[int]) -> None:
        """Name these rows, header first, by their key, or by the column that names it."""
        self.key = key
        self._table, self._rows = table, rows
        self._label = label_column(table, rows[1:], key)
        self._times = Counter(row[self._label] for row in rows if self._label is not None)
        named = table.worksheet if self._label is None else rows[0][self._label]
        self.subject = (*(rows[0][at] for at in key), named)

    def of(self, index: int) -> str:
        """Return the name of a row."""
        row, header = self._rows[index], self._rows[0]
        words = " · ".join(cell_words(row[at], self._table.columns[at]) for at in self.key)
        if self._label is not None and row[self._label] is not None:
            label = row[self._label]
            words = f"{label} ({words})" if self._times[label] > 1 else str(label)
        elif all(self._table.columns[at].format in NUMERIC for at in self.key):
            words = f"{header_words(str(header[self.key[0]]))} {words}"
        return words if len(words) <= MAX_NAME else f"{words[: MAX_NAME - 1]}…"


def difference_words(
    table: Table, old: Row, new: Row, differing: Sequence[int], key: Sequence[int]
) -> tuple[str, tuple[float, ...]] | None:
    """Return the most important difference between two rows, in words, with its weight.

    `None` if no difference is worth a line.
    """
    index = next((at for at in by_weight(table, key) if at in differing), None)
    if index is None:
        return None
    column, was, is_now = table.columns[index], old[index], new[index]
    arrow = f"{cell_words(was, column)} → {cell_words(is_now, column)}"
    if column.format not in NUMERIC:
        return f"{header_words(column.header)} {arrow}", (weight_of(column),)
    before, after = (each if isinstance(each, int | float) else 0 for each in (was, is_now))
    return f"{arrow} {header_words(column.header)}", (weight_of(column), -abs(after - before))


def new_words(table: Table, row: Row, key: Sequence[int]) -> str:
    """Return that a row is new, with its most important number."""
    numbers = [at for at in by_weight(table, key) if table.columns[at].format in NUMERIC]
    shown = next((at for at in numbers if row[at] is not None), None)
    if shown is None:
        return "new"
    column = table.columns[shown]
    return f"new ({header_words(column.header)}: {cell_words(row[shown], column)})"
