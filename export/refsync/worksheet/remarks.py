"""What people wrote beside the rows of a worksheet, and where it goes when the rows move.

A remark is what a person added to one cell: a value to the right of refsync's columns, a note or a
background colour anywhere in a data row. It belongs to the row's key. This module decides only
where each remark goes; a destination carries it out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from refsync.worksheet.values import Formula, is_blank

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from refsync.worksheet.values import Key, Row

TITLE = "Kept_Remarks"
"""The tab for the remarks whose row left."""

HEADERS = ("Worksheet", "Key", "Column", "Text", "AsOfDate")

_Cell = TypeVar("_Cell")

Place = tuple[int, int]
"""The 0-based row and column of a cell; the header is row 0."""


@dataclass(frozen=True)
class Remark:
    """What a person added to one cell.

    Attributes:
        value: Its value, to the right of refsync's columns.
        note: Its note.
        color: Its background in the destination's words; empty where it is the column's own.
    """

    value: Key = None
    note: str = ""
    color: str = ""

    @property
    def texts(self) -> int:
        """How many texts it is: a value, a note, or both."""
        return (self.value is not None) + bool(self.note)


@dataclass(frozen=True)
class Move:
    """`rows` rows whose remarks go from row `source` to row `target`."""

    source: int
    target: int
    rows: int


@dataclass(frozen=True)
class Fill:
    """A formula that is filled down from row `source` to the rows from `start` to before `stop`."""

    column: int
    source: int
    start: int
    stop: int


@dataclass(frozen=True)
class Arrangement:
    """Where the remarks of one worksheet go.

    Attributes:
        columns: The reader's columns that move with their rows.
        formula_columns: The reader's columns that stay: their formulas speak of their own row.
        moves: Rows that change places, by target. They carry `columns` whole.
        vacated: Rows whose `columns` are blank afterwards.
        decorations: Cells outside `columns` and where their note and colour come from; `None` where
            they are taken away.
        kept: The remarks whose row left.
        fills: Formulas for the rows that are new at the end.
        moved: How many remarks change places.
    """

    columns: tuple[int, ...] = ()
    formula_columns: tuple[int, ...] = ()
    moves: tuple[Move, ...] = ()
    vacated: tuple[int, ...] = ()
    decorations: tuple[tuple[Place, Place | None], ...] = ()
    kept: tuple[Place, ...] = ()
    fills: tuple[Fill, ...] = ()
    moved: int = 0

    @property
    def is_needed(self) -> bool:
        """Whether anything has to be done."""
        return bool(self.moves or self.vacated or self.decorations or self.kept or self.fills)

    @property
    def sources(self) -> dict[int, int]:
        """Target row → source row, of the rows whose cells move as a whole."""
        return {
            move.target + row: move.source + row for move in self.moves for row in range(move.rows)
        }


def arrange(
    remarks: Mapping[Place, Remark],
    old: Sequence[Row],
    height: int,
    matches: Mapping[int, int],
    width: int,
) -> Arrangement:
    """Return where the remarks of a worksheet go.

    Args:
        remarks: The remarks below the header; outside the first `width` columns with their values.
        old: refsync's own cells as they are now, the header being row 0.
        height: How many rows there will be, the header included.
        matches: Old row → new row, for the rows that are the same.
        width: How many columns are refsync's.
    """
    last = len(old) - 1
    within = {place: each for place, each in remarks.items() if 0 < place[0] <= last}
    formula_columns = tuple(sorted(_formula_columns(within, width)))
    columns = tuple(sorted({c for _, c in within if c >= width and c not in formula_columns}))
    # A blank row has no key. Inside the table its remark cannot stay; below, it is the reader's.
    unkeyed = {row for row in range(height, last + 1) if is_blank(old[row])}
    leaving = {row for row in range(1, last + 1) if row not in matches} - unkeyed
    rows = {row for row, _ in within}
    places = {row: matches[row] for row in matches if matches[row] != row and columns}
    below = {row for row, column in remarks if row > last and column in columns}
    places = {row: to for row, to in places.items() if row in rows or to not in below}
    beside = {row for row, column in within if column in columns}
    vacated = ({*places} | (leaving & beside)) - {*places.values()}
    decorations = dict(_decorations(within, matches, leaving, columns))
    displaced = [
        (row, column)
        for row, column in remarks
        if row > last
        and (
            (column in columns and row in places.values())
            or decorations.get((row, column)) is not None
        )
    ]
    kept = sorted([*(place for place in within if place[0] in leaving), *displaced])
    return Arrangement(
        columns=columns,
        formula_columns=formula_columns,
        moves=tuple(runs(places)),
        vacated=tuple(sorted(vacated)),
        decorations=tuple(decorations.items()),
        kept=tuple(
            place
            for place in kept
            if remarks[place].note
            or (remarks[place].value is not None and place[1] not in formula_columns)
        ),
        fills=tuple(_fills(remarks, formula_columns, last, height)),
        moved=sum(
            matches.get(row, row) != row
            for (row, column), each in within.items()
            if column not in formula_columns or each.note or each.color
        ),
    )


def moved_cells(cells: Mapping[Place, _Cell], plan: Arrangement) -> dict[Place, _Cell]:
    """Return the cells as they are once the plan's rows have changed places."""
    after, sources = dict(cells), plan.sources
    for row in {*sources, *plan.vacated}:
        for column in plan.columns:
            after.pop((row, column), None)
            if row in sources and (sources[row], column) in cells:
                after[row, column] = cells[sources[row], column]
    return after


def outcome(remarks: Mapping[Place, Remark], plan: Arrangement) -> dict[Place, Remark]:
    """Return all remarks as they are once they are arranged; a formula as it was, unshifted."""
    after = moved_cells(remarks, plan)
    for place, source in plan.decorations:
        come = remarks[source] if source else Remark()
        value = after.get(place, Remark()).value
        after[place] = Remark(value, come.note, come.color)
    for fill in plan.fills:
        formula = remarks[fill.source, fill.column].value
        for row in range(fill.start, fill.stop):
            after[row, fill.column] = Remark(formula)
    return {place: each for place, each in after.items() if each != Remark()}


def _formula_columns(remarks: Mapping[Place, Remark], width: int) -> set[int]:
    """Return the columns in which every row that has anything has a formula."""
    values = {place: each.value for place, each in remarks.items() if each.value is not None}
    others = {column for (_, column), value in values.items() if not isinstance(value, Formula)}
    return {column for _, column in values if column >= width} - others


def _decorations(
    remarks: Mapping[Place, Remark],
    matches: Mapping[int, int],
    leaving: set[int],
    columns: Sequence[int],
) -> Iterator[tuple[Place, Place | None]]:
    """Yield the cells outside `columns` whose note or colour changes, and where it comes from."""
    decorated = {
        place
        for place, each in remarks.items()
        if place[1] not in columns and (each.note or each.color)
    }
    coming = {
        (matches[row], column): (row, column)
        for row, column in decorated
        if matches.get(row, row) != row
    }
    yield from sorted(coming.items())
    for row, column in sorted(decorated - {*coming}):
        if row in leaving or matches.get(row, row) != row:
            yield (row, column), None


def runs(places: Mapping[int, int]) -> Iterator[Move]:
    """Yield moves of rows (row → its new place), as long as rows and places follow one another."""
    source = target = rows = 0
    for to, row in sorted((to, row) for row, to in places.items()):
        if rows and (row, to) == (source + rows, target + rows):
            rows += 1
            continue
        if rows:
            yield Move(source, target, rows)
        source, target, rows = row, to, 1
    if rows:
        yield Move(source, target, rows)


def _fills(
    remarks: Mapping[Place, Remark], columns: Iterable[int], last: int, height: int
) -> Iterator[Fill]:
    """Yield the formulas for new rows, those of the last row; nothing is replaced."""
    for column in columns:
        if (last, column) not in remarks or remarks[last, column].value is None:
            continue
        start = None
        for row in range(last + 1, height + 1):
            taken = row == height or remarks.get((row, column), Remark()).value is not None
            if not taken and start is None:
                start = row
            if taken and start is not None:
                yield Fill(column, last, start, row)
                start = None
