from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refsync.errors import DestinationError
from refsync.google_sheets.cell_values import (
    entered_value,
    key_of_entered,
    key_of_rendered,
)
from refsync.google_sheets.planning.caution import Caution
from refsync.google_sheets.planning.checks import digest_of, kept_otherwise
from refsync.google_sheets.planning.desired import Desired
from refsync.google_sheets.planning.diff import (
    MAX_COPIES,
    after_copies,
    change,
    copies,
)
from refsync.google_sheets.planning.plan import Plan, make_plan
from refsync.google_sheets.planning.remarks import RemarkPlan
from refsync.google_sheets.planning.repairs import Expected
from refsync.google_sheets.records import (
    FIRST_GENERATION,
    GENERATION_KEY,
    KEPT_GENERATIONS,
    STATE_KEY,
    TabRecord,
    header_hash,
    state_text,
)
from refsync.google_sheets.spreadsheet import (
    Spreadsheet,
    spreadsheet_from_json,
    with_cells,
)
from refsync.worksheet.area import Area, column_letters
from refsync.worksheet.build import Build
from refsync.worksheet.row_counts import count_changes
from refsync.worksheet.safety import Origin
from refsync.worksheet.table import Column, Table
from refsync.worksheet.values import Formula, Row, Truth, key_of, sheet_value
from tests.google_sheets.dashboards import numbers

# --- values ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        (None, None),
        ("", None),
        (date(1900, 1, 1), 2),
        (datetime.fromisoformat("2026-01-01 12:00"), 46023.5),
        (datetime.fromisoformat("1899-12-29 06:00"), -0.75),
        (2**53, 2**53),
        (datetime.fromisoformat("2024-02-29 23:59:59.999999"), 45351.9999884259),
        (datetime.fromisoformat("9999-12-31 23:59:59.999999"), 2958465.99998843),
        (datetime.fromisoformat("1899-12-29 23:59:58.5"), -2.31481481481481e-05),
        (True, True),
        ("=1+1", "=1+1"),
    ],
)
def test_a_cell_becomes_what_a_worksheet_can_hold(cell: Any, expected: Any) -> None:
    value = sheet_value(cell)
    assert (value, type(value)) == (expected, type(expected))


def test_values_are_told_apart_as_a_reader_would() -> None:
    assert key_of(value=True) == Truth.TRUE != key_of(1)
    assert key_of("1") != key_of(1) == key_of(1.0)
    assert key_of(0.1 + 0.2) != key_of(0.3)
    assert key_of(1234567890123456) != key_of(1234567890123458)
    assert key_of("a\r\nb\rc") == key_of("a\nb\nc")
    assert key_of_rendered("=1+1") == Formula("=1+1") != key_of("=1+1")
    assert key_of_rendered("") is None


def test_columns_are_lettered_and_areas_meet() -> None:
    assert [column_letters(n) for n in (0, 25, 26, 701, 702, 18277)] == [
        "A", "Z", "AA", "ZZ", "AAA", "ZZZ",
    ]  # fmt: skip
    assert Area(0, None, 2, None).a1("It's") == "'It''s'!C1:"
    assert Area(3, 5, 0, 2).a1() == "A4:B5"
    assert Area(0, None, 0, None).meets(Area(9, 10, 9, 10))
    assert not Area(0, 9, 0, None).meets(Area(9, 10, 9, 10))
    middle = Area(3, 5, 3, 5)
    for beside in (Area(2, 3, 3, 5), Area(5, 6, 3, 5), Area(3, 5, 2, 3), Area(3, 5, 5, 6)):
        assert not middle.meets(beside)
        assert not beside.meets(middle)
    for touching in (Area(2, 4, 2, 4), Area(4, 6, 4, 6), Area(0, None, 4, None), middle):
        assert middle.meets(touching)
        assert touching.meets(middle)
    for end in (None, 9):
        assert Area(0, end, 4, end).meets(Area(8, None, 8, None))
        assert Area(8, None, 8, None).meets(Area(0, end, 4, end))
    assert Area(0, None, 0, 5).holds(Area(2, 8, 0, 5))
    assert not Area(0, 8, 0, 5).holds(Area(2, None, 0, 5))
    assert middle.holds(middle)
    for larger in (Area(2, 5, 3, 5), Area(3, 6, 3, 5), Area(3, 5, 2, 5), Area(3, 5, 3, 6)):
        assert larger.holds(middle)
        assert not middle.holds(larger)
    for endless in (Area(3, None, 3, 5), Area(3, 5, 3, None)):
        assert endless.holds(middle)
        assert endless.holds(endless)
        assert not middle.holds(endless)
    assert Area(3, 5, 2, 7).cells == 10


def test_what_an_area_does_not_begin_with_begins_at_its_edge() -> None:
    assert Area.from_json({}) == Area(0, None, 0, None)
    whole = {"startRowIndex": 1, "endRowIndex": 2, "startColumnIndex": 3, "endColumnIndex": 4}
    assert Area.from_json(whole) == Area(1, 2, 3, 4)
    assert Area(1, 2, 3, 4).to_json(5) == {"sheetId": 5, **whole}
    unbounded = {"sheetId": 5, "startRowIndex": 0, "startColumnIndex": 0}
    assert Area(0, None, 0, None).to_json(5) == unbounded


# --- diff -----------------------------------------------------------------------------------------

cells = st.one_of(st.none(), st.integers(0, 3), st.sampled_from(["a", "b", Formula("=a")]))
grids = st.lists(st.tuples(cells, cells, cells), max_size=14)


def applied(old: list[Row], new: list[Row]) -> tuple[list[Row], int]:
    """The new grid as a spreadsheet would have it, and the cells that were sent for it."""
    edit = change(old, new)
    rows = [list(row) for row in after_copies(old, edit.copies)]
    rows += [[None] * 3 for _ in range(len(new) - len(rows))]
    for block in edit.blocks:
        for row in range(block.row, block.row + block.rows):
            span = slice(block.column, block.column + block.columns)
            rows[row][span] = new[row][span]
    for row in range(len(new), edit.leftover):
        rows[row] = [None] * 3
    return [tuple(row) for row in rows], sum(block.cells for block in edit.blocks)


@given(
    grids,
    grids.map(lambda rows: [tuple("x" if isinstance(c, Formula) else c for c in r) for r in rows]),
)
def test_any_grid_becomes_any_other(old: list[Row], new: list[Row]) -> None:
    rows, _ = applied(old, new)
    assert rows[: len(new)] == new
    assert all(row == (None,) * 3 for row in rows[len(new) :])


@given(st.data())
def test_rows_that_moved_are_copied_and_the_rest_is_written(data: st.DataObject) -> None:
    """Windows slide, rows go, come and change: a few cells are sent, and the result is exact."""
    old: list[Row] = [(f"id {n}", n, "same") for n in range(data.draw(st.integers(30, 80)))]
    new = list(old)
    for _ in range(data.draw(st.integers(0, 4))):
        at = data.draw(st.integers(0, len(new) - 1))
        kind = data.draw(st.sampled_from(["drop", "add", "change", "slide"]))
        if kind == "drop":
            del new[at : at + data.draw(st.integers(1, 5))]
        elif kind == "add":
            new[at:at] = [(f"new {at} {n}", n, None) for n in range(data.draw(st.integers(1, 5)))]
        elif kind == "change":
            new[at] = (new[at][0], -1, "other")
        else:
            new = [*new[at % 7 :], (f"slid {at}", at, "same")]
        new = new or [("only", 0, "same")]
    rows, sent = applied(old, new)
    assert rows[: len(new)] == new
    assert all(row == (None,) * 3 for row in rows[len(new) :])
    assert sent <= 3 * len(new)


def test_a_window_that_slid_by_a_day_sends_the_new_day_only() -> None:
    def day(number: int) -> list[Row]:
        return [(f"event {number} {n}", number, n) for n in range(40)]

    header: Row = ("Event", "Day", "Number")
    old = [header] + [row for number in range(30) for row in day(number)]
    new = [header] + [row for number in range(1, 31) for row in day(number)]
    edit = change(old, new)
    assert [(copy.source, copy.target, copy.rows) for copy in edit.copies] == [(41, 1, 29 * 40)]
    assert sum(block.cells for block in edit.blocks) == 40 * 2  # the last column is what it was
    assert edit.leftover == 0
    assert change(new, new).cost == 0


def test_copies_never_read_what_an_earlier_one_overwrote() -> None:
    a, b, c = ([(f"{x}{n}", n) for n in range(30)] for x in "abc")
    old: list[Row] = [*a, *[("gap", None)] * 10, *b, *[("wide gap", None)] * 40, *c]
    new: list[Row] = [*[("new", 1)] * 25, *a, *b, *c]
    moves = copies(old, new)
    assert len(moves) == 3
    rows = after_copies(old, moves)
    assert rows[25 : len(new)] == new[25:]


def test_of_very_many_moves_the_longest_are_copied_and_the_result_is_exact() -> None:
    old: list[Row] = [(f"id {n}", n, "same") for n in range(30 * MAX_COPIES)]
    new = [row for n, row in enumerate(old) if n % 20]
    edit = change(old, new)
    assert len(edit.copies) == MAX_COPIES
    assert applied(old, new)[0][: len(new)] == new


def test_rows_are_counted_as_a_person_would() -> None:
    old = [("a", 1, 1), ("b", 1, 1), ("c", 1, 1)]
    assert count_changes(old, [("b", 2, 1), ("a", 1, 1), ("d", 0, 0)]) == (1, 1, 1)
    assert count_changes(old, old) == count_changes(old, list(reversed(old))) == (0, 0, 0)
    assert count_changes([], old) == (3, 0, 0)
    assert count_changes(old, []) == (0, 0, 3)
    assert count_changes([("a", 1), ("a", 1)], [("a", 1)]) == (0, 0, 1)


def test_a_blank_row_is_none_on_either_side() -> None:
    blank = (None, None)
    assert count_changes([], [blank] * 3) == (0, 0, 0)
    assert count_changes([("a", 1), blank, ("b", 2)], [("a", 1), blank, ("b", 2), blank]) == (
        0,
        0,
        0,
    )
    assert count_changes([("a", 1), ("b", 2)], [("a", 1), blank]) == (0, 0, 1)
    assert count_changes([blank, ("a", 1)], [blank, ("a", 2), blank]) == (0, 1, 0)


# --- what was read --------------------------------------------------------------------------------


def spreadsheet(*tabs: dict[str, Any], metadata: list[dict[str, Any]] | None = None) -> Spreadsheet:
    sheets = [{"properties": {"gridProperties": GRID, **tab}} for tab in tabs]
    answer = {"spreadsheetId": "1x", "sheets": sheets, "developerMetadata": metadata or []}
    return spreadsheet_from_json(answer)


GRID = {"rowCount": 10, "columnCount": 5}
DATA = Table("data", "Data", "raw", (Column("id", "ID", "text"),), (("a",),))


def plan_for(read: Spreadsheet, data: Table = DATA, **options: Any) -> Plan:
    desired = [Desired.from_table(data)]
    return make_plan(desired, read, **{"run": "ab12", "pushed_at": "", "adopt": False, **options})


def kept(managed: dict[str, TabRecord]) -> dict[str, Any]:
    """Refsync's record of these worksheets, as Google keeps it."""
    text = state_text(4, "r", "", managed)
    return {"metadataId": 5, "metadataKey": STATE_KEY, "metadataValue": text}


def recorded(plan: Plan) -> dict[str, TabRecord]:
    """What the record of a plan says of each worksheet."""
    made = plan.opening[-1]["createDeveloperMetadata"]["developerMetadata"]
    return dict(spreadsheet(metadata=[{**made, "metadataId": 5}]).records.tabs)


def filled(read: Spreadsheet, table: Table) -> Spreadsheet:
    """The same with the table in its first tab."""
    cells = with_cells(read.tabs[0], Desired.from_table(table).keys, 99)
    return read.with_tabs({read.tabs[0].sheet_id: cells})


def test_an_id_that_is_taken_is_never_the_next_generation_whoever_took_it() -> None:
    strange = {"metadataId": FIRST_GENERATION + 41, "metadataKey": "theirs"}
    ours = {"metadataId": FIRST_GENERATION + 7, "metadataKey": GENERATION_KEY, "metadataValue": "x"}
    random_one = {"metadataId": 12345, "metadataKey": "other"}
    read = spreadsheet(metadata=[strange, ours, random_one])
    assert (read.records.generation, dict(read.records.guards)) == (41, {7: ("x",)})
    (guard, _) = plan_for(read).opening
    made = guard["createDeveloperMetadata"]["developerMetadata"]
    assert (made["metadataId"], made["metadataValue"]) == (FIRST_GENERATION + 42, "ab12")


@pytest.mark.parametrize("text", ["", "{", "[]", '{"generation": 1, "tabs": {"Data": 5}}', "null"])
def test_a_record_that_somebody_damaged_is_replaced(text: str) -> None:
    record = {"metadataId": 5, "metadataKey": STATE_KEY, "metadataValue": text}
    read = spreadsheet(metadata=[record])
    assert read.records.tabs == {}
    deleted = plan_for(read).opening[1]["deleteDeveloperMetadata"]
    assert deleted["dataFilter"]["developerMetadataLookup"] == {"metadataId": 5}


def test_the_newest_of_several_records_counts() -> None:
    records = [
        {
            "metadataId": number,
            "metadataKey": STATE_KEY,
            "metadataValue": state_text(number, "r", "", {"Data": TabRecord(number, ("ab12",))}),
        }
        for number in (3, 9, 6)
    ]
    read = spreadsheet(metadata=records)
    assert read.records.tabs == {"Data": TabRecord(9, ("ab12",))}
    assert read.records.state_ids == (3, 9, 6)


def test_a_record_says_where_rows_came_from_in_few_characters() -> None:
    build = Build(None, "refsync", "tracker", "the database tracker at db.example.org")
    origin, other = Origin.of(build), Origin.of(Build(project="cafe"))
    managed = {
        "Data": TabRecord(9, ("ab12",), origin, date(2026, 10, 31)),
        "Mine": TabRecord(8, ("cd34", "ef56")),
        "More": TabRecord(7, (), other, None),
        "Next": TabRecord(6, (), origin, date(2026, 10, 30)),
    }
    text = state_text(3, "r", "", managed)
    record = {"metadataId": 5, "metadataKey": STATE_KEY, "metadataValue": text}
    read = spreadsheet(metadata=[record]).records.tabs
    assert read == managed
    assert [each.as_of for each in read.values()] == [each.as_of for each in managed.values()]
    assert len(text) < 400
    # More than one worksheet of a source costs little more.
    many = {f"W{n:02}": TabRecord(n, (), origin, date(2026, 10, 31)) for n in range(100)}
    assert len(state_text(3, "r", "", many)) < 100 * 32 + 200


@pytest.mark.parametrize(
    "damage",
    [
        {"origins": 5},
        {"origins": []},
        {"pushed": [[0, "yesterday"]]},
        {"pushed": []},
        {"origins": [["a.b", "c"]]},
    ],
)
def test_a_record_whose_origins_somebody_damaged_still_knows_the_tabs(
    damage: dict[str, Any],
) -> None:
    managed = {"Data": TabRecord(9, ("ab12",), Origin.of(Build(project="cafe")))}
    text = json.dumps(json.loads(state_text(3, "r", "", managed)) | damage)
    record = {"metadataId": 5, "metadataKey": STATE_KEY, "metadataValue": text}
    (read,) = spreadsheet(metadata=[record]).records.tabs.values()
    assert (read.sheet_id, read.header_hashes, read.as_of) == (9, ("ab12",), None)


def test_a_tab_that_is_no_grid_cannot_hold_a_worksheet() -> None:
    chart = {"title": "data", "sheetId": 3, "sheetType": "OBJECT", "gridProperties": {}}
    with pytest.raises(DestinationError, match="'data' is not a grid of cells"):
        plan_for(spreadsheet(chart))


def test_a_title_that_another_worksheets_tab_was_given_is_an_error() -> None:
    text = state_text(1, "r", "", {"Other": TabRecord(0, ("ab12",))})
    record = {"metadataId": 5, "metadataKey": STATE_KEY, "metadataValue": text}
    with pytest.raises(DestinationError, match=r"'Data' is taken by the tab that holds .* Other"):
        plan_for(spreadsheet({"title": "Data"}, metadata=[record]))


def test_too_many_worksheets_for_one_record_are_an_error() -> None:
    tables = [
        Table("m", f"Worksheet number {n}", "raw", (Column("a", "A", "text"),) * 50, ())
        for n in range(100)
    ]
    desired = [Desired.from_table(each) for each in tables]
    with pytest.raises(DestinationError, match="--select"):
        make_plan(desired, spreadsheet(), run="ab12", pushed_at="", adopt=False)


def test_only_staging_tabs_that_cannot_be_in_use_make_a_push_write() -> None:
    guard = {"metadataId": FIRST_GENERATION + 4, "metadataKey": GENERATION_KEY}
    record = {
        "metadataId": 5,
        "metadataKey": STATE_KEY,
        "metadataValue": state_text(4, "r", "", {"Data": TabRecord(0, (header_hash("ID"),))}),
    }
    ours = {"title": "Data"}
    for generation, needed in ((4, True), (5, False)):
        staging = {"title": f"_refsync_stage_{generation}_ab0", "sheetId": 8}
        read = spreadsheet(ours, staging, metadata=[guard, record])
        tab = with_cells(read.tabs[0], (("ID",), ("a",)), 99)
        plan = plan_for(read.with_tabs({0: tab}))
        assert plan.is_needed == needed
        assert plan.closing == ({"deleteSheet": {"sheetId": 8}},)


def test_new_tabs_have_free_ids_of_their_own() -> None:
    data, over = Desired.from_table(DATA), Desired.from_table(numbers())
    ids: set[int] = set()
    taken: list[dict[str, Any]] = []
    for run in [f"run {n}" for n in range(8)] * 2:
        # The second time a run's ids are taken: by its own earlier tabs.
        plan = make_plan([data, over], spreadsheet(*taken), run=run, pushed_at="", adopt=False)
        assert plan.dashboard
        new = {plan.staging_id, plan.dashboard.sheet_id, *(tab.sheet_id for tab in plan.tabs)}
        assert len(new) == 4
        assert all(0 <= sheet_id < 2**31 for sheet_id in new)
        assert not new & ids
        taken += [{"title": f"Tab {n}", "sheetId": n} for n in new]
        ids |= new


GONE = TabRecord(5, ())


@pytest.mark.parametrize(
    ("tab", "managed", "is_made"),
    [
        pytest.param({"title": "Other", "sheetId": 3}, {}, True, id="there is none"),
        pytest.param({"title": "dashBOARD", "sheetId": 3}, {}, False, id="there is that title"),
        pytest.param({"title": "Mine", "sheetId": 5}, {"Dashboard": GONE}, False, id="renamed"),
        pytest.param({"title": "Other", "sheetId": 3}, {"Dashboard": GONE}, True, id="deleted"),
    ],
)
def test_a_dashboard_is_made_where_there_is_none(
    tab: dict[str, Any], managed: dict[str, TabRecord], *, is_made: bool
) -> None:
    text = state_text(4, "r", "", managed)
    record = {"metadataId": 9, "metadataKey": STATE_KEY, "metadataValue": text}
    read = spreadsheet({"title": "First", "sheetId": 1}, tab, metadata=[record])
    desired = [Desired.from_table(DATA), Desired.from_table(numbers())]
    plan = make_plan(desired, read, run="ab12", pushed_at="", adopt=False)
    data, over = plan.tabs
    assert data.result.notes == ("creates the tab",)
    assert data.result.cells == 2
    if not is_made:
        assert plan.dashboard is None
        assert (over.result.notes, over.result.cells) == (("creates the tab",), 7 * 7)
        return
    assert plan.dashboard
    assert plan.dashboard.title == "Dashboard"
    assert over.result.notes == ("creates the tab", "creates the tab Dashboard")
    assert over.result.cells == 7 * 7 + plan.dashboard.written
    assert plan.dashboard.written == 17
    # Its references are to the worksheet's tab, its charts to the worksheet's id.
    requests = plan.dashboard.requests
    cells = [request["updateCells"] for request in requests if "updateCells" in request]
    assert {"formulaValue": "=Some_Data!B2"} in [
        cell.get("userEnteredValue")
        for write in cells
        for row in write["rows"]
        for cell in row["values"]
    ]
    assert {write["range"]["sheetId"] for write in cells} == {plan.dashboard.sheet_id}
    charts = [request["addChart"]["chart"] for request in requests if "addChart" in request]
    assert len(charts) == 3
    for chart in charts:
        (source, *_) = chart["spec"]["basicChart"]["series"][0]["series"]["sourceRange"]["sources"]
        assert source["sheetId"] == over.sheet_id
    recorded = json.loads(
        plan.opening[-1]["createDeveloperMetadata"]["developerMetadata"]["metadataValue"]
    )
    assert recorded["tabs"]["Dashboard"] == [plan.dashboard.sheet_id, ""]


def test_a_guard_and_a_record_are_the_spreadsheets_own() -> None:
    guard, record = plan_for(spreadsheet()).opening
    for request in (guard, record):
        made = request["createDeveloperMetadata"]["developerMetadata"]
        assert (made["location"], made["visibility"]) == ({"spreadsheet": True}, "DOCUMENT")


@pytest.mark.parametrize("generation", [KEPT_GENERATIONS - 1, KEPT_GENERATIONS, 250])
def test_the_last_guards_are_kept_and_older_ones_deleted(generation: int) -> None:
    guards = [
        {"metadataId": FIRST_GENERATION + n, "metadataKey": GENERATION_KEY, "metadataValue": "r"}
        for n in range(1, generation + 1)
    ]
    _, *deleted, _ = plan_for(spreadsheet(metadata=guards)).opening
    numbers_deleted = [
        request["deleteDeveloperMetadata"]["dataFilter"]["developerMetadataLookup"]["metadataId"]
        - FIRST_GENERATION
        for request in deleted
    ]
    # With the new one, so many are kept.
    assert numbers_deleted == list(range(1, generation + 2 - KEPT_GENERATIONS))


def test_one_row_that_another_took_the_place_of_has_not_changed() -> None:
    assert count_changes([(1, "a")], [(2, "a")]) == (1, 0, 1)
    assert count_changes([(1, "a")], [(1, "b")]) == (0, 1, 0)


# --- cells as Google has them ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        (None, {}),
        (True, {"userEnteredValue": {"boolValue": True}}),
        (0, {"userEnteredValue": {"numberValue": 0}}),
        (0.5, {"userEnteredValue": {"numberValue": 0.5}}),
        ("=1+1", {"userEnteredValue": {"stringValue": "=1+1"}}),
    ],
)
def test_a_value_is_entered_as_what_it_is(value: Any, cell: dict[str, Any]) -> None:
    assert entered_value(value) == cell
    assert key_of_entered(cell.get("userEnteredValue")) == key_of(value)


def test_an_empty_text_is_a_blank_cell() -> None:
    assert key_of_entered({"stringValue": ""}) is None
    assert key_of_entered({"formulaValue": "=1+1"}) == Formula("=1+1")
    assert key_of_entered(None) is None


# --- the record, and what looks like an accident --------------------------------------------------

TODAY = date(2026, 10, 31)
CAFE = Build(project="cafe", source="the folder /data", as_of_date=TODAY)
FROM_CAFE = replace(DATA, build=CAFE)
MARKS = (header_hash("ID"),)
AT_HOME = {"title": "Data", "sheetId": 3}


def test_the_record_keeps_the_worksheets_whose_tabs_are_there() -> None:
    elsewhere = TabRecord(8, ("ab12",), Origin.of(Build(project="tea")), date(2026, 1, 2))
    record = kept({"Other": elsewhere, "Gone": TabRecord(9, ("cd34",))})
    read = spreadsheet({"title": "My own title", "sheetId": 8}, metadata=[record])
    plan = plan_for(read, FROM_CAFE)
    data = TabRecord(plan.tabs[0].sheet_id, MARKS, Origin.of(CAFE), TODAY)
    assert recorded(plan) == {"Other": elsewhere, "Data": data}
    as_of = {name: at.as_of for name, at in recorded(plan).items()}
    assert as_of == {"Other": date(2026, 1, 2), "Data": TODAY}


def test_a_build_that_says_nothing_of_its_origin_leaves_the_one_that_is_known() -> None:
    assert recorded(plan_for(spreadsheet()))["Data"].origin is None
    record = kept({"Data": TabRecord(3, MARKS, Origin.of(CAFE))})
    read = filled(spreadsheet(AT_HOME, metadata=[record]), DATA)
    assert recorded(plan_for(read))["Data"].origin == Origin.of(CAFE)


def test_a_staging_tab_is_called_by_the_next_generation() -> None:
    guard = {"metadataId": FIRST_GENERATION + 41, "metadataKey": GENERATION_KEY}
    plan = plan_for(spreadsheet(metadata=[guard]))
    assert (plan.staging_title, plan.generation) == ("_refsync_stage_42_ab12", 42)


def test_the_record_keeps_where_rows_begin_and_end() -> None:
    assert recorded(plan_for(spreadsheet()))["Data"].outline == Desired.from_table(DATA).outline()


def test_the_record_keeps_what_google_keeps_otherwise() -> None:
    """A cell that is like the desired one after a second push is not written again."""
    number = replace(DATA, rows=(("0042",),))
    found = replace(DATA, rows=((42,),))
    digest = digest_of(kept_otherwise(*(Desired.from_table(each).keys for each in (found, number))))
    known = {"Data": TabRecord(3, MARKS, kept=digest)}
    read = filled(spreadsheet(AT_HOME, metadata=[kept(known)]), found)
    plan = plan_for(read, number)
    assert not plan.is_needed
    assert recorded(plan)["Data"].kept == digest != ""


@pytest.mark.parametrize(
    ("managed", "is_needed"),
    [
        pytest.param({"Data": TabRecord(3, MARKS, Origin.of(CAFE))}, False, id="as it was"),
        pytest.param({}, True, id="the record is gone"),
        pytest.param({"Data": TabRecord(3, MARKS)}, True, id="of an older version"),
        pytest.param({"Data": TabRecord(3, ("ab12",), Origin.of(CAFE))}, True, id="a new header"),
    ],
)
def test_a_push_writes_where_only_the_record_is_another(
    managed: dict[str, TabRecord], *, is_needed: bool
) -> None:
    plan = plan_for(filled(spreadsheet(AT_HOME, metadata=[kept(managed)]), DATA), FROM_CAFE)
    assert not plan.tabs[0].is_needed
    assert plan.is_needed == is_needed


def test_a_push_writes_where_two_commits_knew_nothing_of_each_other() -> None:
    """Each may have written over the other, or added the same tab."""
    twice = {"title": "Data_conflict12", "sheetId": 8}
    managed = {"Data": TabRecord(3, MARKS), "Data_conflict12": TabRecord(8, MARKS)}
    record = kept({"Data": TabRecord(3, MARKS)})
    for rivals, tabs, is_needed in (
        ([record], [], False),
        ([record, {**record, "metadataId": 6}], [], True),
        ([kept(managed)], [twice], True),
    ):
        plan = plan_for(filled(spreadsheet(AT_HOME, *tabs, metadata=rivals), DATA))
        assert plan.is_needed == is_needed
        assert plan.closing == tuple({"deleteSheet": {"sheetId": 8}} for _ in tabs)


def test_a_tab_of_another_project_is_refused_unless_it_is_taken_over() -> None:
    record = kept({"Data": TabRecord(3, MARKS, Origin.of(Build(project="tea")))})
    read = filled(spreadsheet(AT_HOME, metadata=[record]), DATA)
    with pytest.raises(DestinationError, match="another dbt project"):
        plan_for(read, FROM_CAFE, force=True)
    plan = plan_for(read, FROM_CAFE, force=True, adopt=True)
    assert recorded(plan)["Data"].origin == Origin.of(CAFE)


def test_a_new_tab_is_added_behind_the_worksheet_before_it() -> None:
    read = spreadsheet({"title": "A", "sheetId": 3}, {"title": "Mine", "sheetId": 4})
    plan = plan_for(read, replace(DATA, order=("A", "Data")))
    properties = plan.tabs[0].prepare[0]["addSheet"]["properties"]
    assert properties["index"] == 1
    assert properties["sheetId"] == plan.tabs[0].sheet_id


def test_rows_that_moved_are_written_after_google_copied_others() -> None:
    rows = [(f"name {n}",) for n in range(40)]
    read = filled(
        spreadsheet(AT_HOME, metadata=[kept({"Data": TabRecord(3, MARKS)})]),
        replace(DATA, rows=tuple(rows)),
    )
    slid = replace(DATA, rows=(*rows[1:], ("new",)))
    assert plan_for(read, slid).tabs[0].copies
    assert not plan_for(read, slid, caution=Caution(copies=False)).tabs[0].copies


RIVALS = {"metadataId": 6, "metadataKey": STATE_KEY, "metadataValue": ""}
BEFORE = {8: Expected(RemarkPlan((), (), (), range(1), 1, 0, 0))}


@pytest.mark.parametrize(
    ("metadata", "options", "is_refused"),
    [
        pytest.param([], {}, True, id="somebody's"),
        pytest.param([], {"adopt": True}, False, id="taken over"),
        pytest.param([], {"expected": BEFORE}, False, id="maybe of this push's last commit"),
        pytest.param([RIVALS], {}, False, id="maybe of another push"),
    ],
)
def test_a_row_comes_where_something_is_below_only_if_that_may_be_refsyncs(
    metadata: list[dict[str, Any]], options: dict[str, Any], *, is_refused: bool
) -> None:
    outline = Desired.from_table(DATA).outline()
    record = kept({"Data": TabRecord(3, MARKS, outline=outline)})
    read = spreadsheet(AT_HOME, metadata=[record, *metadata])
    read = filled(read, replace(DATA, rows=(("a",), ("mine",))))
    longer = replace(DATA, rows=(("a",), ("b",)))
    if is_refused:
        with pytest.raises(DestinationError, match="row 3 below refsync's rows has something"):
            plan_for(read, longer, **options)
    else:
        assert plan_for(read, longer, **options).tabs[0].blocks


def test_a_tab_without_a_record_is_taken_over() -> None:
    assert plan_for(filled(spreadsheet(AT_HOME), DATA), adopt=True).tabs[0].adopted


def test_a_push_from_another_source_is_refused_unless_it_is_forced() -> None:
    record = kept({"Data": TabRecord(3, MARKS, Origin.of(Build(source="the folder /sample")))})
    read = filled(spreadsheet(AT_HOME, metadata=[record]), DATA)
    with pytest.raises(DestinationError) as caught:
        plan_for(read, FROM_CAFE)
    assert str(caught.value) == (
        "The last push of Data came from the folder /sample, and this one comes from the folder "
        "/data: build from the former source again, or run with --force to replace what is there."
    )
    with pytest.raises(DestinationError, match=r"^The last push of Data came"):
        plan_for(read, FROM_CAFE, force=False)
    assert recorded(plan_for(read, FROM_CAFE, force=True))["Data"].origin == Origin.of(CAFE)
    # Of a tab that was deleted nothing is replaced.
    gone = spreadsheet({"title": "Mine", "sheetId": 8}, metadata=[record])
    assert recorded(plan_for(gone, FROM_CAFE))["Data"].origin == Origin.of(CAFE)


def events(**counts: int) -> Table:
    """Rows of several days of October: `d4=2` are two of the fourth."""
    days = [date(2026, 10, int(day[1:])) for day, count in counts.items() for _ in range(count)]
    columns = (Column("day", "Day", "date"), Column("id", "ID", "integer"))
    rows = tuple((day, n) for n, day in enumerate(days))
    return Table("data", "Data", "raw", columns, rows, build=Build(as_of_date=days[-1]))


def test_the_last_as_of_date_bounds_how_many_days_may_slide_out() -> None:
    """As of the next day, one day's rows may go; with a last push of long ago, all before."""
    before, after = events(d1=10, d2=900, d29=90), events(d29=90, d30=5)
    marks = tuple(map(header_hash, ("Day", "ID")))

    def plan(last: date | None, **options: Any) -> Plan:
        record = kept({"Data": TabRecord(3, marks, None, last)} if last else {})
        return plan_for(filled(spreadsheet(AT_HOME, metadata=[record]), before), after, **options)

    with pytest.raises(DestinationError, match=r"^This push would remove 900 of the 990 rows of"):
        plan(date(2026, 10, 29))
    assert plan(date(2026, 10, 29), force=True).is_needed
    assert plan(date(2026, 10, 1)).is_needed
    # A tab that is taken over loses nothing of refsync's.
    assert plan(None).tabs[0].adopted
