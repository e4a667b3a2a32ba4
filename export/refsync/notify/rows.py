"""What changed in a worksheet, row by row, in words: `Ada: 41 → 44 signups`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from refsync.notify.columns import cell_words
from refsync.notify.names import Names, difference_words, new_words
from refsync.worksheet.row_counts import key_width
from refsync.worksheet.row_keys import common_columns, grid_of, match_rows
from refsync.worksheet.table import TEMPORAL
from refsync.worksheet.values import is_blank

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from refsync.worksheet.table import Table
    from refsync.worksheet.values import Row

FINDING = "Finding"
"""The header of a column with sentences: a worksheet that has one is a list of findings."""


@dataclass(frozen=True)
class Change:
    """What happened to one row.

    Attributes:
        words: The line about it.
        weight: The change with the least one comes first.
    """

    words: str
    weight: tuple[float, ...] = ()


@dataclass(frozen=True)
class Changes:
    """What changed in one worksheet.

    Attributes:
        worksheet: The worksheet's title.
        rows: The rows that can be named, the most important first.
        counts: Numbers of rows in words; empty if nothing changed.
        subject: What the rows are about: officers in two worksheets are one subject.
        are_findings: Whether the rows are findings.
        is_drawn: Whether a dashboard draws the rows: then they repeat other worksheets' numbers.
    """

    worksheet: str
    rows: tuple[Change, ...] = ()
    counts: str = ""
    subject: object = None
    are_findings: bool = False
    is_drawn: bool = False


def changes_of(table: Table, before: Sequence[Row] | None) -> Changes:
    """Return what changed in a worksheet.

    Rows are the same if their key is. Without a key it is the first columns, as few as tell all
    rows apart. Rows of a date come and go each day, so they are counted and not named.

    Args:
        table: What the worksheet has now.
        before: The rows that it had, header first; `None` for a new worksheet.
    """
    compared = _compare(table, before or [()])
    rows: list[Change] = []
    subject: object = table.worksheet
    are_findings = FINDING in compared.new[0]
    is_dated = any(table.columns[index].format in TEMPORAL for index in compared.key)
    if are_findings:
        rows = _findings(compared.new, compared.added)
    elif before and compared.key and not is_dated:
        names = Names(table, compared.new, compared.key)
        rows, subject = compared.named(names), names.subject
    return Changes(
        table.worksheet,
        tuple(rows),
        compared.counts(is_new=before is None),
        subject,
        are_findings,
        table.dashboard is not None,
    )


@dataclass(frozen=True)
class _Compared:
    """A worksheet before and after; the first row is the header.

    Attributes:
        table: The worksheet.
        old: Its rows before, in the columns that it has now.
        new: Its rows now.
        key: The columns that tell the rows apart; none if nothing less than all of them does.
        changed: For each row that changed, its index before, now, and the columns that differ.
        added: The indices of new rows.
        removed: The indices of old rows that are gone.
    """

    table: Table
    old: Sequence[Row]
    new: Sequence[Row]
    key: Sequence[int]
    changed: Sequence[tuple[int, int, Sequence[int]]]
    added: Sequence[int]
    removed: Sequence[int]

    def named(self, names: Names) -> list[Change]:
        """Return what happened to each row by its name, the largest difference first."""
        old_names = Names(self.table, self.old, self.key)
        found = []
        for left, right, differing in self.changed:
            difference = difference_words(
                self.table, self.old[left], self.new[right], differing, self.key
            )
            if difference:
                found.append(_change(names.of(right), *difference))
        for index in self.added:
            words = new_words(self.table, self.new[index], self.key)
            found.append(_change(names.of(index), words, (0.5,)))
        found += [_change(old_names.of(index), "removed", (0.6,)) for index in self.removed]
        return sorted(found, key=lambda change: change.weight)

    def counts(self, *, is_new: bool) -> str:
        """Return how many rows changed, in words, such as `1 row added, 20 changed`."""
        added = len(self.added)
        if is_new:
            return f"new, {added:,} row{'' if added == 1 else 's'}"
        counts = (added, "added"), (len(self.changed), "changed"), (len(self.removed), "removed")
        words = [(count, word) for count, word in counts if count]
        return ", ".join(
            f"{count:,} {'' if at else 'row ' if count == 1 else 'rows '}{word}"
            for at, (count, word) in enumerate(words)
        )


def _compare(table: Table, before: Sequence[Row]) -> _Compared:
    new = grid_of(table)
    pairs = common_columns(before[0], new[0])
    places = {right: left for left, right in pairs}
    old: list[Row] = [
        tuple(row[places[at]] if at in places else None for at in range(len(new[0])))
        for row in before
    ]
    old[0] = new[0]
    key = table.key or _leading_columns(old, new)
    matched = match_rows(old, new, key) if pairs else {}
    return _Compared(
        table,
        old,
        new,
        key,
        changed=[
            (left, right, differing)
            for left, right in matched.items()
            if (differing := _differing(old[left], new[right], places, table))
        ],
        added=sorted({*range(1, len(new))}.difference(matched.values())),
        removed=[
            index
            for index in range(1, len(old))
            if index not in matched and not is_blank(old[index])
        ],
    )


def _change(name: str, words: str, weight: tuple[float, ...]) -> Change:
    return Change(f"{name}: {words}", weight)


def _findings(new: Sequence[Row], added: Iterable[int]) -> list[Change]:
    """Return the findings in these rows, in the order of the worksheet."""
    column = new[0].index(FINDING)
    sentences = (new[index][column] for index in added)
    return [Change(str(each)) for each in sentences if each is not None]


def _leading_columns(old: Sequence[Row], new: Sequence[Row]) -> tuple[int, ...]:
    """Return the first columns that tell all rows apart; none if that takes all of them."""
    if len(new) < 2:
        return ()
    width = key_width([row for row in old[1:] if not is_blank(row)], new[1:])
    return tuple(range(width)) if width < len(new[0]) else ()


def _differing(old: Row, new: Row, columns: Iterable[int], table: Table) -> list[int]:
    """Return the columns in which a row is shown otherwise than before."""
    return [
        at
        for at in columns
        if old[at] != new[at]
        and cell_words(old[at], table.columns[at]) != cell_words(new[at], table.columns[at])
    ]
