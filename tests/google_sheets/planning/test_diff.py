"""Which cells are written and which rows are copied, so that little is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from refsync.google_sheets.planning.diff import (
    MAX_COPIES,
    Block,
    Change,
    Copy,
    after_copies,
    blocks,
    change,
    copies,
)
from refsync.worksheet.values import is_blank

if TYPE_CHECKING:
    from collections.abc import Sequence

    from refsync.worksheet.values import Row


def grids(picture: Sequence[str]) -> tuple[list[Row], list[Row]]:
    """An old grid and a new one that differ where the picture has an x."""
    old: list[Row] = [tuple("old" if sign == "x" else "same" for sign in row) for row in picture]
    new: list[Row] = [tuple("new" if sign == "x" else "same" for sign in row) for row in picture]
    return old, new


@pytest.mark.parametrize(
    ("picture", "written"),
    [
        pytest.param([".....", "....."], [], id="nothing"),
        pytest.param([".....", "..x..", "....."], [Block(1, 2, 1, 1)], id="one cell"),
        pytest.param(
            ["x..x....", "........", "........"], [Block(0, 0, 1, 4)], id="a gap of two cells"
        ),
        pytest.param(
            ["x...x...", "........", "........"],
            [Block(0, 0, 1, 1), Block(0, 4, 1, 1)],
            id="a gap of three cells",
        ),
        pytest.param(
            ["x.x.x...", "........", "........"], [Block(0, 0, 1, 5)], id="two gaps in one row"
        ),
        pytest.param(
            [".x......", ".x......", "........"], [Block(0, 1, 2, 1)], id="one below the other"
        ),
        pytest.param(
            ["x.......", ".x......", "........"],
            [Block(0, 0, 1, 1), Block(1, 1, 1, 1)],
            id="touching corners",
        ),
        pytest.param(
            [".x......", "x.......", "........"],
            [Block(0, 1, 1, 1), Block(1, 0, 1, 1)],
            id="the other corners",
        ),
        pytest.param(
            ["xx......", ".xx.....", "........"], [Block(0, 0, 2, 3)], id="overlapping by a column"
        ),
        pytest.param(
            [".xx.....", "xx......", "........"], [Block(0, 0, 2, 3)], id="overlapping to the left"
        ),
        pytest.param(
            ["x.....", "......", "......", "x.....", "......", "......"],
            [Block(0, 0, 4, 1)],
            id="two equal rows between",
        ),
        pytest.param(
            ["x.....", "......", "......", "......", "x.....", "......"],
            [Block(0, 0, 1, 1), Block(4, 0, 1, 1)],
            id="three equal rows between",
        ),
        pytest.param(
            ["x.....", *["......"] * 3, "..x...", *["......"] * 3, "....x.", "......"],
            [Block(0, 0, 1, 1), Block(4, 2, 1, 1), Block(8, 4, 1, 1)],
            id="three far apart",
        ),
        pytest.param(
            ["xxx...", "......", "xxx...", "......"],
            [Block(0, 0, 1, 3), Block(2, 0, 1, 3)],
            id="an equal row between wide ones",
        ),
        pytest.param(
            ["......", "x....x", "......", "x....x", "......"],
            [Block(1, 0, 3, 1), Block(1, 5, 3, 1)],
            id="two blocks side by side",
        ),
        pytest.param(
            ["......", ".....x", "x.....", "......"],
            [Block(1, 5, 1, 1), Block(2, 0, 1, 1)],
            id="from the top to the bottom",
        ),
        pytest.param(["x.", ".x"], [Block(0, 0, 2, 2)], id="everything costs less"),
        pytest.param(["xx", "xx"], [Block(0, 0, 2, 2)], id="everything"),
    ],
)
def test_the_blocks_that_cost_least_are_written(picture: list[str], written: list[Block]) -> None:
    assert blocks(*grids(picture)) == tuple(written)


def test_rows_beyond_the_end_are_blank() -> None:
    assert blocks([], [(None, "a"), (None, None)]) == (Block(0, 1, 1, 1),)
    assert blocks([("a", 1)], []) == ()


def test_rows_are_copied_where_that_costs_less_than_their_cells() -> None:
    """A copy costs as much as six cells and a bit."""
    rows: list[Row] = [(f"row {n}",) for n in range(9)]
    new: Row = ("new",)
    assert copies(rows[:6], [new, *rows[:6]]) == ()
    assert copies(rows[:7], [new, *rows[:7]]) == (Copy(0, 1, 7),)
    assert copies([new, *rows[:7]], rows[:7]) == (Copy(1, 0, 7),)
    triple: list[Row] = [(*row, "same", row[0]) for row in rows]
    first: Row = ("new", "same", "new")
    # Cells that are the same where the rows go are not counted, those beyond the end are.
    assert copies(triple[:2], [first, *triple[:2]]) == ()
    assert copies(triple[:3], [first, *triple[:3]]) == (Copy(0, 1, 3),)


def test_rows_that_stay_are_not_copied() -> None:
    rows: list[Row] = [(f"row {n}", n) for n in range(40)]
    assert copies(rows, rows) == ()
    assert copies(rows, [*rows[:20], ("new", 1), *rows[20:]]) == (Copy(20, 21, 20),)


def test_equal_rows_go_with_their_neighbours() -> None:
    """A row that occurs more than once says nothing of where it was; those around it do."""
    twin: Row = ("twin", 0)
    rows: list[Row] = [twin, ("a", 1), twin, twin, ("b", 2), ("c", 3), ("d", 4), twin]
    new: list[Row] = [("new", n) for n in range(5)]
    assert copies(rows, [*new, *rows]) == (Copy(0, 5, 8),)
    assert copies([*new, *rows], rows) == (Copy(5, 0, 8),)
    assert copies([twin] * 9, [*new, *[twin] * 9]) == ()


def wide(*names: str) -> list[Row]:
    """Rows of so many cells that it pays to copy a single one."""
    return [tuple(f"{name}{n}" for n in range(9)) for name in names]


def test_each_row_that_moved_by_a_distance_of_its_own_is_copied_for_itself() -> None:
    old, new = wide(*"abcd"), wide(*"1a2b3c4d")
    assert copies(old, new) == (Copy(3, 7, 1), Copy(2, 5, 1), Copy(1, 3, 1), Copy(0, 1, 1))
    assert copies(new, old) == (Copy(1, 0, 1), Copy(3, 1, 1), Copy(5, 2, 1), Copy(7, 3, 1))


def test_a_row_that_changed_is_copied_with_its_neighbours() -> None:
    """Its cells are written anyway, and one copy costs less than two."""
    for changed in (1, 4, 8):
        old = wide(*"abcdefghij")
        new = list(old)
        new[changed] = wide("x")[0]
        assert copies(old, [*wide("1"), *new]) == (Copy(0, 1, 10),)


def test_rows_that_occur_twice_go_with_a_row_behind_them() -> None:
    old = wide(*"tutuab")
    assert copies(old, wide(*"123tutuab")) == (Copy(0, 3, 6),)
    assert copies(old, wide(*"123utuab")) == (Copy(1, 3, 5),)
    assert copies(old, wide(*"123uttuab")) == (Copy(2, 5, 4),)


def test_rows_that_occur_twice_go_with_a_row_before_them() -> None:
    old = wide(*"abtutu")
    assert copies(old, wide(*"123abtutu")) == (Copy(0, 3, 6),)
    assert copies(old, wide(*"123abtut")) == (Copy(0, 3, 5),)
    assert copies(old, wide(*"123abtuut")) == (Copy(0, 3, 4),)


def test_rows_between_the_end_and_where_a_copy_goes_are_blank() -> None:
    assert after_copies([("a", 1), ("b", 2)], [Copy(1, 4, 1), Copy(0, 1, 1)]) == [
        ("a", 1), ("a", 1), (None, None), (None, None), ("b", 2),
    ]  # fmt: skip
    assert after_copies([("a", 1), ("b", 2)], [Copy(1, 0, 1)]) == [("b", 2), ("b", 2)]
    assert after_copies([], []) == []


def test_of_rows_that_crossed_the_more_are_copied() -> None:
    few: list[Row] = [(f"few {n}", n) for n in range(10)]
    many: list[Row] = [(f"many {n}", n) for n in range(20)]
    assert copies([*few, *many], [*many, *few]) == (Copy(10, 0, 20),)
    assert copies([*many, *few], [*few, *many]) == (Copy(0, 10, 20),)


def test_copies_up_go_from_the_top_and_copies_down_from_the_bottom() -> None:
    a, b, c, d = ([(f"{x}{n}", n) for n in range(20)] for x in "abcd")
    gone: list[Row] = [("gone", n) for n in range(5)]
    new: list[Row] = [("new", n) for n in range(5)]
    before: list[Row] = [*gone, *a, *gone, *b, *c, *d]
    after: list[Row] = [*a, *b, *new, *new, *new, *c, *new, *d]
    assert copies(before, after) == (
        Copy(5, 0, 20), Copy(30, 20, 20), Copy(70, 80, 20), Copy(50, 55, 20),
    )  # fmt: skip


def test_no_more_than_so_many_copies_are_made_and_the_longest_are() -> None:
    old: list[Row] = []
    new: list[Row] = []
    for n in range(MAX_COPIES + 1):
        length = 4 if n == 7 else 5
        segment: list[Row] = [(f"{n} {row}", row, n) for row in range(length)]
        old += [("gone", n, n), *segment]
        new += segment
    made = copies(old, new)
    assert len(made) == MAX_COPIES
    assert {copy.rows for copy in made} == {5}
    assert [copy.source for copy in made] == sorted(copy.source for copy in made)


def test_the_cheaper_of_the_two_ways_is_taken() -> None:
    rows: list[Row] = [(f"row {n}", n) for n in range(40)]
    assert change(rows, rows) == Change((), (), 0)
    slid = change(rows, [*rows[1:], ("new", 40)])
    assert slid == Change((Copy(1, 0, 39),), (Block(39, 0, 1, 2),), 0)
    assert slid.cost == 330 + 130 + 13 + 2 * 48
    # To write a row costs more than its cells: to copy the seven is cheaper by less than that.
    single: list[Row] = [(f"row {n}",) for n in range(7)]
    assert change(single, [("new",), *single]).copies == (Copy(0, 1, 7),)
    assert change(single[:6], [("new",), *single[:6]]).copies == ()
    # Rows that are back in order after a copy would have to be written again.
    assert change(rows, rows[:10]) == Change((), (), 40)


@pytest.mark.parametrize(
    ("old", "new", "leftover"),
    [
        ([("a",), ("b",), ("c",)], [("a",)], 3),
        ([("a",), ("b",), (None,)], [("a",)], 2),
        ([("a",), (None,), (None,)], [("a",)], 0),
        ([("a",), (None,), ("c",)], [("a",)], 3),
        ([("a",)], [("a",), ("b",)], 0),
        ([("a",)], [], 1),
        ([(None,)], [], 0),
        ([], [], 0),
    ],
)
def test_what_is_left_over_below_ends_with_the_last_filled_row(
    old: list[Row], new: list[Row], leftover: int
) -> None:
    assert change(old, new).leftover == leftover


def test_a_copy_down_leaves_the_rows_it_came_from() -> None:
    rows: list[Row] = [(f"row {n}", n) for n in range(30)]
    new: list[Row] = [(f"new {n}", n) for n in range(2)]
    made = change([*rows, ("gone", 1), ("gone", 2), ("gone", 3)], [*new, *rows])
    assert made.copies == (Copy(0, 2, 30),)
    assert made.blocks == (Block(0, 0, 2, 1),)
    assert made.leftover == 33


def test_blanks_are_blank() -> None:
    assert is_blank([])
    assert is_blank([None, None])
    assert not is_blank([None, 0])
