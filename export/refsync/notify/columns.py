"""What of a worksheet a message is about: the name of a row, and the number that counts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from refsync.worksheet.row_keys import value_words
from refsync.worksheet.table import NUMERIC, TEMPORAL

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from refsync.worksheet.table import Column, Table
    from refsync.worksheet.values import Key, Row

_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[^A-Z\W\d_]+|\d+|[^\W\d_]+")
_IDENTIFIER = re.compile(r"(?i)(?:id|uuid|key|number|nr|no)")


def header_words(header: str) -> str:
    """Return a header as words within a sentence.

    >>> header_words("TotalSignups"), header_words("signups_last_7_days"), header_words("ARR")
    ('signups', 'signups last 7 days', 'ARR')
    """
    words = [word if word.isupper() else word.lower() for word in _WORDS.findall(header)]
    return " ".join(words[1:] if words[:1] == ["total"] and words[1:] else words) or header


def cell_words(value: Key, column: Column) -> str:
    """Return a value as its worksheet shows it.

    >>> from refsync.worksheet.table import Column
    >>> cell_words(0.125, Column("rate", "Rate", "percent"))
    '12.50%'
    """
    if isinstance(value, int | float) and column.format in NUMERIC - {"plain"}:
        decimals = 2 if column.decimals is None else column.decimals
        if column.format == "percent":
            return f"{value * 100:,.{decimals}f}%"
        if column.format == "decimal" or column.decimals is not None:
            return f"{value:,.{decimals}f}"
        return f"{value:,.15g}" if column.format == "number" else f"{value:,.0f}"
    return "blank" if value is None else value_words(value, column.format)


def label_column(table: Table, rows: Sequence[Row], key: Sequence[int]) -> int | None:
    """Return the column that names the rows, where the key does not do so itself.

    A key such as OfficerID does not say who it is. The name is in the first text column beside it
    that has different texts in most rows.
    """
    if not all(_is_identifier(table.columns[index]) for index in key):
        return None
    for index, column in enumerate(table.columns):
        if index not in key and column.format == "text" and not _is_identifier(column):
            names = [row[index] for row in rows if row[index] is not None]
            if names and 2 * len(set(names)) >= len(rows):
                return index
    return None


def _is_identifier(column: Column) -> bool:
    words = [*_WORDS.findall(column.header), *_WORDS.findall(column.name)]
    return column.format in NUMERIC or any(map(_IDENTIFIER.fullmatch, words))


def weight_of(column: Column) -> int:
    """Return how much a change of a column says, 0 for most.

    Numbers with bars are what the worksheet compares its rows by. A text such as a status changes
    seldom. Other numbers follow, then dates.
    """
    if column.scale == "bar":
        return 0
    return 2 if column.format in NUMERIC else 3 if column.format in TEMPORAL else 1


def by_weight(table: Table, key: Iterable[int]) -> list[int]:
    """Return the columns that a row may be judged by, the most important first.

    A number of days since something is none: it grows by itself.
    """
    told = [
        index
        for index, column in enumerate(table.columns)
        if index not in set(key) and _WORDS.findall(column.header)[:1] not in (["Days"], ["days"])
    ]
    return sorted(told, key=lambda index: weight_of(table.columns[index]))
