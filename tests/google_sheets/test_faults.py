"""What goes wrong, at every call of a push: readers see the old worksheets or the new ones.

One fault of each kind comes at each call of a staged push, and each fault without an end. At the
calls of a smaller push comes one of each kind after which a client does not know what was done.
REFSYNC_TEST_THOROUGH=1 tries the others too.
"""

from __future__ import annotations

import contextlib
import os
import signal
from concurrent.futures import Future
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from refsync.errors import DestinationError
from refsync.google_sheets import batch
from refsync.google_sheets.api.client import Client, RefusedError
from refsync.google_sheets.batch import make_bodies
from refsync.google_sheets.planning.desired import Desired
from refsync.google_sheets.planning.plan import make_plan
from refsync.google_sheets.read import read_cells, read_structure
from refsync.google_sheets.records import KEPT_GENERATIONS
from tests.conftest import THOROUGH
from tests.google_sheets.pushing import Book, table, values_of, visible
from tests.sheets_emulator import Fault, SheetsEmulator

if TYPE_CHECKING:
    from collections.abc import Callable

    from refsync.worksheet.table import Cell, Table
    from tests.sheets_emulator import Call


def rows(start: int, stop: int, text: str = "row") -> list[tuple[Cell, ...]]:
    return [(n, f"{text} {n}", None) for n in range(start, stop)]


OLD = (table(rows(0, 12)), table(rows(0, 3), "Other"))
NEW = (table(rows(3, 16)), table(rows(0, 2, "=text"), "Other"), table(rows(0, 1), "Third"))

Shown = dict[str, list[list[Any]]]

KILL: int = getattr(signal, "SIGKILL", signal.SIGTERM)
"""What ends a process there and then; on Windows any signal does."""


def shown(tables: tuple[Table, ...]) -> Shown:
    return {each.worksheet: values_of(each) for each in tables}


@dataclass(frozen=True)
class Case:
    """A push, what was there before, and how many calls it makes when nothing goes wrong."""

    name: str
    before: tuple[Table, ...]
    after: tuple[Table, ...]
    calls: int
    most_bytes: int = batch.MAX_BYTES


CASES = [
    Case("first", (), NEW, 3),
    Case("next", OLD, NEW, 4),
    Case("staged", OLD, NEW, 6, 700),
]

FAULTS: dict[str, Callable[[], Fault]] = {
    "429": lambda: Fault.status(429),
    "429 with Retry-After": lambda: Fault.status(429, retry_after=3),
    "500 before": lambda: Fault.status(500),
    "500 after": lambda: Fault.status(500, after=True),
    "503 before": lambda: Fault.status(503),
    "503 after": lambda: Fault.status(503, after=True),
    "timeout before": Fault.timeout,
    "timeout after": lambda: Fault.timeout(after=True),
    "applied late": Fault.late,
    "reset before": Fault.reset,
    "reset after": lambda: Fault.reset(after=True),
    "truncated": Fault.truncated,
}

PATIENCE = {"timeout before": 0.05, "timeout after": 0.05, "applied late": 0.05}
"""Seconds after which an answer that will never come is given up.

An answer that is only late, on a busy machine, is one more fault of the kind.
"""

STEPS = [(case, call) for case in CASES for call in range(1, case.calls + 1)]
STEP_NAMES = [f"{case.name}-{call}" for case, call in STEPS]

UNSURE = {"500 after", "503 after", "timeout after", "applied late", "reset after", "truncated"}
"""The faults of a call that was done, or will be."""


ONE_OF_A_KIND = UNSURE - {"500 after", "timeout after"}


TWINS = {"429 with Retry-After", "500 before", "500 after"}
"""Faults much as another one, which are also tried where one never ends."""


def is_tried(case: Case, fault: str) -> bool:
    return THOROUGH or case.name == "staged" or fault in ONE_OF_A_KIND


def prepared(emulator: SheetsEmulator, case: Case) -> Book:
    emulator.clear_plans()
    book = Book(emulator)
    if case.before:
        book.push(*case.before)
    emulator.forget_calls()
    return book


def check_that_no_reader_saw_a_half(book: Book, *whole: tuple[Table, ...]) -> None:
    allowed = [{}, *map(shown, whole)]
    for state in book.states():
        assert any(state == one for one in allowed), state


def check_that_the_next_run_brings_it_right(book: Book, case: Case) -> None:
    book.emulator.clear_plans()
    book.read_timeout = 30.0
    book.push(*case.after)
    assert visible(book.emulator.snapshot(book.id)) == shown(case.after)
    check_that_no_reader_saw_a_half(book, case.before, case.after)
    book.push(*case.after)
    assert book.counts()[1] == 0
    titles = [sheet["properties"]["title"] for sheet in book.emulator.get(book.id)["sheets"]]
    assert titles == ["Sheet1", "Data", "Other", "Third"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_cases_make_the_calls_that_they_say(emulator: SheetsEmulator, case: Case) -> None:
    book = prepared(emulator, case)
    book.push(*case.after, most_bytes=case.most_bytes)
    assert len(emulator.log()) == case.calls
    check_that_no_reader_saw_a_half(book, case.before, case.after)
    assert visible(emulator.snapshot(book.id)) == shown(case.after)


@pytest.mark.parametrize(
    ("case", "call", "fault"),
    [
        pytest.param(case, call, fault, id=f"{case.name}-{call}-{fault}")
        for case, call in STEPS
        for fault in FAULTS
        if is_tried(case, fault) and (THOROUGH or fault not in TWINS)
    ],
)
def test_any_fault_at_any_call(emulator: SheetsEmulator, case: Case, call: int, fault: str) -> None:
    book = prepared(emulator, case)
    book.read_timeout = PATIENCE.get(fault, 30.0)
    emulator.plan(FAULTS[fault](), call=call)
    result = book.push(*case.after, most_bytes=case.most_bytes)
    assert visible(emulator.snapshot(book.id)) == shown(case.after)
    assert [sheet.rows for sheet in result.worksheets] == [13, 2, 1]
    assert any(sheet.cells for sheet in result.worksheets)
    check_that_the_next_run_brings_it_right(book, case)


@pytest.mark.parametrize(
    ("case", "fault"),
    [
        pytest.param(case, fault, id=f"{case.name}-{fault}")
        for case in CASES
        for fault in FAULTS
        if is_tried(case, fault)
    ],
)
def test_any_fault_that_never_ends(emulator: SheetsEmulator, case: Case, fault: str) -> None:
    """It gives up in time, with a sentence, and leaves old or new; or it sees that all is done."""
    book = prepared(emulator, case)
    book.read_timeout = PATIENCE.get(fault, 30.0)
    emulator.plan(FAULTS[fault](), kind="write", times=10**6)
    began = book.time.seconds
    with contextlib.suppress(DestinationError):
        book.push(*case.after, most_bytes=case.most_bytes)
        assert fault in UNSURE
        assert visible(emulator.snapshot(book.id)) == shown(case.after)
    assert book.time.seconds - began <= 300
    check_that_no_reader_saw_a_half(book, case.before, case.after)
    check_that_the_next_run_brings_it_right(book, case)


@pytest.mark.parametrize(
    ("case", "call", "after"),
    [
        pytest.param(case, call, after, id=f"{case.name}-{call}-{'after' if after else 'before'}")
        for case, call in STEPS
        for after in (False, True)
        # After a call is before the next one, for all that Google knows.
        if THOROUGH or not after or call == case.calls or case.name == "staged"
    ],
)
def test_a_kill_at_any_call(
    emulator: SheetsEmulator, case: Case, call: int, *, after: bool
) -> None:
    book = prepared(emulator, case)
    started: Future[int] = Future()
    emulator.on_call(call, lambda _: os.kill(started.result(), KILL), after=after)
    process = book.start_push(case.after, most_bytes=case.most_bytes)
    started.set_result(process.pid or 0)
    process.join()
    assert process.exitcode == (-KILL if os.name == "posix" else KILL)
    check_that_no_reader_saw_a_half(book, case.before, case.after)
    check_that_the_next_run_brings_it_right(book, case)


# --- others at work -------------------------------------------------------------------------------

RIVAL = (table(rows(100, 105)), table(rows(0, 9, "rival"), "Other"), table([], "Third"))


@pytest.mark.parametrize(("case", "call"), STEPS, ids=STEP_NAMES)
def test_a_rival_pushes_at_any_call(emulator: SheetsEmulator, case: Case, call: int) -> None:
    book = prepared(emulator, case)
    rival = Book(emulator)
    rival.id = book.id

    def push_too(_: Call) -> None:
        calls = emulator.calls[:]
        rival.push(*RIVAL, most_bytes=case.most_bytes)
        emulator.calls[:] = calls

    emulator.on_call(call, push_too)
    book.push(*case.after, most_bytes=case.most_bytes)
    # The last call confirms the commit: a push that comes then is the later one.
    last = RIVAL if call == case.calls else case.after
    assert visible(emulator.snapshot(book.id)) == shown(last)
    check_that_no_reader_saw_a_half(book, case.before, case.after, RIVAL)


@pytest.mark.parametrize(
    ("case", "call"), STEPS[CASES[0].calls :], ids=STEP_NAMES[CASES[0].calls :]
)
@pytest.mark.parametrize("edit", ["cell", "row", "column", "title", "own column"])
def test_a_reader_edits_at_any_call(
    emulator: SheetsEmulator, case: Case, call: int, edit: str
) -> None:
    """What the edit broke is right after this push, or after the next at the latest."""
    book = prepared(emulator, case)
    sheet_id = book.sheet_id()
    row = {"sheetId": sheet_id, "dimension": "ROWS", "startIndex": 4, "endIndex": 6}
    column = {"sheetId": sheet_id, "dimension": "COLUMNS", "startIndex": 1, "endIndex": 2}
    title = {"properties": {"sheetId": sheet_id, "title": "Mine"}, "fields": "title"}
    edits: dict[str, Callable[[Call], object]] = {
        "cell": lambda _: book.type_in("Data!B5", ["=A1"]),
        "row": lambda _: book.edit({"deleteDimension": {"range": row}}),
        "column": lambda _: book.edit({"deleteDimension": {"range": column}}),
        "title": lambda _: book.edit({"updateSheetProperties": title}),
        "own column": lambda _: book.type_in("Data!E1", ["Mine"], ["=B2"]),
    }
    emulator.on_call(call, edits[edit])
    book.push(*case.after, most_bytes=case.most_bytes)
    book.push(*case.after, most_bytes=case.most_bytes)
    data = book.values("Mine" if edit == "title" else "Data")
    assert [row[:2] for row in data] == [row[:2] for row in values_of(case.after[0])]
    book.push(*case.after)
    assert book.counts()[1] == 0


@pytest.mark.parametrize("height", [20, 600], ids=["small", "large"])
@pytest.mark.parametrize("edit", ["cell", "row"])
def test_an_edit_just_before_the_commit_is_noticed_and_put_right(
    emulator: SheetsEmulator, height: int, edit: str
) -> None:
    """In a small worksheet wherever it is; in a large one where it moved what was planned."""
    emulator.clear_plans()
    book = Book(emulator)
    book.push(table(rows(0, height)))
    row = {"sheetId": book.sheet_id(), "dimension": "ROWS", "startIndex": 4, "endIndex": 5}
    edits: dict[str, Callable[[Call], object]] = {
        "cell": lambda _: book.type_in("Data!B2" if height > 20 else "Data!B7", ["mine"]),
        "row": lambda _: book.edit({"deleteDimension": {"range": row}}),
    }
    emulator.on_call(3, edits[edit])
    desired = table([*rows(0, 15), *rows(17, height + 3)])
    book.push(desired)
    assert book.values() == values_of(desired)
    assert book.counts() == (5, 2)


@pytest.mark.parametrize("processes", [2, 3])
def test_processes_race_and_every_state_is_one_runs(
    emulator: SheetsEmulator, processes: int
) -> None:
    emulator.clear_plans()
    book = Book(emulator)
    pushes = [
        [
            (table(rows(n, n + 9, f"{number}-{n}")), table(rows(0, n, f"{number}"), "Other"))
            for n in range(8)
        ]
        for number in range(processes)
    ]
    running = [
        book.start_push(*each, seed=number + 1, most_bytes=1500 if number == 1 else 10**6)
        for number, each in enumerate(pushes)
    ]
    for process in running:
        process.join()
        assert process.exitcode == 0
    whole = [tables for each in pushes for tables in each]
    check_that_no_reader_saw_a_half(book, *whole)
    states = book.states()
    assert len(states) > 8 * processes / 2
    assert visible(emulator.snapshot(book.id)) in [shown(each[-1]) for each in pushes]
    book.push(*whole[0])
    titles = [sheet["properties"]["title"] for sheet in book.emulator.get(book.id)["sheets"]]
    assert titles == ["Sheet1", "Data", "Other"]


def test_a_plan_from_a_stale_generation_never_commits(emulator: SheetsEmulator) -> None:
    """Not even after so many others that the first guards are gone; and records do not pile up."""
    emulator.clear_plans()
    book = Book(emulator)
    for number in range(5):
        book.push(table(rows(number, number + 1)))
    client = Client(book.account, book.id, emulator.url, book.time.pace())
    desired = [Desired.from_table(each) for each in NEW]
    spreadsheet = read_cells(client, read_structure(client), desired)
    plan = make_plan(desired, spreadsheet, run="0", pushed_at="", adopt=False)
    stale = make_bodies(plan, batch.MAX_BYTES).commit
    generations = KEPT_GENERATIONS if THOROUGH else 2
    for number in range(generations):
        book.push(table(rows(number, number + 2)))
        if number in {0, 1, 50, KEPT_GENERATIONS - 1}:
            before = visible(emulator.snapshot(book.id))
            with pytest.raises(RefusedError):
                client.update(stale, "spreadsheetId")
            assert visible(emulator.snapshot(book.id)) == before
    records = emulator.get(book.id)["developerMetadata"]
    assert len(records) == min(KEPT_GENERATIONS, generations + 5) + 1
    assert sum(len(each["metadataKey"] + each["metadataValue"]) for each in records) < 10_000
