"""The name of a row, and its numbers, in words."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from refsync.notify.columns import by_weight, cell_words, header_words, label_column, weight_of
from refsync.worksheet.table import NUMERIC

if TYPE_CHECKING:
    from collections.abc import Sequence

    from refsync.worksheet.table import Table
    from refsync.worksheet.values import Row

MAX_NAME = 80
"""Characters of a row's name."""


@dataclass(frozen=True)
class Name:
    """The name of a row.

    Attributes:
        words: The name.
        subject: The key and the name with their headers, which are the same in other worksheets
            about the same subject. Where the key has no name beside it, it is this worksheet's own.
    """

    words: str
    subject: object


class Names:
    """The names of a worksheet's rows."""

    def __init__(self, table: Table, rows: Sequence[Row], key: Sequence[int]) -> None:
        """Name these rows, header first, by their key, or by the column that names it."""
        self.key = key
        self._table, self._rows = table, rows
        self._label = label_column(table, rows[1:], key)
        self._times = Counter(row[self._label] for row in rows if self._label is not None)

    def of(self, index: int) -> Name:
        """Return the name of a row."""
        row, header = self._rows[index], self._rows[0]
        key = tuple((header[at], row[at]) for at in self.key)
        words = " · ".join(cell_words(row[at], self._table.columns[at]) for at in self.key)
        subject: object = (self._table.worksheet, key)
        if self._label is not None and row[self._label] is not None:
            label = row[self._label]
            words = f"{label} ({words})" if self._times[label] > 1 else str(label)
            subject = (key, header[self._label], label)
        elif all(self._table.columns[at].format in NUMERIC for at in self.key):
            words = f"{header_words(str(header[self.key[0]]))} {words}"
        return Name(words if len(words) <= MAX_NAME else f"{words[: MAX_NAME - 1]}…", subject)


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
