"""Each thing that refsync believes of Google without a proof, turned into its opposite.

A push stays right, or fails with a sentence: never are there wrong rows after a success.
"""

from __future__ import annotations

import contextlib
import unicodedata
from typing import TYPE_CHECKING, Any

import pytest

from refsync.errors import DestinationError
from refsync.google_sheets.api.client import Client, RefusedError
from refsync.google_sheets.batch import make_bodies
from refsync.google_sheets.planning.desired import Desired
from refsync.google_sheets.planning.plan import make_plan
from refsync.google_sheets.read import read_cells, read_structure
from refsync.worksheet.values import sheet_value
from tests.conftest import THOROUGH
from tests.google_sheets.dashboards import numbers
from tests.google_sheets.pushing import Book, Columns, table, values_of, visible
from tests.sheets_emulator import Beliefs, Fault, Formula, SheetsEmulator

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from refsync.worksheet.table import Cell, Format
    from tests.sheets_emulator import Call
    from tests.sheets_emulator.beliefs import Keep
    from tests.sheets_emulator.cells import Value


@pytest.fixture(autouse=True)
def believing(emulator: SheetsEmulator) -> Iterator[None]:
    yield
    emulator.beliefs = Beliefs()
    emulator.clear_plans()


def rows(start: int, stop: int, text: str = "row") -> list[tuple[Cell, ...]]:
    return [(n, f"{text} {n}", n / 8) for n in range(start, stop)]


LARGE = 360
"""Rows that are too many to be read back whole."""


def hide(book: Book, start: int, end: int) -> None:
    span = {"sheetId": book.sheet_id(), "dimension": "ROWS", "startIndex": start, "endIndex": end}
    book.edit(
        {
            "updateDimensionProperties": {
                "range": span,
                "properties": {"hiddenByUser": True},
                "fields": "hiddenByUser",
            }
        }
    )


# --- rows that are copied -------------------------------------------------------------------------

COPYING = {
    "row by row": Beliefs(pastes_row_by_row=True),
    "hidden rows are left out": Beliefs(leaves_out=frozenset({"hiddenByUser"})),
    "hidden rows are not pasted to": Beliefs(pastes_into_shown_rows_only=True),
    "a filter hides until the end": Beliefs(clears_filters_at_the_end=True),
    "row by row, and one range answered": Beliefs(pastes_row_by_row=True, answers=1),
}


@pytest.mark.parametrize(
    ("height", "shift"),
    [(40, 3), (LARGE, -3), *([(40, -3), (LARGE, 3)] if THOROUGH else [])],
)
@pytest.mark.parametrize("beliefs", COPYING.values(), ids=COPYING)
def test_rows_are_right_however_google_copies(
    book: Book, beliefs: Beliefs, height: int, shift: int
) -> None:
    book.push(table(rows(10, 10 + height)))
    hide(book, 7, 9)
    hide(book, height // 2, height // 2 + 1)
    criteria = {"columnIndex": 1, "filterCriteria": {"hiddenValues": ["row 15", "row 17"]}}
    everything = {"sheetId": book.sheet_id(), "startRowIndex": 0, "endColumnIndex": 3}
    book.edit({"setBasicFilter": {"filter": {"range": everything, "filterSpecs": [criteria]}}})
    book.emulator.beliefs = beliefs
    desired = table(rows(10 + shift, 10 + height))
    book.push(desired)
    assert book.values() == values_of(desired)
    assert book.counts()[1] <= 2
    book.push(desired)
    assert book.counts() == (2, 0)


def test_every_row_of_every_copy_is_read_back(book: Book) -> None:
    """Of very many copies, too: here the hidden row is in the middle of the 24th of them."""
    old = rows(0, 1200)
    book.push(table(old))
    hide(book, 1160, 1161)
    book.emulator.beliefs = Beliefs(pastes_into_shown_rows_only=True)
    desired = table([row for number, row in enumerate(old) if number % 50])
    book.push(desired)
    assert book.values() == values_of(desired)


@pytest.mark.parametrize("kind", ["slicers", "filterViews", "rowGroups"])
def test_nothing_is_copied_where_something_else_may_hide_rows(book: Book, kind: str) -> None:
    book.push(table(rows(0, 60)))
    area = {"sheetId": book.sheet_id(), "startRowIndex": 0, "endRowIndex": 61}
    span = {"sheetId": book.sheet_id(), "dimension": "ROWS", "startIndex": 20, "endIndex": 40}
    sheet = book.emulator.library.files[book.id].book.sheets[-1]
    if kind == "slicers":
        sheet.objects["slicers"].append({"slicerId": 5, "spec": {"dataRange": area}})
    elif kind == "filterViews":
        book.edit({"addFilterView": {"filter": {"range": area, "title": "Mine"}}})
    else:
        sheet.objects["rowGroups"].append({"range": span, "depth": 1, "collapsed": True})
    book.emulator.beliefs = Beliefs(leaves_out=frozenset({kind}))  # type: ignore[arg-type]
    desired = table(rows(5, 60))
    book.push(desired)
    assert book.values() == values_of(desired)
    assert book.counts() == (3, 1)
    assert b"copyPaste" not in book.emulator.log("write")[0].body


def test_rows_that_stay_wrong_are_an_error_that_names_the_tab(book: Book) -> None:
    book.push(table(rows(0, 40)))
    hide(book, 7, 9)
    book.emulator.beliefs = Beliefs(writes_shown_rows_only=True)
    with pytest.raises(DestinationError, match=r"Twice the tab 'Data' was not as it was written"):
        book.push(table(rows(0, 40, "text")))


def test_rows_that_stay_wrong_of_which_nothing_is_read_back(book: Book) -> None:
    book.push(table(rows(0, 40)))
    hide(book, 7, 9)
    book.emulator.beliefs = Beliefs(writes_shown_rows_only=True, leaves_out_answers=True)
    with pytest.raises(DestinationError, match=r"Twice the tab 'Data' was not as it was written"):
        book.push(table(rows(0, 40, "text")))


def test_a_large_new_tab_is_read_back_too(book: Book) -> None:
    book.emulator.beliefs = Beliefs(keep=lambda value: value if value != "row 0" else "another")
    with pytest.raises(DestinationError, match="Twice the tab 'Data'"):
        book.push(table(rows(0, LARGE)))


@pytest.mark.parametrize(
    "beliefs", [Beliefs(), Beliefs(hides_new_rows=True)], ids=["like the last", "always"]
)
def test_rows_that_are_added_behind_a_hidden_one_are_seen(book: Book, beliefs: Beliefs) -> None:
    book.push(table(rows(0, 8)))
    hide(book, 8, 9)
    book.emulator.beliefs = beliefs
    book.push(table(rows(0, 12)))
    metadata = book.sheet()["data"][0]["rowMetadata"]
    assert [row.get("hiddenByUser", False) for row in metadata] == [False] * 8 + [True] + [
        False
    ] * 4


# --- the cells that are read back with the commit -------------------------------------------------


@pytest.mark.parametrize(
    "beliefs", [Beliefs(answers_before_growth=True), Beliefs(leaves_out_answers=True)]
)
def test_a_commit_is_read_where_google_does_not_answer(book: Book, beliefs: Beliefs) -> None:
    book.emulator.beliefs = beliefs
    for desired in (table(rows(0, 8)), table(rows(0, 12)), table(rows(3, 400))):
        book.push(desired)
        assert book.values() == values_of(desired)
    book.push(desired)
    assert book.counts() == (2, 0)


# --- decoration -----------------------------------------------------------------------------------

DECORATIONS = (
    "addBanding", "addChart", "addConditionalFormatRule", "mergeCells", "repeatCell",
    "setBasicFilter", "updateDimensionProperties",
)  # fmt: skip


@pytest.mark.parametrize("kind", DECORATIONS)
def test_decoration_that_google_refuses_is_left_out_and_named(book: Book, kind: str) -> None:
    book.emulator.beliefs = Beliefs(refused_requests=frozenset({kind}))
    desired = numbers()
    result = book.push(desired)
    assert book.values("Some_Data") == values_of(desired)
    assert "Dashboard" in book.emulator.snapshot(book.id).titles
    assert len(book.emulator.log("write")) <= 3
    sentences = [note for note in result.notes if "Google refuses" in note]
    assert sentences
    assert all(f"told to refuse every {kind}" in note for note in sentences)
    book.push(desired)
    assert book.counts() == (2, 0)


def test_all_decoration_may_be_refused(book: Book) -> None:
    book.emulator.beliefs = Beliefs(refused_requests=frozenset(DECORATIONS))
    desired = numbers()
    result = book.push(desired)
    assert book.values("Some_Data") == values_of(desired)
    assert len(book.emulator.log("write")) <= 1 + 2 * len(DECORATIONS)
    assert {note.partition(":")[0] for note in result.notes} == {"Some_Data", "Dashboard"}


def test_a_dashboard_whose_tab_is_refused_is_left_out_as_a_whole(book: Book) -> None:
    book.push(table(rows(0, 3)))
    desired = numbers(title="Data")
    book.adopt = True
    book.emulator.beliefs = Beliefs(refused_requests=frozenset({"addSheet"}))
    result = book.push(desired)
    assert book.values() == values_of(desired)
    assert [note.partition(", so")[0] for note in result.notes] == [
        "Dashboard: Google refuses the tab itself"
    ]
    # It is no reason to write each time; with the next change it is tried again.
    assert not book.push(desired).notes
    assert book.counts() == (2, 0)
    desired = numbers(("Ana", "Bo", "Di"), title="Data")
    assert len(book.push(desired).notes) == 1
    book.emulator.beliefs = Beliefs()
    book.push(numbers(title="Data"))
    assert "Dashboard" in book.emulator.snapshot(book.id).titles
    assert book.values() == values_of(numbers(title="Data"))


def test_a_dashboard_is_tried_no_second_time_where_google_does_not_say_what_it_refuses(
    book: Book,
) -> None:
    refused = frozenset({"addSheet"})
    book.push(table(rows(0, 3)))
    book.adopt = True
    book.emulator.beliefs = Beliefs(refused_requests=refused, says_which_is_refused=False)
    assert book.push(numbers(title="Data")).notes
    assert not book.push(numbers(title="Data")).notes
    assert book.counts() == (2, 0)
    assert book.values() == values_of(numbers(title="Data"))


@pytest.mark.parametrize("kind", ["updateBanding", "updateTable", "setBasicFilter"])
def test_what_does_not_grow_with_the_rows_is_left_as_it_is(book: Book, kind: str) -> None:
    book.push(table(rows(0, 5)))
    if kind == "updateTable":
        book = Book(book.emulator, {"Data": [["ID", "Name", "Value"], [0, "row 0", 0]]})
        book.push(table(rows(0, 1)))
        over = {"sheetId": 0, "startRowIndex": 0, "endRowIndex": 2, "endColumnIndex": 3}
        book.edit({"addTable": {"table": {"name": "T", "tableId": "t", "range": over}}})
    book.emulator.beliefs = Beliefs(refused_requests=frozenset({kind}))
    result = book.push(table(rows(0, 40)))
    assert book.values() == values_of(table(rows(0, 40)))
    assert any("Google refuses" in note for note in result.notes)


@pytest.mark.parametrize("kind", ["setBasicFilter", "clearBasicFilter"])
def test_a_readers_filter_is_never_lost(book: Book, kind: str) -> None:
    book.push(table(rows(0, 20)))
    over = {"sheetId": book.sheet_id(), "startRowIndex": 0, "endColumnIndex": 3}
    spec = {"columnIndex": 1, "filterCriteria": {"hiddenValues": ["row 4"]}}
    book.edit({"setBasicFilter": {"filter": {"range": over, "filterSpecs": [spec]}}})
    before = book.sheet()["basicFilter"]
    book.emulator.beliefs = Beliefs(refused_requests=frozenset({kind}))
    result = book.push(table(rows(2, 20)))
    assert book.values() == values_of(table(rows(2, 20)))
    assert book.sheet()["basicFilter"] == before
    assert "leaves its filter as it is" in result.worksheets[0].notes


@pytest.mark.parametrize("has_filter", [False, True])
def test_a_refusal_that_does_not_say_which_request_it_is(book: Book, *, has_filter: bool) -> None:
    refused = frozenset({"addChart", "repeatCell", "updateDimensionProperties"})
    book.push(table(rows(0, 5)))
    if has_filter:
        over = {"sheetId": book.sheet_id(), "startRowIndex": 0, "endColumnIndex": 3}
        spec = {"columnIndex": 1, "filterCriteria": {"hiddenValues": ["row 4"]}}
        book.edit({"setBasicFilter": {"filter": {"range": over, "filterSpecs": [spec]}}})
    before = book.sheet()["basicFilter"]
    book.emulator.beliefs = Beliefs(refused_requests=refused, says_which_is_refused=False)
    result = book.push(table(rows(2, 5)), numbers())
    assert book.values() == values_of(table(rows(2, 5)))
    assert book.values("Some_Data") == values_of(numbers())
    assert book.sheet()["basicFilter"] == before
    assert any("Google refuses" in note for note in result.notes)


@pytest.mark.parametrize("kind", ["updateCells", "createDeveloperMetadata", "addSheet"])
def test_what_a_push_cannot_do_without_is_an_error(book: Book, kind: str) -> None:
    book.emulator.beliefs = Beliefs(refused_requests=frozenset({kind}))
    with pytest.raises(DestinationError, match=f"told to refuse every {kind}"):
        book.push(table(rows(0, 5)))
    assert visible(book.emulator.snapshot(book.id)) == {}


# --- pushes at the same moment --------------------------------------------------------------------

LETTING_THROUGH = [
    Beliefs(takes_any_metadata_id=True),
    Beliefs(takes_any_metadata_id=True, overwrites_metadata=True),
    Beliefs(takes_any_metadata_id=True, skips_missing_metadata=False),
]


@pytest.mark.parametrize("beliefs", LETTING_THROUGH, ids=["twice", "over", "strict"])
@pytest.mark.parametrize("before", [0, 30], ids=["first", "next"])
@pytest.mark.parametrize("after", [False, True], ids=["rival first", "rival last"])
def test_of_two_commits_that_are_let_through_the_last_run_wins_whole(
    emulator: SheetsEmulator, beliefs: Beliefs, before: int, *, after: bool
) -> None:
    """The rival plans on the same state, and its commit arrives beside this one's."""
    book, rival = Book(emulator), Book(emulator)
    rival.id = book.id
    if before:
        book.push(table(rows(0, before)), numbers())
    emulator.beliefs = beliefs
    mine = (table(rows(5, 40)), numbers(("Ana", "Dee")))
    its = (table(rows(2, 22, "rival")), numbers(("Eve",), rows=7))

    def planned() -> Callable[[Call], None]:
        """The commit of a push that read what is there now."""
        client = Client(rival.account, book.id, emulator.url, rival.time.pace())
        desired = [Desired.from_table(each) for each in its]
        spreadsheet = read_cells(client, read_structure(client), desired)
        plan = make_plan(desired, spreadsheet, run="rival", pushed_at="", adopt=False, force=True)
        body = make_bodies(plan, 8_000_000).commit

        def commit(_: Call) -> None:
            with contextlib.suppress(RefusedError):
                client.update(body, "spreadsheetId")

        return commit

    def push_too(call: Call) -> None:
        commit = planned()
        if after:
            emulator.plan(Fault.run(commit), kind="read")
        else:
            commit(call)

    emulator.on_call(3 if before else 2, push_too)
    book.push(*mine)
    assert book.values("Data") == values_of(mine[0])
    assert book.values("Some_Data") == values_of(mine[1])
    titles = [sheet["properties"]["title"] for sheet in emulator.get(book.id)["sheets"]]
    assert sorted(titles) == ["Dashboard", "Data", "Sheet1", "Some_Data"]
    states = [
        each
        for each in emulator.get(book.id)["developerMetadata"]
        if each["metadataKey"] == "refsync_state"
    ]
    assert len(states) == 1
    book.push(*mine)
    assert book.counts() == (2, 0)


@pytest.mark.skipif(not THOROUGH, reason="takes many seconds")
def test_two_processes_that_are_let_through_do_not_mix(emulator: SheetsEmulator) -> None:
    emulator.beliefs = Beliefs(takes_any_metadata_id=True)
    book = Book(emulator)
    pushes = [[(table(rows(n, n + 30, f"{number}")),) for n in range(4)] for number in range(2)]
    running = [book.start_push(*each, seed=number + 1) for number, each in enumerate(pushes)]
    for process in running:
        process.join()
        assert process.exitcode == 0
    emulator.forget_calls()
    book.push(*pushes[0][-1])
    assert visible(emulator.snapshot(book.id)) == {"Data": values_of(pushes[0][-1][0])}


def test_a_conflict_passes(book: Book) -> None:
    book.emulator.plan(Fault.status(409), kind="write")
    book.push(table(rows(0, 5)))
    assert book.values() == values_of(table(rows(0, 5)))


def test_a_commit_whose_answer_is_lost_is_looked_for_and_not_sent_again(book: Book) -> None:
    book.push(table(rows(0, 5)))
    book.emulator.plan(Fault.status(503, after=True), kind="write")
    result = book.push(table(rows(2, 9)))
    assert book.values() == values_of(table(rows(2, 9)))
    assert len(book.emulator.log("write")) == 1
    assert result.worksheets[0].cells > 0


# --- what becomes of values -----------------------------------------------------------------------


def as_number(value: Value) -> Value:
    return float(value) if isinstance(value, str) and value.isdigit() else value


def without_controls(value: Value) -> Value:
    if not isinstance(value, str):
        return value
    return "".join(sign for sign in value if unicodedata.category(sign)[0] != "C") or None


def in_normal_form(value: Value) -> Value:
    return unicodedata.normalize("NFC", value) if isinstance(value, str) else value


def trimmed(value: Value) -> Value:
    return value.strip() if isinstance(value, str) else value


def rounded(value: Value) -> Value:
    return float(f"{value:.15g}") if isinstance(value, float) else value


LOSSY: dict[str, tuple[Keep, Cell]] = {
    "numbers": (as_number, "0042"),
    "controls": (without_controls, "bell\x07 \u200b."),
    "normal form": (in_normal_form, "re\u0301sume\u0301"),
    "spaces": (trimmed, " padded "),
    "digits": (rounded, 0.1 + 0.2),
}

UNLIKE: dict[str, tuple[Keep, Cell]] = {
    "signs of many bytes": (lambda value: question_marks(value, "\uffff"), "done \U0001f389"),
    "other scripts": (lambda value: question_marks(value, "\x7f"), "日本"),
    "long texts": (lambda value: value[:2_000] if isinstance(value, str) else value, "x" * 2_001),
    "formulas": (lambda value: Formula("=1+1") if value == "=1+1" else value, "=1+1"),
}


def question_marks(value: Value, last: str) -> Value:
    if not isinstance(value, str):
        return value
    return "".join("?" if sign > last else sign for sign in value)


@pytest.mark.parametrize(("keep", "value"), UNLIKE.values(), ids=UNLIKE)
def test_a_value_that_is_lost_is_an_error_wherever_it_is(
    book: Book, keep: Keep, value: Cell
) -> None:
    """In a worksheet too large to be read back whole, and among values of other kinds."""
    data = rows(0, LARGE)
    data[100:140] = [(1, f"0{n}", None) for n in range(40)]
    data[300] = (1, value, None)
    book.emulator.beliefs = Beliefs(keep=keep)
    with pytest.raises(DestinationError, match="Twice the tab 'Data'"):
        book.push(table(data))


@pytest.mark.parametrize("height", [10, LARGE])
@pytest.mark.parametrize(("keep", "value"), LOSSY.values(), ids=LOSSY)
def test_a_value_that_google_keeps_otherwise_is_named_and_not_written_every_time(
    book: Book, keep: Keep, value: Cell, height: int
) -> None:
    columns: Columns = {"ID": "integer", "Name": "text", "Value": "decimal"}
    data = rows(0, height)
    data[height // 2] = (1, value, None) if isinstance(value, str) else (1, "x", value)
    desired = table(data, columns=columns)
    book.emulator.beliefs = Beliefs(keep=keep)
    sentence = "Data: Google keeps 1 cell otherwise than it was sent."
    assert height == LARGE or sentence in book.push(desired).notes
    assert sentence in (book.push(desired).notes + book.push(desired).notes)
    again = book.push(desired)
    assert again.notes == (sentence,)
    assert (again.worksheets[0].cells, book.counts()[1]) == (0, 0)
    book.type_in("Data!A2", ["mine"])
    book.push(desired)
    kept = book.values()[height // 2 + 1]
    shown = [sheet_value(cell) for cell in data[height // 2]]
    (found,) = (a for a, b in zip(kept, shown, strict=False) if a != b)
    assert found == keep(sheet_value(value))
    book.emulator.beliefs = Beliefs()
    book.type_in(f"Data!A{height // 2 + 2}", ["mine"])
    book.push(desired)
    assert book.values()[1] == values_of(desired)[1]


def test_a_value_that_somebody_types_again_and_again_is_put_back_each_time(book: Book) -> None:
    desired = table([(1, "0042", None), (2, "0043", None)])
    book.push(desired)
    for _ in range(3):
        book.type_in("Data!B2", [42])
        book.push(desired)
        assert book.values() == values_of(desired)


@pytest.mark.parametrize("height", [10, LARGE])
def test_another_value_in_its_place_is_an_error(book: Book, height: int) -> None:
    def keep(value: Value) -> Value:
        return "another" if value == f"row {height - 1}" else value

    book.emulator.beliefs = Beliefs(keep=keep)
    with pytest.raises(DestinationError, match="Twice the tab 'Data'"):
        book.push(table(rows(0, height)))


@pytest.mark.parametrize("shown_as", ["boolean", "text"])
def test_booleans_stay_booleans_or_are_named(book: Book, shown_as: Format) -> None:
    book.emulator.beliefs = Beliefs(keeps_booleans_under_text=False)
    columns: Columns = {"I": "integer", "T": "text", "F": shown_as}
    book.push(table([(1, "a", True)], columns=columns))
    desired = table([(1, "a", True), (2, "b", False)], columns=columns)
    result = book.push(desired)
    if shown_as == "text":
        assert result.notes == ("Data: Google keeps 1 cell otherwise than it was sent.",)
    else:
        assert book.values() == values_of(desired)
    book.push(desired)
    assert book.counts()[1] == 0


# --- what else is in the spreadsheet --------------------------------------------------------------


def connected(book: Book, title: str) -> dict[str, Any]:
    """A tab that is connected to a data source of twelve million rows, as a preview."""
    book.edit({"addSheet": {"properties": {"title": title, "sheetId": 77}}})
    sheet = book.emulator.library.files[book.id].book.sheets[-1]
    grid = {"rowCount": 12_000_000, "columnCount": 9}
    sheet.properties = {**sheet.properties, "sheetType": "DATA_SOURCE", "gridProperties": grid}
    return sheet.properties


def test_a_connected_tab_is_not_counted_and_not_taken(book: Book) -> None:
    connected(book, "Warehouse")
    book.push(table(rows(0, 5)))
    book.push(table(rows(0, 40)))
    assert book.values() == values_of(table(rows(0, 40)))
    with pytest.raises(DestinationError, match="The tab 'Warehouse' is not a grid of cells"):
        book.push(table(rows(0, 5), "Warehouse"))


def test_a_table_with_its_own_bands_may_grow(book: Book) -> None:
    """As Google shows them: bands with the table's range, and without an id."""
    book.push(table(rows(0, 5)))
    sheet_id = book.sheet_id()
    bands = book.sheet()["bandedRanges"][0]["bandedRangeId"]
    over = {"sheetId": sheet_id, "startRowIndex": 0, "endRowIndex": 6, "endColumnIndex": 3}
    book.edit(
        {"clearBasicFilter": {"sheetId": sheet_id}},
        {"deleteBanding": {"bandedRangeId": bands}},
        {"addTable": {"table": {"name": "T", "tableId": "t", "range": over}}},
    )
    assert "bandedRangeId" not in book.sheet()["bandedRanges"][0]
    book.push(table(rows(0, 40)))
    assert book.values() == values_of(table(rows(0, 40)))
    assert book.sheet()["tables"][0]["range"]["endRowIndex"] == 41
