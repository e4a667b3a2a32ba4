"""How remarks are in a plan: what moves them, what keeps them, and whether they came right."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import pytest

from refsync.google_sheets.cell_values import entered_value
from refsync.google_sheets.planning.desired import Desired
from refsync.google_sheets.planning.plan import Plan, make_plan
from refsync.google_sheets.records import Records, TabRecord, header_hash
from refsync.google_sheets.spreadsheet import Spreadsheet, Tab
from refsync.worksheet.area import Area
from refsync.worksheet.remarks import HEADERS, TITLE
from tests.google_sheets.pushing import table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from refsync.worksheet.table import Table

Cells = Mapping[int, dict[str, Any]]
"""Cells of one column (`CellData`) by their row."""

NOTHING: Cells = MappingProxyType({})

DATA, KEPT = 3, 8
BESIDE = 3
"""The column to the right of refsync's."""


def keyed(*numbers: int) -> Table:
    return replace(table([(n, f"name {n}", n / 4) for n in numbers]), key=(0,))


def said(text: str | None, note: str = "") -> dict[str, Any]:
    return {**entered_value(text), **({"note": note} if note else {})}


def tab_of(numbers: Sequence[int], beside: Cells, notes: Cells, **over: Any) -> Tab:
    """A tab of refsync's, with cells beside the rows and notes in the first column."""
    desired = Desired.from_table(keyed(*numbers))
    read = []
    for row in range(max([len(desired.values), *(row + 1 for row in beside)])):
        values = desired.values[row] if row < len(desired.values) else (None,) * 3
        first, *others = map(entered_value, values)
        read.append({"values": [first | notes.get(row, {}), *others, beside.get(row, {})]})
    rows = desired.keys
    return Tab(DATA, "Data", 10, 5, header=rows[0], cells=rows, beside=tuple(read), **over)


def planned(
    before: Sequence[int],
    after: Sequence[int],
    beside: Cells = NOTHING,
    notes: Cells = NOTHING,
    **over: Any,
) -> Plan:
    """The plan for a worksheet with these IDs before it and after it."""
    options = {"expected": over.pop("expected", {}), "run": "ab12", "pushed_at": "", "adopt": False}
    others: tuple[Tab, ...] = over.pop("others", ())
    known = {tab.title: TabRecord(tab.sheet_id, ()) for tab in others}
    known["Data"] = TabRecord(DATA, tuple(map(header_hash, ("ID", "Name", "Value"))))
    tabs = (tab_of(before, beside, notes, **over), *others)
    read = Spreadsheet("1x", "", tabs, Records(4, tabs=known))
    return make_plan([Desired.from_table(keyed(*after))], read, **options)


def kinds(requests: Sequence[dict[str, Any]]) -> list[str]:
    return [kind for request in requests for kind in request]


def copied(requests: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return [request["copyPaste"] for request in requests if "copyPaste" in request]


HIDES: dict[str, Any] = {
    "basic_filter": {
        "range": {"sheetId": DATA, "endRowIndex": 10},
        "criteria": {"0": {"hiddenValues": ["9"]}},
    }
}


def test_remarks_that_move_are_copied_once_there_is_room_and_before_a_filter_is_back() -> None:
    made = planned((1, 2), (2, 1), {1: said("one"), 2: said("two")}, **HIDES)
    (data,) = made.tabs
    assert kinds(data.prepare)[:2] == ["clearBasicFilter", "addSheet"]
    assert kinds(data.finish) == ["deleteSheet", "setBasicFilter"]
    hidden = data.prepare[1]["addSheet"]["properties"]
    assert hidden["title"].startswith(made.staging_title)
    assert hidden["hidden"]
    assert data.finish[0] == {"deleteSheet": {"sheetId": hidden["sheetId"]}}
    assert hidden["sheetId"] not in {0, DATA, made.staging_id}
    first, second = Area(1, 2, BESIDE, BESIDE + 1), Area(2, 3, BESIDE, BESIDE + 1)
    both = Area(1, 3, BESIDE, BESIDE + 1).to_json
    assert copied(data.prepare) == [
        {"source": source, "destination": target, "pasteType": "PASTE_NORMAL"}
        for source, target in (
            (second.to_json(DATA), first.to_json(hidden["sheetId"])),
            (first.to_json(DATA), second.to_json(hidden["sheetId"])),
            (both(hidden["sheetId"]), both(DATA)),
        )
    ]
    assert (data.result.moved_remarks, data.result.kept_remarks) == (2, 0)
    assert data.result.rows == 2
    assert made.kept is None


def test_a_remark_whose_row_leaves_is_copied_to_its_tab_before_anything_moves() -> None:
    made = planned((1, 2), (2,), {1: said("one"), 2: said("two")}, **HIDES)
    (data,) = made.tabs
    assert made.kept
    kept_id = made.kept.record.sheet_id
    (add,) = [request["addSheet"] for request in made.opening if "addSheet" in request]
    assert add["properties"]["title"] == TITLE
    assert add["properties"]["sheetId"] == kept_id
    # Refsync's records come first, so that all else is refused with them.
    assert kinds(made.opening)[0] == "createDeveloperMetadata"
    assert kinds(data.prepare)[:4] == ["clearBasicFilter", "copyPaste", "updateCells", "addSheet"]
    assert copied(data.prepare)[0]["destination"]["sheetId"] == kept_id
    assert (data.result.moved_remarks, data.result.kept_remarks) == (1, 1)


def test_a_note_whose_row_leaves_is_written_and_not_copied() -> None:
    made = planned((1, 2), (2,), notes={1: said(None, "Ask Zoë")})
    (data,) = made.tabs
    assert made.kept
    assert made.kept.copies == {}
    assert "Ask Zoë" in str(made.opening)
    assert data.result.kept_remarks == 1


def test_a_tab_without_remarks_says_nothing_of_them() -> None:
    (data,) = planned((1, 2), (2, 1)).tabs
    assert data.remarks is None
    assert (data.result.moved_remarks, data.result.kept_remarks) == (0, 0)


# --- after a commit -------------------------------------------------------------------------------


def written(plan: Plan) -> dict[tuple[int, int, int], Any]:
    """The values that are written for remarks: (tab, row, column) → value; `None` blanks a cell."""
    return {
        (start["sheetId"], start["rowIndex"] + down, start["columnIndex"] + right): next(
            iter(cell.get("userEnteredValue", {}).values()), None
        )
        for request in plan.tabs[0].finish
        for start in [request["updateCells"]["start"]]
        for down, row in enumerate(request["updateCells"]["rows"])
        for right, cell in enumerate(row["values"])
    }


def test_a_remark_that_a_commit_left_beside_another_row_is_put_right() -> None:
    expected = planned((1, 2, 3), (2, 1, 3), {1: said("one")}).expected
    wrong = planned((2, 1, 3), (2, 1, 3), {1: said("one")}, expected=expected)
    assert written(wrong) == {(DATA, 1, BESIDE): None, (DATA, 2, BESIDE): "one"}
    right = planned((2, 1, 3), (2, 1, 3), {2: said("one")}, expected=expected)
    assert not right.tabs[0].is_needed


def test_what_a_commit_was_to_keep_is_looked_for_in_its_tab() -> None:
    empty = Tab(KEPT, TITLE, 10, 5, header=HEADERS, cells=(HEADERS,), used_rows=1)
    before = {1: said("one"), 2: said("two")}
    expected = planned((1, 2, 3), (2, 3), before, others=(empty,)).expected

    def after(kept: str, beside: Cells) -> dict[tuple[int, int, int], Any]:
        cells = (HEADERS, ("Data", "1", "D", kept, None))
        others = (replace(empty, cells=cells, used_rows=2),)
        return written(planned((2, 3), (2, 3), beside, expected=expected, others=others))

    first, second, text = (DATA, 1, BESIDE), (DATA, 2, BESIDE), (KEPT, 1, HEADERS.index("Text"))
    assert after("one", {1: said("two")}) == {}
    assert after("one", {2: said("two")}) == {first: "two", second: None}
    # Somebody had sorted the rows, so the other row's cell was copied.
    for beside in ({1: said("one")}, NOTHING):
        assert after("two", beside) == {text: "one", first: "two"}


# --- what is read back ----------------------------------------------------------------------------


def answer(numbers: Sequence[int], notes: Cells, beside: Cells) -> list[dict[str, Any]]:
    """The own cells of a worksheet and those beside its rows (`GridData`), as Google answers."""
    rows = [{"values": [beside.get(row, {})]} for row in range(1, len(numbers) + 1)]
    return [
        {"rowData": list(tab_of(numbers, NOTHING, notes).beside or ())},
        {"startRow": 1, "startColumn": BESIDE, "rowData": rows},
    ]


AT_FIRST, AT_SECOND = {1: said("one")}, {2: said("one")}
NOTE_AT_FIRST, NOTE_AT_SECOND = {1: said(None, "a note")}, {2: said(None, "a note")}


@pytest.mark.parametrize(
    ("notes", "beside", "is_misplaced"),
    [
        pytest.param(NOTE_AT_SECOND, AT_SECOND, False, id="as they were to be"),
        pytest.param(NOTE_AT_SECOND, AT_FIRST, True, id="a text beside another row"),
        pytest.param(NOTE_AT_SECOND, NOTHING, True, id="a text is gone"),
        pytest.param(NOTHING, AT_SECOND, True, id="a note is gone"),
        pytest.param(NOTE_AT_FIRST, AT_SECOND, True, id="a note in another row"),
    ],
)
def test_remarks_are_compared_with_what_they_were_to_be(
    notes: Cells, beside: Cells, *, is_misplaced: bool
) -> None:
    (data,) = planned((1, 2, 3), (2, 1, 3), AT_FIRST, NOTE_AT_FIRST).tabs
    read = answer((2, 1, 3), notes, beside)
    assert data.has_misplaced(read) == is_misplaced
    # Refsync's own values are right in each case.
    assert data.differences(read) == ()
    assert len(data.differences(answer((1, 2, 3), notes, beside))) == 6


@pytest.mark.parametrize(("notes", "is_misplaced"), [(NOTE_AT_SECOND, False), (NOTHING, True)])
def test_notes_alone_are_read_back_with_refsyncs_own_cells(
    notes: Cells, *, is_misplaced: bool
) -> None:
    (data,) = planned((1, 2, 3), (2, 1, 3), notes=NOTE_AT_FIRST).tabs
    own, _ = answer((2, 1, 3), notes, NOTHING)
    assert data.has_misplaced([own]) == is_misplaced


def test_where_no_remarks_are_expected_none_is_misplaced() -> None:
    read = answer((2, 1, 3), NOTE_AT_FIRST, AT_FIRST)
    assert not planned((1, 2, 3), (2, 1, 3)).tabs[0].has_misplaced(read)
    expected = planned((1, 2, 3), (2, 1, 3), AT_FIRST).expected
    (repair,) = planned((2, 1, 3), (2, 1, 3), AT_FIRST, expected=expected).tabs
    assert repair.remarks
    assert not repair.has_misplaced(read)
