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

    A row is known by its leading columns: as few of them as tell all rows apart, on both sides.
    Where that takes all columns, no row changes; one goes and another comes. Order does not count.
    A blank row is none, on either side: nobody can see whether it is there.
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
    """Return how many leading columns tell all rows apart on both sides; all columns, if none do.

    `new` is not empty.
    """
    width = len(new[0])
    for leading in range(1, width):
        if all(len({row[:leading] for row in rows}) == len(rows) for rows in (old, new)):
            return leading
    return width
