"""Which row of a worksheet is which row of the table that comes: rows are known by their keys.

A grid here is a list of rows, the header being row 0.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from datetime import timedelta
from decimal import ROUND_HALF_UP, Context
from itertools import zip_longest
from typing import TYPE_CHECKING

from refsync.worksheet.table import MAX_DIGITS, TEMPORAL
from refsync.worksheet.values import EPOCH, SECONDS_A_DAY, Formula, Truth, is_blank, row_of

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Mapping, Sequence

    from refsync.worksheet.table import Format, Table
    from refsync.worksheet.values import Key, Row

MAX_KEY_WORDS = 500
"""Characters of a key that are shown."""

MAX_DAY = 2_958_466
"""The serial number of the first day after the year 9999."""

_AS_WRITTEN = Context(prec=MAX_DIGITS, rounding=ROUND_HALF_UP)

Pair = tuple[int, int]
"""The index of one column, on the old and on the new side."""


def grid_of(table: Table) -> list[Row]:
    """Return the identities of a table's cells, as a worksheet has them: the header is row 0."""
    return [tuple(column.header for column in table.columns), *map(row_of, table.rows)]


def match_rows(old: Sequence[Row], new: Sequence[Row], key: Sequence[int]) -> dict[int, int]:
    """Return old row → new row, for the rows that are the same.

    Rows are the same if their key is. Without a key it takes the whole row, as far as both sides
    have its columns. A key that a person typed again, as text instead of a number or with a blank
    before it, is still that key. A row that was blanked between two rows which are still neighbours
    is the row that belongs between them.

    Args:
        old: The worksheet's rows. The header says which column is which.
        new: The rows that come.
        key: Indices of the key's columns in `new`; none where the whole row is the key.
    """
    if not old or not new:
        return {}
    pairs = common_columns(old[0], new[0])
    keyed = [pair for pair in pairs if pair[1] in key]
    chosen = keyed if key and len(keyed) == len(key) else pairs
    if not chosen:
        return {}
    olds = _by_key(old, [left for left, _ in chosen], tuple)
    news = _by_key(new, [right for _, right in chosen], tuple)
    found: dict[int, int] = {}
    for each, indices in olds.items():
        found |= _paired(indices, news.get(each, ()), old, new, pairs)
    _match_folded(old, new, chosen, found)
    _match_blanked(old, found)
    return found


def key_words(old: Sequence[Row], index: int, table: Table) -> str:
    """Return a row's key as a person reads it; of a whole row what fits.

    Args:
        old: The worksheet's rows, header first.
        index: The row.
        table: The table, for its key and its formats.
    """
    pairs = common_columns(old[0], tuple(column.header for column in table.columns))
    keyed = [pair for pair in pairs if pair[1] in table.key]
    chosen = keyed if table.key and len(keyed) == len(table.key) else pairs
    words = [
        value_words(old[index][left], table.columns[right].format)
        for left, right in chosen
        if old[index][left] is not None
    ]
    return " · ".join(words)[:MAX_KEY_WORDS]


def value_words(value: Key, shown_as: Format) -> str:
    """Return a value as a person reads it: a date as such, a number with all its digits."""
    match value:
        case Truth():
            return str(value.value).upper()
        case Formula():
            return value.text
        case int() | float() if shown_as in TEMPORAL and 0 < value < MAX_DAY:
            moment = EPOCH + timedelta(seconds=round(value * SECONDS_A_DAY))
            return str(moment)[: 10 if shown_as == "date" else 19]
        case int() | float():
            return f"{value:.15g}"
        case _:
            return str(value)


def common_columns(old: Row, new: Row) -> list[Pair]:
    """Return the columns that both sides have, by their headers.

    A column whose header a person edited keeps its index, if neither header is elsewhere.
    """
    texts = [str(header) for header in old]
    names = [str(header) for header in new]
    return [
        (texts.index(name) if name in texts else index, index)
        for index, name in enumerate(names)
        if texts.count(name) == 1
        or (
            name not in texts
            and index < len(texts)
            and old[index] is not None
            and texts[index] not in names
        )
    ]


def _by_key(
    rows: Sequence[Row],
    columns: Sequence[int],
    fold: Callable[[Iterable[Key]], Row],
    matched: Container[int] = (),
) -> dict[Row, list[int]]:
    indices: dict[Row, list[int]] = defaultdict(list)
    for index, row in enumerate(rows[1:], 1):
        if index not in matched and not is_blank(row):
            indices[fold([row[column] for column in columns])].append(index)
    return indices


def _paired(
    olds: Sequence[int],
    news: Sequence[int],
    old: Sequence[Row],
    new: Sequence[Row],
    pairs: Iterable[Pair],
) -> dict[int, int]:
    """Return which row of one key is which.

    If there are several, equal rows come first, and of several for one, the one that is most like
    it.
    """
    if len(olds) == 1 and len(news) <= 1:
        return dict(zip(olds, news, strict=False))
    columns = list(pairs)
    found = _equal(olds, news, old, new, columns)
    olds = [index for index in olds if index not in found]
    taken = {*found.values()}
    news = [index for index in news if index not in taken]
    if len(news) == 1 and len(olds) > 1:

        def likeness(index: int) -> int:
            return sum(old[index][left] == new[news[0]][right] for left, right in columns)

        return {**found, max(olds, key=likeness): news[0]}
    return {**found, **dict(zip(olds, news, strict=False))}


def _equal(
    olds: Sequence[int],
    news: Sequence[int],
    old: Sequence[Row],
    new: Sequence[Row],
    columns: Sequence[Pair],
) -> dict[int, int]:
    """Return the rows that are the same on both sides, in their order."""
    waiting: dict[Row, list[int]] = defaultdict(list)
    for index in reversed(news):
        waiting[tuple(new[index][right] for _, right in columns)].append(index)
    found = {}
    for index in olds:
        if same := waiting.get(tuple(old[index][left] for left, _ in columns)):
            found[index] = same.pop()
    return found


def _match_folded(
    old: Sequence[Row], new: Sequence[Row], pairs: Sequence[Pair], found: dict[int, int]
) -> None:
    """Match what is left by keys that look the same, where one row on each side does."""
    for rounded in (_rounded, _rounded_as_written):

        def folded(row: Iterable[Key], rounded: Callable[[float], str] = rounded) -> Row:
            return tuple(_fold(value, rounded) for value in row)

        olds = _by_key(old, [left for left, _ in pairs], folded, found.keys())
        news = _by_key(new, [right for _, right in pairs], folded, {*found.values()})
        for each, left in olds.items():
            right = news.get(each, [])
            if len(left) == len(right) == 1:
                found[left[0]] = right[0]


def _fold(value: Key, rounded: Callable[[float], str]) -> Key:
    match value:
        case None | Formula():
            return value
        case Truth():
            return str(value.value)
        case str():
            shown = "".join(
                sign for sign in unicodedata.normalize("NFC", value) if sign.isprintable()
            )
            return shown.strip()
        case _:
            return rounded(value)


def _rounded(value: float) -> str:
    """Return a number with as many digits as most programs keep."""
    return f"{value:.15g}"


def _rounded_as_written(value: float) -> str:
    """Return a number as LibreOffice saves it: it rounds the shortest decimal, not the number.

    >>> _rounded(4856.285714285715), _rounded_as_written(4856.285714285715)
    ('4856.28571428571', '4856.28571428572')
    """
    return _rounded(float(_AS_WRITTEN.create_decimal(repr(value))))


def _match_blanked(old: Sequence[Row], found: dict[int, int]) -> None:
    """Match blank rows that leave a gap of their own number between two matched neighbours."""
    taken = {*found.values()}
    above: Mapping[int, int] = {0: 0, **found}
    index = 1
    while index < len(old):
        if not is_blank(old[index]):
            index += 1
            continue
        start = index
        while index < len(old) and is_blank(old[index]):
            index += 1
        first, after = above.get(start - 1), found.get(index)
        if first is None or after is None or after - first != index - start + 1:
            continue
        gap = range(first + 1, after)
        if not taken.intersection(gap):
            found |= dict(zip_longest(range(start, index), gap))
