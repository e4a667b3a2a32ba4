"""What a push to a spreadsheet refuses, and what it does not."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from refsync.errors import DestinationError
from refsync.worksheet.build import Build
from tests.google_sheets.pushing import Book, table, values_of

if TYPE_CHECKING:
    from refsync.worksheet.table import Cell, Table
    from tests.sheets_emulator import SheetsEmulator


@pytest.fixture
def book(emulator: SheetsEmulator) -> Book:
    book = Book(emulator)
    book.force = False
    return book


def rows(start: int, stop: int) -> list[tuple[Cell, ...]]:
    return [(n, f"row {n}", n / 7) for n in range(start, stop)]


def refusal(book: Book, *tables: Table) -> str:
    """Return the sentence of a refusal, which is the same for a dry run and writes nothing."""
    before = len(book.states())
    with pytest.raises(DestinationError) as dry:
        book.push(*tables, dry_run=True)
    with pytest.raises(DestinationError) as caught:
        book.push(*tables)
    assert str(caught.value) == str(dry.value)
    assert len(book.states()) == before
    assert book.counts()[1] == 0
    return str(caught.value)


# --- another source -------------------------------------------------------------------------------

SAMPLE = Build(project="refsync", target="sample", source="the sample in seeds")
FILES = Build(project="refsync", target="files", source="the folder /data/exports")


def built(build: Build, *others: str) -> list[Table]:
    return [replace(table(rows(0, 9), title), build=build) for title in ("Data", *others)]


def test_the_sample_goes_where_nothing_was_and_again(book: Book) -> None:
    assert book.push(*built(SAMPLE)).worksheets[0].added == 9
    assert book.counts() == (2, 1)
    book.push(*built(SAMPLE))
    assert book.counts() == (2, 0)


def test_another_source_is_refused_until_it_is_forced(book: Book) -> None:
    book.push(*built(FILES, "Other"))
    assert refusal(book, *built(SAMPLE, "Other")) == (
        "The last push of Data, Other came from the folder /data/exports (target files), and this "
        "one comes from the sample in seeds (target sample): build from the former source again, "
        "or run with --force to replace what is there."
    )
    book.force = True
    book.push(*built(SAMPLE, "Other"))
    assert book.counts() == (3, 1)
    book.force = False
    book.push(*built(SAMPLE, "Other"))
    assert book.counts() == (2, 0)
    assert "came from the sample in seeds" in refusal(book, *built(FILES, "Other"))


@pytest.mark.parametrize(
    "other",
    [
        replace(FILES, target="dev"),
        replace(FILES, source="the folder /data/exports of last year"),
    ],
)
def test_each_part_of_a_source_counts(book: Book, other: Build) -> None:
    book.push(*built(FILES))
    assert "--force" in refusal(book, *built(other))


def test_a_part_that_is_not_known_is_no_other_source_and_is_not_forgotten(book: Book) -> None:
    book.push(*built(FILES))
    for build in (Build(), Build(project="refsync"), replace(FILES, as_of_date=date(2026, 1, 1))):
        book.push(*built(build))
        assert book.counts() == (2, 0)
    assert "--force" in refusal(book, *built(SAMPLE))


def test_a_source_is_known_by_worksheet(book: Book) -> None:
    """Two projects may share a spreadsheet, and a push may be of some worksheets only."""
    data, other, third = built(FILES, "Other", "Third")
    book.push(data, other)
    book.push(replace(third, build=SAMPLE))
    book.push(data, other)
    assert book.counts() == (2, 0)
    assert refusal(book, replace(third, build=SAMPLE), replace(other, build=SAMPLE)).startswith(
        "The last push of Other came from"
    )
    book.force = True
    book.push(replace(other, build=SAMPLE))
    book.force = False
    book.push(replace(other, build=SAMPLE), replace(third, build=SAMPLE))
    assert book.counts() == (2, 0)
    assert refusal(book, data, other).startswith("The last push of Other came from")


def test_a_worksheet_whose_tab_was_deleted_may_come_from_anywhere(book: Book) -> None:
    book.push(*built(FILES))
    book.edit({"deleteSheet": {"sheetId": book.sheet_id()}})
    book.push(*built(SAMPLE))
    assert book.values() == values_of(built(SAMPLE)[0])


def test_a_record_of_an_older_version_accepts_any_source_once(book: Book) -> None:
    book.push(*built(FILES))
    (record,) = (
        item
        for item in book.emulator.get(book.id)["developerMetadata"]
        if item["metadataKey"] == "refsync_state"
    )
    known = json.loads(record["metadataValue"])
    assert known.pop("origins")[0][1] == "the folder /data/exports (target files)"
    assert known.pop("pushed") == [[0, None]]
    lookup = {"developerMetadataLookup": {"metadataId": record["metadataId"]}}
    older = {"developerMetadata": {"metadataValue": json.dumps(known)}}
    book.edit(
        {
            "updateDeveloperMetadata": {
                "dataFilters": [lookup],
                "fields": "metadataValue",
                **older,
            }
        }
    )
    book.push(*built(SAMPLE))
    assert book.counts() == (3, 1)
    book.push(*built(SAMPLE))
    assert book.counts() == (2, 0)
    assert "--force" in refusal(book, *built(FILES))


# --- rows that are gone ---------------------------------------------------------------------------


def test_losing_most_rows_is_refused_until_it_is_forced(book: Book) -> None:
    book.push(table(rows(0, 40)), table(rows(0, 12), "Few"))
    book.push(table(rows(0, 20)), table(rows(0, 1), "Few"))
    assert refusal(book, table(rows(11, 20)), table([], "Few")).startswith(
        "This push would remove 11 of the 20 rows of Data and the only row of Few, which looks "
        "like an accident:"
    )
    assert book.push(table(rows(10, 20)), table(rows(5, 6), "Few")).worksheets[0].removed == 10
    book.push(table(rows(10, 50)))
    assert "all 40 rows of Data" in refusal(book, table([]))
    book.force = True
    book.push(table([]))
    assert book.values() == [["ID", "Name", "Value"]]
    book.force = False
    book.push(table([]))
    assert book.counts() == (2, 0)


def test_a_list_of_findings_may_shrink(book: Book) -> None:
    book.push(replace(table(rows(0, 40)), may_shrink=True))
    for stop in (9, 0):
        book.push(replace(table(rows(0, stop)), may_shrink=True))
        assert book.values() == values_of(table(rows(0, stop)))


def test_what_people_did_to_a_tab_is_no_loss(book: Book) -> None:
    book.push(table(rows(0, 40)))
    book.type_in("Data!B1", ["Nom"])
    spec = {"dimensionIndex": 1, "sortOrder": "DESCENDING"}
    area = {"sheetId": book.sheet_id(), "startRowIndex": 1, "endColumnIndex": 3}
    book.edit({"sortRange": {"range": area, "sortSpecs": [spec]}})
    book.push(table(rows(0, 40)))
    assert book.values() == values_of(table(rows(0, 40)))


def test_a_tab_that_is_taken_over_may_lose_all_rows(emulator: SheetsEmulator) -> None:
    header: list[Any] = ["ID", "Name", "Value"]
    book = Book(emulator, {"Data": [header, *([n, "old", 1] for n in range(50))]})
    book.force = False
    book.push(table([]))
    assert book.values() == [header]


@pytest.mark.parametrize(
    "headers", [["New", "ID", "Name"], ["ID", "New", "Name"], ["Name"], ["Value", "Name"]]
)
def test_columns_that_come_and_go_are_no_loss_of_rows(book: Book, headers: list[str]) -> None:
    book.push(table(rows(0, 40)))
    values: list[dict[str, Cell]] = [
        {"New": "x", "ID": n, "Name": f"row {n}", "Value": n / 7} for n in range(40)
    ]
    changed = [tuple(row[header] for header in headers) for row in values]
    desired = table(changed, columns=dict.fromkeys(headers, "text"))
    book.push(desired)
    assert [row[: len(headers)] for row in book.values()] == values_of(desired)


def days(first: date, **counts: int) -> list[tuple[Cell, ...]]:
    """Rows of some days, by the day's number after the first one."""
    return [
        (first + timedelta(int(day[1:])), f"event {number}", 1)
        for day, count in counts.items()
        for number in range(count)
    ]


def test_a_window_of_dates_slides_every_day_and_empty_exports_do_not_pass(book: Book) -> None:
    first = date(2026, 3, 1)

    def window(as_of: int, *, worksheet: str = "Events", **counts: int) -> Table:
        build = replace(FILES, as_of_date=first + timedelta(as_of))
        columns: Any = {"Day": "date", "Event": "text", "Number": "integer"}
        return replace(table(days(first, **counts), worksheet, columns), build=build)

    book.push(window(29, d0=300, d20=10, d29=10))
    assert "290 of the" not in refusal(book, window(29, d20=10, d29=10))
    book.push(window(30, d20=10, d29=10, d30=2))
    assert book.counts() == (3, 1)
    assert "all 12 rows of Events (10 more left its window" in refusal(book, window(31))
    # Nobody pushed on days on which nothing happened, until the last row slid out.
    book.push(window(55, d29=10, d30=2))
    book.push(window(59, d30=2))
    book.push(window(60))
    assert book.values("Events") == [["Day", "Event", "Number"]]


def test_an_as_of_date_alone_is_no_reason_to_write(book: Book) -> None:
    for day in (1, 2, 3):
        book.push(*built(replace(FILES, as_of_date=date(2026, 3, day))))
    assert book.counts() == (2, 0)


# --- a header that is not where it was ------------------------------------------------------------


def insert_rows(book: Book, count: int, at: int = 0) -> None:
    where = {"sheetId": book.sheet_id(), "dimension": "ROWS", "startIndex": at}
    book.edit({"insertDimension": {"range": where | {"endIndex": at + count}}})


@pytest.mark.parametrize("count", [1, 2, 5])
@pytest.mark.parametrize("title", ["", "Clicks, as of March", 2026])
def test_rows_above_the_header_are_named(book: Book, count: int, title: Any) -> None:
    book.push(table(rows(0, 30)))
    insert_rows(book, count)
    book.type_in("Data!A1", [title])
    sentence = (
        f"In the tab 'Data', refsync's header is in row {count + 1} and not in row 1: delete the "
        "rows above it, or sort it back to the top, or run with --adopt to let refsync write over "
        "its columns as they are."
    )
    assert refusal(book, table(rows(0, 30))) == sentence
    book.type_in(f"Data!B{count + 1}", ["Nom"])
    assert refusal(book, table(rows(0, 30))) == sentence
    book.adopt = True
    book.push(table(rows(0, 30)))
    assert book.values() == values_of(table(rows(0, 30)))
    book.adopt = False
    book.push(table(rows(0, 30)))
    assert book.counts() == (2, 0)


def test_a_header_that_was_sorted_among_the_rows_is_named(book: Book) -> None:
    columns: Any = {"Deck": "text", "N": "integer"}
    desired = table([(f"{letter}-name", 1) for letter in "aceg"], columns=columns)
    book.push(desired)
    area = {"sheetId": book.sheet_id(), "startRowIndex": 0, "endColumnIndex": 2}
    book.edit({"sortRange": {"range": area, "sortSpecs": [{"sortOrder": "ASCENDING"}]}})
    assert book.values()[0] == ["a-name", 1]
    assert "refsync's header is in row 3 and not in row 1" in refusal(book, desired)


@pytest.mark.parametrize("columns", [{"Name": "text"}, {"Name": "text", "ID": "integer"}])
def test_a_header_that_was_deleted_is_named(book: Book, columns: Any) -> None:
    desired = table([(f"row {n}", n)[: len(columns)] for n in range(9)], columns=columns)
    book.push(desired)
    where = {"sheetId": book.sheet_id(), "dimension": "ROWS", "startIndex": 0, "endIndex": 1}
    book.edit({"deleteDimension": {"range": where}})
    assert refusal(book, desired).startswith(
        "In the tab 'Data', row 1 has data where refsync's header was: insert a row above it, or"
    )
    insert_rows(book, 1)
    book.push(desired)
    assert book.values() == values_of(desired)


def test_columns_in_another_order_are_named(book: Book) -> None:
    book.push(table(rows(0, 30)))
    source = {"sheetId": book.sheet_id(), "dimension": "COLUMNS", "startIndex": 2, "endIndex": 3}
    book.edit({"moveDimension": {"source": source, "destinationIndex": 0}})
    assert book.values()[0] == ["Value", "ID", "Name"]
    assert refusal(book, table(rows(0, 30))) == (
        "In the tab 'Data', refsync's columns are in another order (Value, ID, Name): put them "
        "back in the order ID, Name, Value, or run with --adopt to let refsync write over its "
        "columns as they are."
    )
    # It is no other order if the mart's own columns change.
    source |= {"startIndex": 0, "endIndex": 1}
    book.edit({"moveDimension": {"source": source, "destinationIndex": 3}})
    swapped = table([(f"row {n}", n) for n in range(30)], columns={"Name": "text", "ID": "integer"})
    book.push(swapped)
    assert [row[:2] for row in book.values()] == values_of(swapped)


@pytest.mark.parametrize("edited", [["A"], ["A", "B"], ["A", "B", "C"], ["", "", ""]])
def test_headers_that_were_edited_are_still_corrected(book: Book, edited: list[str]) -> None:
    book.push(table(rows(0, 30)))
    book.type_in("Data!A1", edited)
    book.push(table(rows(0, 30)))
    assert book.values() == values_of(table(rows(0, 30)))
