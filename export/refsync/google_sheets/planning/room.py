"""What is done around a worksheet's cells: room for them, and looks for what is new."""

from __future__ import annotations

from typing import TYPE_CHECKING

from refsync.google_sheets.api import requests
from refsync.google_sheets.formatting import tab as decorate
from refsync.google_sheets.records import header_hash
from refsync.worksheet.area import column_letters
from refsync.worksheet.header_note import header_note, without_total

if TYPE_CHECKING:
    from collections.abc import Iterator

    from refsync.google_sheets.api.requests import Request
    from refsync.google_sheets.planning.columns import Layout
    from refsync.google_sheets.planning.desired import Desired
    from refsync.google_sheets.records import TabRecord
    from refsync.google_sheets.spreadsheet import Tab
    from refsync.worksheet.table import Table

MISREAD_WITHOUT_FORMAT = {"date", "timestamp", "percent", "points"}
"""Formats that a tab taken over gets too: a bare serial number or fraction would mislead."""


def growth(tab: Tab, height: int, layout: Layout) -> tuple[tuple[Request, ...], int]:
    """Return the requests that insert columns and add rows and columns, and the cells they add.

    The grid only grows: a size that was true when it was read could cut off rows by now.
    """
    steps = [requests.insert(tab.sheet_id, "COLUMNS", place) for place in layout.inserted]
    columns = tab.columns + len(layout.inserted)
    if columns < layout.width:
        steps.append(requests.insert(tab.sheet_id, "COLUMNS", columns, layout.width - columns))
        columns = layout.width
    rows = max(tab.rows, height)
    if rows > tab.rows:
        steps.append(requests.insert(tab.sheet_id, "ROWS", tab.rows, rows - tab.rows))
        # Behind a row that somebody hid, they may be hidden too.
        steps.append(requests.unhide_rows(tab.sheet_id, tab.rows, rows))
    return tuple(steps), rows * columns - tab.rows * tab.columns


def finish(
    desired: Desired, tab: Tab, layout: Layout, record: TabRecord | None
) -> tuple[Request, ...]:
    """Return the requests that make new columns presentable, and readable what is taken over.

    Where another column of the mart comes than at the last push, which `record` knows, its values
    would have the number format and the note of the one before.
    """
    steps = tuple(
        request
        for place in layout.blank
        for request in decorate.new_column(tab.sheet_id, desired.table, place)
    )
    # An inserted column has the colours that somebody gave the cells of its neighbour.
    steps += tuple(decorate.no_background(tab.sheet_id, place) for place in layout.inserted)
    if layout.is_blank and not tab.frozen_rows:
        steps += (requests.freeze_header(tab.sheet_id),)
    if layout.adopted:
        steps += tuple(
            decorate.number_format(tab.sheet_id, place, column)
            for place, column in enumerate(desired.table.columns)
            if place not in layout.blank and column.format in MISREAD_WITHOUT_FORMAT
        )
    elif record:
        for place in _changed_headers(desired, tab, layout, record):
            column = desired.table.columns[place]
            note = header_note(desired.table, place)
            steps += (
                decorate.number_format(tab.sheet_id, place, column),
                requests.write_cells(tab.sheet_id, 0, place, [[{"note": note}]], "note"),
            )
        for place in range(desired.width, layout.width):
            steps += (requests.write_cells(tab.sheet_id, 0, place, [[{}]], "note"),)
    return steps


def _changed_headers(
    desired: Desired, tab: Tab, layout: Layout, record: TabRecord
) -> Iterator[int]:
    """Yield the places of columns that the last push gave another header, which is still there."""
    headers = desired.keys[0]
    for column, (digest, found) in enumerate(zip(record.header_hashes, tab.header, strict=False)):
        place = requests.moved(column, layout.inserted)
        is_ours = place < len(headers) and place not in layout.blank
        if is_ours and headers[place] != found and header_hash(headers[place]) != digest:
            yield place


def notes_about(desired: Desired, tab: Tab, layout: Layout) -> tuple[str, ...]:
    """Return what a reader should know of what is done to a tab, in a few words each."""
    notes = []
    if layout.adopted:
        notes.append("takes over the tab")
    if tab.title != desired.table.worksheet:
        notes.append(f"in the tab {tab.title!r}")
    notes += [
        f"inserts the column {desired.table.columns[place].header} at {column_letters(place)}"
        for place in layout.inserted
    ]
    return tuple(notes)


def new_totals(table: Table, tab: Tab, layout: Layout) -> Iterator[Request]:
    """Yield the requests that write the totals in a header's notes again.

    Only if the notes were read, and where somebody has not changed one.
    """
    header = tab.beside[0].get("values", ()) if tab.beside else ()
    places = (requests.moved(column, layout.inserted) for column in range(tab.columns))
    for place, cell in zip(places, header, strict=False):
        if place < len(table.columns) and table.columns[place].total:
            note, found = header_note(table, place), cell.get("note", "")
            if found != note and without_total(found) == without_total(note) != found:
                yield requests.write_cells(tab.sheet_id, 0, place, [[{"note": note}]], "note")
