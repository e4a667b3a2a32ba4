"""Remarks against a naive model: each is beside its key or kept, none twice, none lost."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from refsync.worksheet.remarks import Arrangement, Fill, Move, Place, Remark, arrange
from refsync.worksheet.row_keys import match_rows
from refsync.worksheet.values import Formula, Truth

if TYPE_CHECKING:
    from refsync.worksheet.values import Row

WIDTH, READERS = 2, 4
BLANK: Row = (None, None)


def grid(keys: list[int | None]) -> list[Row]:
    return [("ID", "Name"), *(BLANK if key is None else (key, f"name {key}") for key in keys)]


def carried_out(  # noqa: C901 - as plain as can be
    remarks: dict[Place, Remark], plan: Arrangement
) -> tuple[dict[Place, Remark], list[str]]:
    """What a worksheet shows afterwards, and the texts that were kept."""
    kept = []
    for place in plan.kept:
        remark = remarks[place]
        if remark.value is not None and place[1] in plan.columns:
            kept.append(str(remark.value))
        kept += [remark.note] if remark.note else []
    after = dict(remarks)
    gone = {row for move in plan.moves for row in range(move.target, move.target + move.rows)}
    for column in plan.columns:
        for row in {*gone, *plan.vacated}:
            after.pop((row, column), None)
        for move in plan.moves:
            for row in range(move.rows):
                if (move.source + row, column) in remarks:
                    after[move.target + row, column] = remarks[move.source + row, column]
    for place, source in plan.decorations:
        there = after.get(place, Remark())
        come = remarks[source] if source else Remark()
        after[place] = replace(there, note=come.note, color=come.color)
    for fill in plan.fills:
        for row in range(fill.start, fill.stop):
            assert after.get((row, fill.column), Remark()).value is None
            after[row, fill.column] = Remark(remarks[fill.source, fill.column].value)
    return {place: each for place, each in after.items() if each != Remark()}, kept


def texts(place: Place, remark: Remark, formula_columns: tuple[int, ...]) -> list[str]:
    value = [] if remark.value is None or place[1] in formula_columns else [str(remark.value)]
    return [*value, *([remark.note] if remark.note else [])]


keys = st.lists(st.integers(0, 12), unique=True, max_size=8)
numbers = st.integers(0, 10**9)


@st.composite
def sheets(draw: st.DrawFn) -> tuple[list[int | None], list[int], dict[Place, Remark]]:
    old: list[int | None] = [*draw(keys)]
    has_gap = draw(st.booleans())
    if old and has_gap:
        old[draw(st.integers(0, len(old) - 1))] = None
    while old and old[-1] is None:
        old.pop()
    new = draw(keys)
    remarks: dict[Place, Remark] = {}
    for column in range(READERS):
        formulas = draw(st.booleans())
        for row in range(1, max(len(old), len(new)) + 3):
            if not draw(st.booleans()):
                continue
            where = f"{row} {column}"
            value = Formula(f"={where}") if formulas and draw(st.booleans()) else f"text {where}"
            remarks[row, column] = Remark(
                value if column >= WIDTH and draw(st.booleans()) else None,
                f"note {where}" if draw(st.booleans()) else "",
                f"color {where}" if draw(st.booleans()) else "",
            )
    return old, new, {place: each for place, each in remarks.items() if each != Remark()}


@given(sheets())
@example(([1, 2, 3], [3, 1, 2], {(1, 2): Remark("a"), (3, 2): Remark("c", "note", "red")}))
@example(([1], [2, 1], {(2, 2): Remark("below"), (1, 2): Remark("a")}))
@example(([1, 2], [2], {(1, 2): Remark(Formula("=A2")), (2, 3): Remark("b")}))
def test_each_remark_is_beside_its_key_or_kept(
    sheet: tuple[list[int | None], list[int], dict[Place, Remark]],
) -> None:
    old, new, remarks = sheet
    matches = match_rows(grid(old), grid([*new]), [0])
    plan = arrange(remarks, grid(old), len(new) + 1, matches, WIDTH)
    after, kept = carried_out(remarks, plan)
    whose = {row: key for row, key in enumerate(old, 1) if key is not None}
    whose |= {row: new[to - 1] for row, to in matches.items()}
    found = {place: texts(place, each, plan.formula_columns) for place, each in after.items()}
    for (row, column), remark in remarks.items():
        if row <= len(old) and row in whose and whose[row] in new:
            target = (new.index(whose[row]) + 1, column)
            assert remark.color == after.get(target, Remark()).color
            expected = texts((row, column), remark, plan.formula_columns)
            assert found.get(target, []) == expected
        elif row <= len(old) and row in whose:
            assert all(
                kept.count(text) == 1 for text in texts((row, column), remark, plan.formula_columns)
            )
        if column in plan.formula_columns and remark.value is not None:
            assert after[row, column].value == remark.value
    before = Counter(
        text for place, each in remarks.items() for text in texts(place, each, plan.formula_columns)
    )
    now = Counter(kept) + Counter(text for each in found.values() for text in each)
    filled = {(row, f.column) for f in plan.fills for row in range(f.start, f.stop)}
    assert not any(place in remarks and remarks[place].value for place in filled)
    assert now == before


def test_rows_that_stay_need_nothing() -> None:
    remarks = {(1, 2): Remark("a"), (2, 0): Remark(note="n"), (2, 3): Remark(Formula("=1"))}
    rows = grid([1, 2])
    assert not arrange(remarks, rows, 3, match_rows(rows, rows, [0]), WIDTH).is_needed


def test_runs_of_rows_move_together_and_carry_what_is_typed_meanwhile() -> None:
    """Rows without a remark move too: one may be typed before the commit."""
    old, new = grid([1, 2, 3, 4, 5]), grid([9, 1, 2, 3, 4, 5])
    plan = arrange({(2, 2): Remark("b")}, old, 7, match_rows(old, new, [0]), WIDTH)
    assert plan.moves == (Move(1, 2, 5),)
    assert plan.vacated == (1,)
    assert plan.moved == 1


def test_a_formula_column_is_filled_down_to_new_rows_and_replaces_nothing() -> None:
    remarks = {(1, 2): Remark(Formula("=A2")), (2, 2): Remark(Formula("=A3"))}
    remarks[4, 2] = Remark("mine")
    old, new = grid([1, 2]), grid([2, 1, 3, 4, 5])
    plan = arrange(remarks, old, 6, match_rows(old, new, [0]), WIDTH)
    assert plan.fills == (Fill(2, 2, 3, 4), Fill(2, 2, 5, 6))
    assert plan.formula_columns == (2,)
    assert not plan.moves


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ([(1, "a"), (2, "b")], [(2, "c"), (1, "a")], {1: 2, 2: 1}),
        # A key that was typed again is still that key.
        ([("1", "a"), (" x ", "b")], [(1, "a"), ("x", "b")], {1: 1, 2: 2}),
        ([(Truth.TRUE, "a")], [("True", "a")], {1: 1}),
        # Of two rows with one key, the one that is most like the row that comes.
        ([(1, "b"), (1, "a")], [(1, "a")], {2: 1}),
        # A row that was blanked between its neighbours.
        ([(1, "a"), BLANK, (3, "c")], [(1, "a"), (2, "b"), (3, "c")], {1: 1, 2: 2, 3: 3}),
        ([BLANK, (3, "c")], [(2, "b"), (3, "c")], {1: 1, 2: 2}),
        ([(1, "a"), BLANK, (3, "c")], [(1, "a"), (3, "c")], {1: 1, 3: 2}),
        ([(Formula("=1"), "a")], [("=1", "a")], {}),
    ],
)
def test_rows_are_known_by_their_key(
    old: list[Row], new: list[Row], expected: dict[int, int]
) -> None:
    header: Row = ("ID", "Name")
    assert match_rows([header, *old], [header, *new], [0]) == expected


def test_without_a_key_it_takes_the_whole_row() -> None:
    old: list[Row] = [("ID", "Name"), (1, "a"), (2, "b"), (2, "b"), (3, "c")]
    new: list[Row] = [("ID", "Name"), (3, "c"), (2, "b"), (2, "b"), (1, "other")]
    assert match_rows(old, new, []) == {2: 2, 3: 3, 4: 1}


def test_columns_are_known_by_their_headers() -> None:
    old: list[Row] = [("ID", "Gone", "Edited"), (1, "x", "a"), (2, "y", "b")]
    new: list[Row] = [("New", "ID", "Name"), (None, 2, "b"), (None, 1, "a")]
    assert match_rows(old, new, [1]) == {1: 2, 2: 1}
    assert match_rows(old, new, []) == {1: 2, 2: 1}
    # A key that the worksheet does not have yet: then the rest of the row.
    assert match_rows(old, new, [0]) == {1: 2, 2: 1}
    assert match_rows([("Other",), (1,)], [("ID", "Name"), (1, "a")], [1]) == {1: 1}
    assert match_rows([], new, [1]) == {}


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        # A row that comes first of its key, and one that leaves.
        (["A", "C"], ["B", "A", "C"], {1: 2, 2: 3}),
        (["A", "B", "C"], ["B", "C"], {2: 1, 3: 2}),
        (["A"], ["B", "A"], {1: 2}),
        (["A", "A"], ["A", "A", "A"], {1: 1, 2: 2}),
        # What is left by its place, and of several for one the most like it.
        (["A", "B"], ["X", "A", "Y"], {1: 2, 2: 1}),
    ],
)
def test_of_several_rows_of_one_key_equal_ones_are_the_same(
    old: list[str], new: list[str], expected: dict[int, int]
) -> None:
    before: list[Row] = [("Day", "Shop"), *((45292, name) for name in old)]
    after: list[Row] = [("Day", "Shop"), *((45292, name) for name in new)]
    assert match_rows(before, after, [0]) == expected
