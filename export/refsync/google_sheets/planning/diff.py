"""From the rows a worksheet has to the rows it is to have, in as few bytes as possible.

A grid here is a list of rows, the header being row 0; rows beyond its end are blank. `copies`
finds rows that only moved, `blocks` compares cell by cell what is left. A badly chosen copy
therefore costs bytes, never correctness.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass
from itertools import groupby
from operator import ne
from typing import TYPE_CHECKING

from refsync.worksheet.area import Area
from refsync.worksheet.values import is_blank

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from refsync.worksheet.values import Row

# Sizes in JSON, to weigh one way of writing against another; they need not be exact.
CELL_BYTES = 48
ROW_BYTES = 13
BLOCK_BYTES = 130
COPY_BYTES = 330

MAX_JOIN_GAP = 3
"""Equal rows after which a block cannot be worth going on with: BLOCK_BYTES buys no more."""

MAX_COPIES = 500
"""Beyond this, the shortest moves are written: rewriting is kinder to the server than copying."""


@dataclass(frozen=True)
class Copy:
    """`rows` whole rows, to be copied from row `source` to row `target` of the same worksheet."""

    source: int
    target: int
    rows: int


@dataclass(frozen=True)
class Block:
    """A rectangle of cells, to be written: 0-based `row` and `column` of its first cell."""

    row: int
    column: int
    rows: int
    columns: int

    @property
    def cells(self) -> int:
        """How many cells it has."""
        return self.rows * self.columns

    @property
    def area(self) -> Area:
        """The same as an area."""
        return Area(self.row, self.row + self.rows, self.column, self.column + self.columns)


@dataclass(frozen=True)
class Change:
    """How to get from one grid to another: first the copies, in their order, then the rest.

    Attributes:
        copies: Rows that only moved.
        blocks: Cells of the new grid that have to be written.
        leftover: How many rows, the new grid's included, are still filled and have to be blanked
            from the new grid's end on; 0 if none.
    """

    copies: tuple[Copy, ...]
    blocks: tuple[Block, ...]
    leftover: int

    @property
    def cost(self) -> int:
        """About how many bytes of JSON it takes."""
        return len(self.copies) * COPY_BYTES + sum(map(_cost, self.blocks))


def change(old: Sequence[Row], new: Sequence[Row], *, may_copy: bool = True) -> Change:
    """Return the cheaper way from `old` to `new`: with rows copied, if they may be, or without."""
    if list(old) == list(new):
        return Change((), (), 0)
    moved = None
    if may_copy and (moves := copies(old, new)):
        moved = _change(old, new, moves)
        if moved.cost < _different(old, new) * CELL_BYTES:
            return moved
    in_place = _change(old, new, ())
    return min(in_place, moved or in_place, key=lambda way: way.cost)


def _different(old: Sequence[Row], new: Sequence[Row]) -> int:
    """Return how many cells have to be written at least, where no row is copied."""
    return sum(
        sum(map(ne, one, other)) for one, other in zip(old, new, strict=False) if one != other
    )


def _change(old: Sequence[Row], new: Sequence[Row], moves: tuple[Copy, ...]) -> Change:
    rows = after_copies(old, moves)
    filled = len(rows)
    while filled > len(new) and is_blank(rows[filled - 1]):
        filled -= 1
    leftover = filled if filled > len(new) else 0
    return Change(moves, blocks(rows[: len(new)], new), leftover)


def copies(old: Sequence[Row], new: Sequence[Row]) -> tuple[Copy, ...]:
    """Return the copies that bring rows of `old` to their place in `new`, in a safe order.

    Rows that occur exactly once in both are anchors; the longest run of anchors that keeps their
    order falls into segments that moved by the same distance.
    """
    segments = [
        segment
        for segment in _segments(_anchors(old, new), old, new)
        if segment.source != segment.target
        and _difference(old, new, segment) * CELL_BYTES > COPY_BYTES
    ]
    longest = sorted(segments, key=lambda segment: segment.rows)[-MAX_COPIES:]
    segments = sorted(longest, key=lambda segment: segment.source)
    # Segments cross neither in `old` nor in `new`. So moving up from the top, then down from the
    # bottom, no copy overwrites rows that a later one still has to read.
    up = [segment for segment in segments if segment.target < segment.source]
    down = [segment for segment in segments if segment.target > segment.source]
    return (*up, *reversed(down))


def _anchors(old: Sequence[Row], new: Sequence[Row]) -> list[tuple[int, int]]:
    """Return pairs (row in old, row in new), ascending in both: the longest such run."""
    count_old, count_new = Counter(old), Counter(new)
    place = {row: index for index, row in enumerate(old) if count_old[row] == 1}
    pairs = [
        (place[row], index) for index, row in enumerate(new) if count_new[row] == 1 and row in place
    ]
    return _longest_ascending(pairs)


def _longest_ascending(pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the longest run of `pairs` whose first members ascend (patience sorting)."""
    tops: list[int] = []
    top_pairs: list[int] = []
    before: list[int | None] = []
    for index, (first, _) in enumerate(pairs):
        pile = bisect_left(tops, first)
        before.append(top_pairs[pile - 1] if pile else None)
        if pile == len(tops):
            tops.append(first)
            top_pairs.append(index)
        else:
            tops[pile] = first
            top_pairs[pile] = index
    run = []
    last = top_pairs[-1] if top_pairs else None
    while last is not None:
        run.append(pairs[last])
        last = before[last]
    return run[::-1]


def _segments(
    anchors: Iterable[tuple[int, int]], old: Sequence[Row], new: Sequence[Row]
) -> list[Copy]:
    """Return runs of anchors of one distance, each stretched over equal rows around it."""
    segments: list[Copy] = []
    source_end = target_end = 0
    for _, run in groupby(anchors, key=lambda pair: pair[1] - pair[0]):
        (source, target), *rest = run
        last_source = rest[-1][0] if rest else source
        stop = last_source + 1
        while source > source_end and target > target_end and old[source - 1] == new[target - 1]:
            source, target = source - 1, target - 1
        target_stop = stop + target - source
        while stop < len(old) and target_stop < len(new) and old[stop] == new[target_stop]:
            stop, target_stop = stop + 1, target_stop + 1
        segments.append(Copy(source, target, stop - source))
        source_end, target_end = stop, target_stop
    return segments


def _difference(old: Sequence[Row], new: Sequence[Row], segment: Copy) -> int:
    """Return the number of cells that would have to be written where `segment` goes."""
    cells = 0
    for index in range(segment.target, segment.target + segment.rows):
        if index >= len(old):
            cells += len(new[index])
        elif old[index] != new[index]:
            cells += sum(a != b for a, b in zip(old[index], new[index], strict=True))
    return cells


def after_copies(grid: Sequence[Row], moves: Iterable[Copy]) -> list[Row]:
    """Return the grid after `moves`, in their order.

    This is what `copyPaste` with PASTE_VALUES does to whole rows of values. Of a formula it pastes
    the result, which is unknown here; the `Formula` that stands for it equals no desired value,
    so the cell is written anyway.
    """
    rows = list(grid)
    for move in moves:
        end = move.target + move.rows
        blank: Row = (None,) * len(rows[move.source])
        rows.extend([blank] * (end - len(rows)))
        rows[move.target : end] = rows[move.source : move.source + move.rows]
    return rows


def blocks(have: Sequence[Row], want: Sequence[Row]) -> tuple[Block, ...]:
    """Return the blocks of `want` that have to be written over `have`.

    Equal cells in between are written along where another block would cost more. Where the blocks
    together cost no less than everything, everything is one block.
    """
    if not want:
        return ()
    width = len(want[0])
    blank: Row = (None,) * width
    closed: list[Block] = []
    growing: list[Block] = []
    for index, row in enumerate(want):
        current = have[index] if index < len(have) else blank
        if row == current:
            continue
        for start, stop in _runs(current, row):
            block = Block(index, start, 1, stop - start)
            above = next((each for each in growing if _worth_joining(each, block)), None)
            if above is not None:
                growing.remove(above)
                block = _join(above, block)
            growing.append(block)
        closed += [each for each in growing if index - each.row - each.rows >= MAX_JOIN_GAP]
        growing = [each for each in growing if index - each.row - each.rows < MAX_JOIN_GAP]
    closed += growing
    everything = (Block(0, 0, len(want), width),)
    apart = tuple(sorted(closed, key=lambda block: (block.row, block.column)))
    return min(everything, apart, key=lambda way: sum(map(_cost, way)))


def _cost(block: Block) -> int:
    return BLOCK_BYTES + block.rows * ROW_BYTES + block.cells * CELL_BYTES


def _runs(have: Row, want: Row) -> list[tuple[int, int]]:
    """Return (start, stop) of the cells that differ; a gap of two cells does not split a run."""
    runs: list[tuple[int, int]] = []
    for column, (a, b) in enumerate(zip(have, want, strict=True)):
        if a == b:
            continue
        if runs and column - runs[-1][1] <= BLOCK_BYTES // CELL_BYTES:
            runs[-1] = (runs[-1][0], column + 1)
        else:
            runs.append((column, column + 1))
    return runs


def _join(above: Block, below: Block) -> Block:
    """Return the smallest block around both."""
    left = min(above.column, below.column)
    right = max(above.column + above.columns, below.column + below.columns)
    return Block(above.row, left, below.row + below.rows - above.row, right - left)


def _worth_joining(above: Block, below: Block) -> bool:
    """Whether one block around both is smaller than the two, and both really meet."""
    apart = (
        below.column >= above.column + above.columns or above.column >= below.column + below.columns
    )
    return not apart and _cost(_join(above, below)) <= _cost(above) + _cost(below)
