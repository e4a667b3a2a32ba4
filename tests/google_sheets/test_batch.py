"""What is sent for a plan: one body, or a staging tab first where one body is too small."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from refsync.google_sheets.batch import MAX_STAGED_BLOCKS, Bodies, Part, make_bodies
from refsync.google_sheets.formatting.dashboard import NewDashboard
from refsync.google_sheets.planning.desired import Desired
from refsync.google_sheets.planning.diff import BLOCK_BYTES, Block, Copy
from refsync.google_sheets.planning.remarks import RemarkPlan
from refsync.worksheet.area import Area
from tests.google_sheets.plans import STAGING_ID, STAGING_TITLE, plan, tab
from tests.google_sheets.pushing import table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from refsync.google_sheets.planning.tab_plan import TabPlan

Grid = dict[tuple[int, int], Any]
"""Cells by row and column."""


def requests(body: bytes) -> list[dict[str, Any]]:
    made: list[dict[str, Any]] = json.loads(body)["requests"]
    return made


def applied(bodies: Bodies) -> dict[int, Grid]:
    """The cells of every tab after all bodies, in their order."""
    tabs: dict[int, Grid] = {}
    for request in [each for body in (*bodies.staging, bodies.commit) for each in requests(body)]:
        ((kind, asked),) = request.items()
        if kind == "updateCells" and "start" in asked:
            start = asked["start"]
            assert asked["fields"] == "userEnteredValue"
            for row, cells in enumerate(asked["rows"], start.get("rowIndex", 0)):
                for column, cell in enumerate(cells["values"], start.get("columnIndex", 0)):
                    value = cell.get("userEnteredValue", {None: None})
                    tabs.setdefault(start["sheetId"], {})[row, column] = next(iter(value.values()))
        elif kind == "copyPaste":
            source, target = asked["source"], asked["destination"]
            height = source["endRowIndex"] - source["startRowIndex"]
            width = source["endColumnIndex"] - source["startColumnIndex"]
            assert height == target["endRowIndex"] - target["startRowIndex"]
            assert width == target["endColumnIndex"] - target["startColumnIndex"]
            copied = {
                (target["startRowIndex"] + row, target["startColumnIndex"] + column): tabs[
                    source["sheetId"]
                ][source["startRowIndex"] + row, source["startColumnIndex"] + column]
                for row in range(height)
                for column in range(width)
            }
            tabs.setdefault(target["sheetId"], {}).update(copied)
        elif kind == "deleteSheet":
            del tabs[asked["sheetId"]]
    return tabs


def cells_of(tab: TabPlan, blocks: Sequence[Block] | None = None) -> Grid:
    """What a tab's blocks are to hold."""
    return {
        (row, column): tab.desired.values[row][column]
        for block in (tab.blocks if blocks is None else blocks)
        for row in range(block.row, block.row + block.rows)
        for column in range(block.column, block.column + block.columns)
    }


BLOCKS = (Block(1, 0, 2, 3), Block(4, 1, 3, 1), Block(8, 2, 1, 1))
EVERYTHING = Block(0, 0, 9, 3)


def test_a_commit_that_fits_needs_no_staging() -> None:
    one, two = tab(1, BLOCKS), tab(2, BLOCKS[:1])
    whole = make_bodies(plan(one, two), 8_000_000)
    assert applied(whole) == {1: cells_of(one), 2: cells_of(two)}
    assert (whole.staging, whole.staged_cells) == ((), 0)


def test_the_tabs_with_most_to_write_are_staged_until_the_rest_fits() -> None:
    small, large, middle = tab(1, BLOCKS[2:]), tab(2, [EVERYTHING]), tab(3, BLOCKS)
    every = {1: cells_of(small), 2: cells_of(large), 3: cells_of(middle)}
    staged = []
    for most_bytes in (8_000_000, 1_800, 900, 1):
        bodies = make_bodies(plan(small, large, middle), most_bytes)
        assert applied(bodies) == every
        written = {
            each["updateCells"]["start"]["sheetId"]
            for each in requests(bodies.commit)
            if "updateCells" in each
        }
        staged.append({1, 2, 3} - written)
    assert staged == [set(), {2}, {2, 3}, {1, 2, 3}]


def test_a_tab_is_staged_only_where_the_rest_is_too_large_by_a_byte() -> None:
    """A body's size is its rows' with their commas, and what a block costs beside them."""
    large, small = tab(1, [EVERYTHING]), tab(2, [Block(0, 0, 4, 1)])
    of_small = '{"values":[{"userEnteredValue":{"stringValue":"ID"}}]}' + "".join(
        f'{{"values":[{{"userEnteredValue":{{"numberValue":{n}}}}}]}}' for n in (10, 11, 12)
    )
    size = len(of_small) + 4 + BLOCK_BYTES
    assert make_bodies(plan(small), size).staging == ()
    assert make_bodies(plan(small), size - 1).staging != ()
    assert make_bodies(plan(large, small), size).staged_cells == 9 * 3
    assert make_bodies(plan(large, small), size - 1).staged_cells == (9 + 4) * 3


def test_text_is_sent_as_it_is_written() -> None:
    umlauts = Desired.from_table(table([(1, "Zoë 🎉", None)]))
    body = make_bodies(
        plan(replace(tab(1, [Block(0, 0, 2, 3)]), desired=umlauts)), 8_000_000
    ).commit
    assert "Zoë 🎉".encode() in body


def test_nothing_is_staged_of_a_tab_that_nothing_is_written_to() -> None:
    moved = tab(1, [], copies=(Copy(0, 4, 2),))
    bodies = make_bodies(plan(moved, opening=({"deleteSheet": {"sheetId": 5}},)), 1)
    assert bodies.staging == ()


FILLER = {"unknown": "x" * 3_000}


@pytest.mark.parametrize("over", [{"opening": (FILLER,)}, {"closing": (FILLER,)}])
@pytest.mark.parametrize("of_tab", [{"prepare": (FILLER,)}, {"finish": (FILLER,)}])
def test_what_else_is_sent_counts_too(over: dict[str, Any], of_tab: dict[str, Any]) -> None:
    assert make_bodies(plan(tab(1, BLOCKS)), 2_000).staging == ()
    assert make_bodies(plan(tab(1, BLOCKS), **over), 2_000).staging != ()
    assert make_bodies(plan(tab(1, BLOCKS, **of_tab)), 2_000).staging != ()


def test_copies_and_a_dashboard_count_too() -> None:
    copies = tuple(Copy(0, 4, 2) for _ in range(20))
    assert make_bodies(plan(tab(1, BLOCKS, copies=copies)), 2_000).staging != ()
    dashboard = NewDashboard("Dashboard", 5, (FILLER,), 0, 0)
    with_dashboard = replace(plan(tab(1, BLOCKS)), dashboard=dashboard)
    bodies = make_bodies(with_dashboard, 2_000)
    assert bodies.staging != ()
    assert FILLER in requests(bodies.commit)


def test_the_steps_of_a_commit_are_in_their_order() -> None:
    first, second, *others = ({"step": n} for n in range(10))
    one = tab(
        1, BLOCKS[:1], prepare=(second,), finish=(others[0],),
        copies=(Copy(5, 1, 3),), blanked=(Area(9, 12, 0, 3),),
    )  # fmt: skip
    two = tab(2, [], prepare=(others[1],))
    everything = plan(one, two, opening=(first,), closing=(others[3],))
    dashboard = NewDashboard("Dashboard", 5, (others[2],), 0, 0)
    made = requests(make_bodies(replace(everything, dashboard=dashboard), 8_000_000).commit)
    assert [each.get("step", next(iter(each))) for each in made] == [
        *(0, 1, "copyPaste", "updateCells", "updateCells", 2, 3, 4, 5)
    ]
    copy, write, blank = made[2]["copyPaste"], made[3]["updateCells"], made[4]["updateCells"]
    assert copy["source"] == Area(5, 8, 0, 3).to_json(1)
    assert copy["destination"] == Area(1, 4, 0, 3).to_json(1)
    assert write["start"] == {"sheetId": 1, "rowIndex": 1, "columnIndex": 0}
    assert blank["range"] == Area(9, 12, 0, 3).to_json(1)
    assert "rows" not in blank


@pytest.mark.parametrize(
    ("most_bytes", "writes", "ending"),
    [
        pytest.param(8_000_000, "updateCells", [], id="written"),
        pytest.param(1, "copyPaste", [("deleteSheet", "", False)], id="staged"),
    ],
)
def test_each_part_says_its_kind_and_its_tab_and_whether_a_push_is_right_without_it(
    most_bytes: int, writes: str, ending: list[tuple[str, str, bool]]
) -> None:
    one = tab(
        1, BLOCKS[:1], prepare=({"addSheet": {}},), finish=({"addBanding": {}},),
        copies=(Copy(5, 1, 3),), blanked=(Area(9, 12, 0, 3),),
    )  # fmt: skip
    # All of a dashboard decorates, the values in its cells too.
    dashboard = NewDashboard("Dashboard", 5, ({"updateCells": {}},), 0, 0)
    everything = plan(one, opening=({"createDeveloperMetadata": None},))
    parts = make_bodies(replace(everything, dashboard=dashboard), most_bytes).parts
    assert [(part.kind, part.tab, part.is_optional) for part in parts] == [
        ("createDeveloperMetadata", "", False),
        ("addSheet", "Tab 1", False),
        ("copyPaste", "Tab 1", False),
        (writes, "Tab 1", False),
        ("updateCells", "Tab 1", False),
        ("addBanding", "Tab 1", True),
        ("updateCells", "Dashboard", True),
        *ending,
    ]


def test_a_request_takes_no_more_bytes_than_it_has_to() -> None:
    text = '{"unknown":{"a":"Zoë","b":[1,2]}}'
    assert Part.of({"unknown": {"a": "Zoë", "b": [1, 2]}}).text == text.encode()


def test_a_staging_tab_is_hidden_as_large_as_its_blocks_and_deleted_at_the_end() -> None:
    one, two = tab(1, BLOCKS), tab(2, BLOCKS[:1])
    bodies = make_bodies(plan(one, two), 1)
    (add, *_), *_ = map(requests, bodies.staging)
    assert add["addSheet"]["properties"] == {
        "sheetId": STAGING_ID,
        "title": STAGING_TITLE,
        "hidden": True,
        "gridProperties": {"rowCount": 8, "columnCount": 3},
    }
    assert bodies.staged_cells == 8 * 3
    assert requests(bodies.commit)[-1] == {"deleteSheet": {"sheetId": STAGING_ID}}


@pytest.mark.parametrize(
    ("blocks", "staged_rows"), [(MAX_STAGED_BLOCKS, 100), (MAX_STAGED_BLOCKS + 1, 300)]
)
def test_a_tab_with_very_many_blocks_is_staged_whole(blocks: int, staged_rows: int) -> None:
    many = tab(1, [Block(2 * n, n % 3, 1, 1) for n in range(blocks)], height=300)
    bodies = make_bodies(plan(many), 1)
    whole = [Block(0, 0, 300, 3)] if blocks > MAX_STAGED_BLOCKS else None
    assert applied(bodies) == {1: cells_of(many, whole)}
    assert bodies.staged_cells == staged_rows * (3 if whole else 1)


def test_each_staging_body_has_as_many_rows_as_fit() -> None:
    one = tab(1, [Block(1, 1, 8, 1)])
    line = len('{"values":[{"userEnteredValue":{"stringValue":"text 0000"}}]}')
    with_commas = {count: count * line + count - 1 for count in range(1, 9)}
    for most_bytes, parts in (
        (1, [1] * 8),
        (with_commas[2] - 1, [1] * 8),
        (with_commas[2], [2] * 4),
        (with_commas[3] - 1, [2] * 4),
        (with_commas[3], [3, 3, 2]),
        (with_commas[8] - 1, [7, 1]),
        (with_commas[8], [8]),
    ):
        # What else is sent keeps all of it from going in one body.
        bodies = make_bodies(plan(one, opening=({"unknown": "x" * 9_000},)), most_bytes)
        written = [
            each["updateCells"]["rows"]
            for body in bodies.staging
            for each in requests(body)
            if "updateCells" in each
        ]
        assert list(map(len, written)) == parts
        assert len(bodies.staging) == len(parts)
        assert bodies.staging[-1] == [*bodies.staging][-1]
        creates = ["addSheet" in each for body in bodies.staging for each in requests(body)]
        assert creates == [True, *[False] * len(parts)]
        assert applied(bodies) == {1: cells_of(one)}


def test_a_commit_is_read_back_where_that_was_planned() -> None:
    checked = (Area(0, 1, 0, 3), Area(8, 9, 0, 3))
    needed, idle = tab(1, BLOCKS, checked=checked), tab(2, [], checked=checked)
    commit = json.loads(make_bodies(plan(needed, idle), 8_000_000).commit)
    assert commit["responseRanges"] == ["'Tab 1'!A1:C1", "'Tab 1'!A9:C9"]
    assert commit["includeSpreadsheetInResponse"]
    assert commit["responseIncludeGridData"]
    unread = json.loads(make_bodies(plan(tab(1, BLOCKS)), 8_000_000).commit)
    assert unread["responseRanges"] == []
    assert not unread["includeSpreadsheetInResponse"]
    assert not unread["responseIncludeGridData"]
    unasked = json.loads(make_bodies(plan(needed), 8_000_000).commit_without(answer=False))
    assert unasked == {**unread, "requests": unasked["requests"]}


def test_the_remarks_beside_the_rows_are_read_back_too() -> None:
    remarks = RemarkPlan((), (), (), range(1, 9), 5, 0, 2, checked=Area(1, 9, 3, 5))
    for found, beside in ((remarks, ["'Tab 1'!D2:E9"]), (replace(remarks, checked=None), [])):
        made = plan(tab(1, BLOCKS, checked=(Area(0, 9, 0, 3),), remarks=found))
        assert list(make_bodies(made, 8_000_000).checked) == ["'Tab 1'!A1:C9", *beside]
