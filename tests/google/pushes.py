"""Checks of whole pushes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from refsync.google_sheets import destination
from refsync.google_sheets.records import FIRST_GENERATION, MAX_GENERATIONS, STATE_KEY
from tests.google.check import check, expect
from tests.google.scratch import ScratchTab, without_metadata
from tests.google_sheets.dashboards import numbers
from tests.google_sheets.pushing import table, values_of

if TYPE_CHECKING:
    from refsync.worksheet.table import Table
    from tests.google.scratch import Json, Scratch

TITLE, DATA = "refsync_test_rows", "refsync_test_data"


def is_record(metadata: Json) -> bool:
    """Whether metadata is one of refsync's own records."""
    number = metadata["metadataId"] - FIRST_GENERATION
    return metadata.get("metadataKey") == STATE_KEY or 0 < number < MAX_GENERATIONS


def clean(scratch: Scratch) -> None:
    """Delete what the pushes made."""
    sheets = scratch.get("sheets(properties(sheetId,title))")["sheets"]
    made = [
        {"deleteSheet": {"sheetId": each["properties"]["sheetId"]}}
        for each in sheets
        if each["properties"]["title"] in {TITLE, DATA, "Dashboard"}
    ]
    records = [
        without_metadata(each["metadataId"]) for each in scratch.metadata() if is_record(each)
    ]
    if made or records:
        scratch.batch(*made, *records)


def _pushed(
    scratch: Scratch, *tables: Table, calls: int | None = None, most_bytes: int = 4_000_000
) -> None:
    result = destination.push(
        tables, scratch.settings, dry_run=False, account=scratch.account, most_bytes=most_bytes
    )
    ids = {
        each["properties"]["title"]: each["properties"].get("sheetId", 0)
        for each in scratch.get("sheets(properties(sheetId,title))")["sheets"]
    }
    for each in tables:
        tab = ScratchTab(scratch, ids[each.worksheet], each.worksheet)
        found = tab.values()
        for row in found:
            while row and row[-1] is None:
                row.pop()
        while found and not found[-1]:
            found.pop()
        expect(found, values_of(each), f"The rows of {each.worksheet}")
    expect(result.notes, (), "What the push has to say")
    if calls is not None:
        expect(result.api_calls, calls, "Calls")


def _rows(start: int, stop: int) -> Table:
    return table([(n, f"row {n}", n / 7) for n in range(start, stop)], TITLE)


@check(
    "a first push, one with nothing new, one that slides and one that is staged are right",
    "A push reads back what it wrote, and fails with a sentence if it stays wrong.",
)
def pushes(scratch: Scratch) -> None:
    try:
        data = numbers(title=DATA)
        _pushed(scratch, _rows(0, 400), data, calls=3)
        _pushed(scratch, _rows(0, 400), data, calls=2)
        _pushed(scratch, _rows(50, 500), data, calls=4)
        _pushed(scratch, _rows(700, 1100), data, most_bytes=20_000)
    finally:
        clean(scratch)
