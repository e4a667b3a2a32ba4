"""Rows added, changed and removed, as a person would count them."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from refsync.worksheet.values import is_blank

if TYPE_CHECKING:
    from collections.abc import Sequence

    from refsync.worksheet.values import Row


def count_changes(old: Sequence[Row], new: Sequence[Row]) -> tuple[int, int, int]:
    """Return how many rows of `new` are added, how many are changed, how many of `old` are removed.

    A row is identified by its leading columns: as few as are unique on both sides. If that takes
    all columns, no row is changed: one is removed and another is added. Order does not count.
    Blank rows are ignored on both sides, because nobody can see them.

    >>> count_changes([("a", 1), ("b", 2)], [("b", 3), ("c", 4)])
    (1, 1, 1)
    """
    if list(old) == list(new):
        return 0, 0, 0
    old, new = ([row for row in rows if not is_blank(row)] for rows in (old, new))
    if not old or not new:
        return len(new), 0, len(old)
    width = key_width(old, new)
    gone, come = Counter(old), Counter(new)
    common = gone & come
    gone, come = gone - common, come - common
    changed = len({row[:width] for row in gone} & {row[:width] for row in come})
    return come.total() - changed, changed, gone.total() - changed


def key_width(old: Sequence[Row], new: Sequence[Row]) -> int:
    """Return how many leading columns are unique on both sides; all columns, if none are.

    `new` is not empty.
    """
    width = len(new[0])
    for leading in range(1, width):
        if all(len({row[:leading] for row in rows}) == len(rows) for rows in (old, new)):
            return leading
    return width
