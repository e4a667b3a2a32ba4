"""What people write beside a row stays beside that row, over weeks of builds and hand edits.

One seed a kind of worksheet; REFSYNC_TEST_THOROUGH=1 tries forty.
"""

from __future__ import annotations

import json
import os
import random
from collections import Counter
from concurrent.futures import Future
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

import pytest

from refsync.report import as_text, to_json
from refsync.worksheet.build import Build
from tests.conftest import THOROUGH
from tests.google_sheets.pushing import Book, Columns, table, values_of
from tests.google_sheets.remarks import KEPT, check, look, sight
from tests.google_sheets.test_faults import FAULTS, KILL, PATIENCE, UNSURE
from tests.sheets_emulator import Beliefs, Formula

if TYPE_CHECKING:
    from refsync.worksheet.table import Cell, Table
    from tests.sheets_emulator import Call, SheetsEmulator

Kind = Literal["keyed", "whole row", "window"]
KINDS: tuple[Kind, ...] = ("keyed", "whole row", "window")
WIDTH = 3
FORMULAS, FIRST_OWN = 3, 4
"""The columns that a reader adds: one of formulas, then his own."""


def keyed(rows: list[tuple[Cell, ...]], **changes: Any) -> Table:
    return replace(table(rows), key=(0,), **changes)


class World:
    """A worksheet that changes from day to day, and a reader at work in it."""

    def __init__(self, book: Book, chance: random.Random, kind: Kind) -> None:
        self.book, self.chance, self.kind = book, chance, kind
        self.numbers = list(range(chance.randint(2, 12)))
        self.texts, self.next = 0, 100

    def table(self) -> Table:
        rows: list[tuple[Cell, ...]] = [
            (number, f"name {number}", number / 4 if self.kind == "whole row" else self.value())
            for number in self.numbers
        ]
        return table(rows) if self.kind == "whole row" else keyed(rows)

    def value(self) -> float | None:
        return self.chance.choice([None, 0.5, 1.0])

    def pass_a_day(self) -> None:
        some = self.chance.randint(1, 4)
        if self.kind == "window":
            self.numbers = [number + some for number in self.numbers]
            return
        match self.chance.randrange(5):
            case 0:
                self.chance.shuffle(self.numbers)
            case 1:
                self.numbers = [n for n in self.numbers if self.chance.random() < 0.7]
            case 2:
                self.numbers += range(self.next, self.next + some)
                self.next += some
                self.chance.shuffle(self.numbers)
            case 3:
                self.numbers.reverse()
            case _:
                self.numbers += [n for n in range(some) if n not in self.numbers]

    def edit(self, ends: int = 11) -> None:
        """Do one thing that a reader does, of the first ones."""
        sheet_id = self.book.sheet_id()
        rows = len(look(self.book, self.table()).rows)
        row = self.chance.randint(1, max(rows, 1))
        column = self.chance.randint(FIRST_OWN, FIRST_OWN + 3)
        anywhere = self.chance.choice([*range(WIDTH), column])
        self.texts += 1
        text = f"text {self.texts}"
        cell: dict[str, Any] = {}
        own = {"sheetId": sheet_id, "rowIndex": row, "columnIndex": column}
        any_cell = {**own, "columnIndex": anywhere}
        whole = {"sheetId": sheet_id, "startRowIndex": 1, "endRowIndex": rows + 1}
        pick = self.chance.randrange(ends)
        if pick <= 3:
            kinds = ({"stringValue": text}, {"numberValue": self.texts + 0.5},
                     {"formulaValue": f"=B{row + 1}"})  # fmt: skip
            cell = {"userEnteredValue": self.chance.choice(kinds)}
            self.write(own, cell, "userEnteredValue")
        elif pick <= 5:
            self.write(any_cell, {"note": f"note {self.texts}"}, "note")
        elif pick <= 7:
            style = {"rgbColor": {"red": self.chance.choice([0.25, 0.5, 0.75])}}
            cell = {"userEnteredFormat": {"backgroundColorStyle": style}}
            self.write(any_cell, cell, "userEnteredFormat.backgroundColorStyle")
        elif pick == 8 and rows > 1:
            spec = {"dimensionIndex": self.chance.choice([0, 1, column]), "sortOrder": "DESCENDING"}
            self.book.edit({"sortRange": {"range": whole, "sortSpecs": [spec]}})
        elif pick == 10:
            span = {"sheetId": sheet_id, "dimension": "COLUMNS", "startIndex": column}
            span["endIndex"] = column + 1
            change = self.chance.choice(["insertDimension", "deleteDimension"])
            self.book.edit({change: {"range": span}})
        elif pick == 9:
            own["columnIndex"] = self.chance.randrange(WIDTH)
            values = [{}, {"stringValue": text}, {"numberValue": 7}]
            cell = {"userEnteredValue": self.chance.choice(values)}
            self.write(own, cell, "userEnteredValue")

    def write(self, start: dict[str, Any], cell: dict[str, Any], fields: str) -> None:
        rows = [{"values": [cell]}]
        self.book.edit({"updateCells": {"start": start, "rows": rows, "fields": fields}})


@pytest.mark.parametrize("seed", range(40 if THOROUGH else 1))
@pytest.mark.parametrize("kind", KINDS)
def test_weeks_of_remarks(emulator: SheetsEmulator, kind: Kind, seed: int) -> None:
    chance = random.Random(f"{kind} {seed}")
    book = Book(emulator)
    world = World(book, chance, kind)
    book.push(world.table())
    formulas = [[f"=A{row}*2"] for row in range(2, len(world.numbers) + 2)]
    book.type_in("Data!D1", ["Twice"], *formulas)
    for _ in range(25):
        for _ in range(chance.randint(0, 4)):
            world.edit()
        world.pass_a_day()
        desired = world.table()
        before = look(book, desired)
        by_cell = chance.choice([0, 10**6])
        most_bytes = chance.choice([10**7, 2_000])
        result = book.push(desired, most_bytes=most_bytes, most_by_cell=by_cell)
        after = look(book, desired)
        check(before, after, desired)
        assert after.rows == [tuple(row) for row in values_rows(desired)]
        assert result.worksheets[0].kept_remarks == len(after.kept) - len(before.kept)
        book.push(desired)
        assert book.counts() == (2, 0)
    titles = [sheet["properties"]["title"] for sheet in emulator.get(book.id)["sheets"]]
    assert {*titles} <= {"Sheet1", "Data", KEPT}


def values_rows(desired: Table) -> list[list[Any]]:
    width = len(desired.columns)
    return [row + [None] * (width - len(row)) for row in values_of(desired)[1:]]


# --- edits between reading and commit -------------------------------------------------------------

COMMIT = 3
"""The call that commits: after the structure and the cells were read."""


def prepared(emulator: SheetsEmulator, rows: int = 8) -> tuple[Book, Table]:
    """A worksheet with remarks beside most rows, and the same rows in another order."""
    emulator.clear_plans()
    book = Book(emulator)
    data: list[tuple[Cell, ...]] = [(n, f"name {n}", None) for n in range(rows)]
    book.push(keyed(data))
    beside = [[f"about {n}", f"more {n}" if n % 2 else ""] for n in range(rows)]
    beside[2] = ["", ""]
    book.type_in("Data!D1", ["Mine", "More"], *beside)
    note = {"values": [{}, {"note": "a note"}]}
    start = {"sheetId": book.sheet_id(), "rowIndex": 4, "columnIndex": 0}
    book.edit({"updateCells": {"start": start, "rows": [note], "fields": "note"}})
    emulator.forget_calls()
    chance = random.Random(rows)
    new = [*data[:-1], (100, "name 100", None), (101, "name 101", None)]
    chance.shuffle(new)
    return book, keyed(new)


def beside(book: Book, desired: Table, column: int = 3) -> dict[Any, Any]:
    """What is in a column, by the key of its row."""
    found = look(book, desired)
    return {
        row[0]: cell.value
        for number, row in enumerate(found.rows, 1)
        if (cell := found.cells.get((number, column))) and cell.value is not None
    }


def kept_texts(book: Book, desired: Table) -> list[str]:
    return sorted(str(row[3]) for row in look(book, desired).kept)


def test_what_is_typed_before_the_commit_goes_with_its_row(emulator: SheetsEmulator) -> None:
    """Beside a row that has a remark, beside one that has none, and beside one that leaves."""
    book, desired = prepared(emulator)

    def type_in(_: Call) -> None:
        book.type_in("Data!D3", ["edited"])
        book.type_in("Data!D4", ["new"])
        book.type_in("Data!D9", ["the last word"])
        note = {"values": [{"note": "a note of the last second"}]}
        start = {"sheetId": book.sheet_id(), "rowIndex": 4, "columnIndex": 1}
        book.edit({"updateCells": {"start": start, "rows": [note], "fields": "note"}})

    emulator.on_call(COMMIT, type_in)
    book.push(desired)
    found = beside(book, desired)
    row = [row[0] for row in look(book, desired).rows].index(3) + 1
    assert look(book, desired).cells[row, 1].note == "a note of the last second"
    assert (found[1], found[2], found[3]) == ("edited", "new", "about 3")
    assert kept_texts(book, desired) == ["more 7", "the last word"]
    book.push(desired)
    assert book.counts() == (2, 0)


@pytest.mark.parametrize("edit", ["sort", "delete a row", "insert a row", "clear"])
def test_rows_that_are_moved_before_the_commit_keep_their_remarks(
    emulator: SheetsEmulator, edit: str
) -> None:
    book, desired = prepared(emulator)
    before = look(book, desired)
    sheet_id = book.sheet_id()
    whole = {"sheetId": sheet_id, "startRowIndex": 1, "endRowIndex": 9}
    spec = {"dimensionIndex": 0, "sortOrder": "DESCENDING"}
    row = {"sheetId": sheet_id, "dimension": "ROWS", "startIndex": 3, "endIndex": 4}
    edits: dict[str, dict[str, Any]] = {
        "sort": {"sortRange": {"range": whole, "sortSpecs": [spec]}},
        "delete a row": {"deleteDimension": {"range": row}},
        "insert a row": {"insertDimension": {"range": row, "inheritFromBefore": True}},
        "clear": {"updateCells": {"range": {**whole, "startRowIndex": 6, "endRowIndex": 7},
                                  "fields": "userEnteredValue"}},
    }  # fmt: skip
    emulator.on_call(COMMIT, lambda _: book.edit(edits[edit]))
    book.push(desired)
    expected = {key: f"about {key}" for key in range(7) if key != 2}
    if edit == "clear":
        # The reader cleared his own text; that is no loss.
        del expected[5]
    assert beside(book, desired) == expected
    texts = look(book, desired).all_texts(set())
    assert "a note" in texts
    assert max(texts.values()) == 1
    assert edit == "clear" or texts == before.all_texts(set())
    book.push(desired)
    assert book.counts() == (2, 0)


@pytest.mark.parametrize("seed", range(100 if THOROUGH else 6))
def test_any_edit_just_before_the_commit(emulator: SheetsEmulator, seed: int) -> None:
    """What was read stays beside its key or is kept, unless that edit took it away."""
    emulator.clear_plans()
    chance = random.Random(seed)
    book = Book(emulator)
    world = World(book, chance, chance.choice(["keyed", "window"]))
    book.push(world.table())
    for _ in range(15):
        world.edit(ends=10)
    world.pass_a_day()
    desired = world.table()
    book.push(desired)
    for _ in range(3):
        world.edit(ends=9)
    world.pass_a_day()
    desired = world.table()
    before, late = look(book, desired), []

    def edit(_: Call) -> None:
        world.edit(ends=10)
        late.append(look(book, desired))

    emulator.on_call(COMMIT, edit)
    result = book.push(desired)
    after = look(book, desired)
    assert after.rows == [tuple(row) for row in values_rows(desired)]
    formula_columns = before.formula_columns()
    at_commit = late[0] if late else before
    # A text that is typed in that second beside a row that leaves may be overwritten.
    expected = at_commit.all_texts(formula_columns) & before.all_texts(formula_columns)
    assert after.all_texts(formula_columns) >= expected - Counter(["a formula"] * 99)
    keys = {row[0]: number for number, row in enumerate(after.rows, 1)}
    kept = [str(row[3]) for row in after.kept if len(row) > 3]
    for row, key in before.keys().items():
        for column in {column for _, column in before.cells}:
            for text in before.texts((row, column), formula_columns):
                if text == "a formula" or not expected[text]:
                    continue
                here = after.texts((keys.get(key[0], 0), column), formula_columns)
                assert text in here or text in kept, (result, key, column, text)


# --- what is said of it ---------------------------------------------------------------------------


@pytest.mark.parametrize("dry_run", [True, False])
def test_the_summary_says_what_moves_and_what_is_kept(
    emulator: SheetsEmulator, *, dry_run: bool
) -> None:
    book, desired = prepared(emulator)
    before = emulator.snapshot(book.id).book
    result = book.push(desired, dry_run=dry_run)
    words = as_text([result], Build(), dry_run=dry_run)
    assert "18 cells, moves 10 remarks with their rows, keeps 2 in Kept_Remarks\n" in words
    (sheet,) = json.loads(to_json([result], Build(), dry_run=dry_run))["worksheets"]
    assert (sheet["moved_remarks"], sheet["kept_remarks"]) == (10, 2)
    assert (emulator.snapshot(book.id).book is before) == dry_run
    one = replace(result, worksheets=(replace(result.worksheets[0], moved_remarks=1),))
    assert "moves 1 remark with its row, " in as_text([one], Build(), dry_run=dry_run)


# --- what it costs --------------------------------------------------------------------------------


@pytest.mark.skipif(not THOROUGH, reason="it takes ten seconds")
def test_thousands_of_rows_in_another_order_are_one_commit_under_two_megabytes(
    book: Book,
) -> None:
    """2 000 rows of 9 columns, with a formula column among five columns of remarks."""
    columns: Columns = dict.fromkeys(["ID", "Name", *map(str, range(7))], "text")
    data: list[tuple[Cell, ...]] = [(n, f"name {n}", *range(n, n + 7)) for n in range(2000)]
    desired = replace(table(data, columns=columns), key=(0,))
    book.push(desired)
    remarks = [[f"a {n}", "b", f"=A{n + 2}", "c", n, f"e {n}"] for n in range(2000)]
    book.type_in("Data!J1", ["A", "B", "F", "C", "D", "E"], *remarks)
    book.push(desired)
    assert book.counts() == (2, 0)
    random.Random(1).shuffle(data)
    result = book.push(replace(desired, rows=tuple(data)))
    assert book.counts() == (3, 1)
    assert result.bytes_sent < 2_000_000
    assert result.worksheets[0].moved_remarks > 9_900
    found = look(book, desired)
    assert [row[0] for row in found.rows] == [row[0] for row in data]
    for number, row in enumerate(data, 1):
        cells = [found.cells[number, column].value for column in (9, 10, 12, 13, 14)]
        assert cells == [f"a {row[0]}", "b", "c", float(str(row[0])), f"e {row[0]}"]
        assert found.cells[number, 11].value == Formula(f"=A{number + 1}")


@pytest.mark.parametrize("most", [10**6, 10], ids=["small", "large"])
def test_where_nothing_is_beside_the_rows_nothing_is_read_or_written_for_it(
    book: Book, most: int
) -> None:
    data: list[tuple[Cell, ...]] = [(n, f"name {n}", None) for n in range(50)]
    more = [*data, (50, "new", None)]
    for rows, counts in (
        (data, (1, 1)),
        (data, (2, 0)),
        (more, (3, 1)),
        (more[5:], (3, 1)),
        # That rows moved between the first and the last one shows in a large worksheet's values
        # only, so its notes and colours are read afterwards.
        ([more[5], *more[20:5:-1], *more[21:]], (3 if most > 10 else 4, 1)),
    ):
        book.push(keyed(rows), most_by_cell=most)
        assert book.counts()[1] == counts[1]
        assert book.counts()[0] == counts[0] or rows is data
    assert not any(b"PASTE_NORMAL" in call.body for call in book.emulator.log("write"))


# --- whatever goes wrong --------------------------------------------------------------------------

CALLS = 4
"""Two reads, the commit, and the read that confirms it."""


def check_whole(book: Book, desired: Table) -> None:
    """Each remark beside its key or kept, in all states that a reader could have seen."""
    for snapshot in book.emulator.history(book.id):
        if "Data" not in snapshot.titles:
            continue
        found = sight(snapshot, desired)
        texts = found.all_texts(set())
        assert not texts or max(texts.values()) == 1
        for number, row in enumerate(found.rows, 1):
            for column, words in ((3, "about"), (4, "more")):
                cell = found.cells.get((number, column))
                assert not cell or cell.value in {None, f"{words} {row[0]:g}"}
    assert beside(book, desired) == {key: f"about {key}" for key in range(7) if key != 2}
    assert beside(book, desired, 4) == {key: f"more {key}" for key in (1, 3, 5)}
    assert kept_texts(book, desired) == ["about 7", "more 7"]
    titles = [sheet["properties"]["title"] for sheet in book.emulator.get(book.id)["sheets"]]
    assert titles == ["Sheet1", "Data", KEPT]


@pytest.mark.parametrize("call", range(1, CALLS + 1))
@pytest.mark.parametrize("fault", [name for name in FAULTS if THOROUGH or name in UNSURE])
def test_any_fault_at_any_call(emulator: SheetsEmulator, fault: str, call: int) -> None:
    book, desired = prepared(emulator)
    book.read_timeout = PATIENCE.get(fault, 30.0)
    emulator.plan(FAULTS[fault](), call=call)
    result = book.push(desired)
    assert result.worksheets[0].kept_remarks == 2
    check_whole(book, desired)
    book.push(desired)
    assert book.counts() == (2, 0)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("call", range(1, CALLS + 1))
def test_a_kill_at_any_call(emulator: SheetsEmulator, call: int, *, after: bool) -> None:
    book, desired = prepared(emulator)
    started: Future[int] = Future()
    emulator.on_call(call, lambda _: os.kill(started.result(), KILL), after=after)
    process = book.start_push([desired])
    started.set_result(process.pid or 0)
    process.join()
    assert process.exitcode == (-KILL if os.name == "posix" else KILL)
    emulator.clear_plans()
    book.push(desired)
    check_whole(book, desired)


@pytest.mark.parametrize("call", range(1, CALLS + 1))
def test_a_rival_pushes_at_any_call(emulator: SheetsEmulator, call: int) -> None:
    book, desired = prepared(emulator)
    rival = Book(emulator)
    rival.id = book.id
    its = replace(desired, rows=(*desired.rows[4:], (55, "rival", None), *desired.rows[:4]))

    def push_too(_: Call) -> None:
        calls = emulator.calls[:]
        rival.push(its)
        emulator.calls[:] = calls

    emulator.on_call(call, push_too)
    book.push(desired)
    emulator.clear_plans()
    book.push(desired)
    check_whole(book, desired)


@pytest.mark.parametrize("processes", [2, 3])
def test_processes_race(emulator: SheetsEmulator, processes: int) -> None:
    book, desired = prepared(emulator)
    chance = random.Random(processes)
    orders = [
        [(replace(desired, rows=tuple(chance.sample(desired.rows, len(desired.rows)))),)
         for _ in range(5)]
        for _ in range(processes)
    ]  # fmt: skip
    running = [book.start_push(*each, seed=number + 1) for number, each in enumerate(orders)]
    for process in running:
        process.join()
        assert process.exitcode == 0
    check_whole(book, desired)


@pytest.mark.parametrize(
    "beliefs",
    [
        Beliefs(takes_any_metadata_id=True),
        Beliefs(leaves_out=frozenset({"hiddenByUser"})),
        Beliefs(pastes_into_shown_rows_only=True),
        Beliefs(leaves_out=frozenset({"slicers"}), pastes_row_by_row=True),
        Beliefs(clears_filters_at_the_end=True),
        Beliefs(answers_before_growth=True),
        Beliefs(leaves_out_answers=True),
        Beliefs(pastes_row_by_row=True),
        Beliefs(copies_notes=False),
    ],
    ids=lambda beliefs: "+".join(
        name for name, value in vars(beliefs).items() if value != getattr(Beliefs(), name)
    ),
)
def test_whatever_google_does_otherwise(emulator: SheetsEmulator, beliefs: Beliefs) -> None:
    """With a row that is hidden by hand, one that a filter hides, and a slicer if that hides."""
    book, desired = prepared(emulator)
    sheet_id = book.sheet_id()
    span = {"sheetId": sheet_id, "dimension": "ROWS", "startIndex": 5, "endIndex": 6}
    hide = {"range": span, "properties": {"hiddenByUser": True}, "fields": "hiddenByUser"}
    book.edit({"updateDimensionProperties": hide})
    if "slicers" in beliefs.leaves_out:
        area = {"sheetId": sheet_id, "startRowIndex": 0, "endRowIndex": 9}
        sheet = emulator.library.files[book.id].book.sheets[-1]
        sheet.objects["slicers"].append({"slicerId": 5, "spec": {"dataRange": area}})
    criteria = {"columnIndex": 1, "filterCriteria": {"hiddenValues": ["name 3"]}}
    everything = {"sheetId": sheet_id, "startRowIndex": 0, "endColumnIndex": 3}
    book.edit({"setBasicFilter": {"filter": {"range": everything, "filterSpecs": [criteria]}}})
    emulator.beliefs = beliefs
    try:
        book.push(desired)
        book.push(desired)
    finally:
        emulator.beliefs = Beliefs()
    assert book.counts() == (2, 0)
    check_whole(book, desired)


def test_a_new_column_has_none_of_the_colours_that_somebody_gave_its_neighbour(book: Book) -> None:
    old: Columns = {"ID": "integer", "B": "text"}
    new: Columns = {"ID": "integer", "New": "text", "B": "text"}
    book.push(replace(table([(1, "b"), (2, "b")], columns=old), key=(0,)))
    red = {"userEnteredFormat": {"backgroundColorStyle": {"rgbColor": {"red": 1.0}}}}
    start = {"sheetId": book.sheet_id(), "rowIndex": 1, "columnIndex": 0}
    fields = "userEnteredFormat.backgroundColorStyle"
    rows = [{"values": [red]}]
    book.edit({"updateCells": {"start": start, "rows": rows, "fields": fields}})

    wider = replace(table([(2, "n", "b"), (1, "n", "b")], columns=new), key=(0,))
    book.push(wider)
    seen = sight(book.emulator.snapshot(book.id), wider)
    colored = [place for place in seen.cells if place[0] and seen.color(place)]
    assert colored == [(2, 0)]
