"""A spreadsheet read by two calls: its structure, then the cells of refsync's tabs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from refsync.google_sheets.cell_values import have_alike
from refsync.google_sheets.planning.columns import find_tabs
from refsync.google_sheets.spreadsheet import (
    CELL_FIELDS,
    CONFIRMING_FIELDS,
    STRUCTURE_FIELDS,
    Spreadsheet,
    Tab,
    entered_cells,
    rendered_cells,
    spreadsheet_from_json,
    with_cells,
)
from refsync.worksheet.area import Area

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from refsync.google_sheets.api.client import Client
    from refsync.google_sheets.planning.desired import Desired
    from refsync.worksheet.values import Row


def read_structure(client: Client, created: Collection[int] = ()) -> Spreadsheet:
    """Return the spreadsheet without any cells; `created` are tabs that this run made before."""
    return spreadsheet_from_json(client.read(STRUCTURE_FIELDS), created)


def read_records(client: Client, created: Collection[int] = ()) -> Spreadsheet:
    """Return refsync's records and the titles of all tabs, and nothing else: a small read."""
    return spreadsheet_from_json(client.read(CONFIRMING_FIELDS), created)


def read_cells(client: Client, spreadsheet: Spreadsheet, desired: Sequence[Desired]) -> Spreadsheet:
    """Return the spreadsheet with the cells of the tabs that the worksheets have already.

    Columns are read to their end, so that what is left of a longer worksheet shows, and the first
    row as far as it goes, to tell a reader's columns from refsync's.
    """
    areas: list[tuple[Tab, Area]] = []
    found_tabs = find_tabs([each.table for each in desired], spreadsheet)
    for worksheet, tab in found_tabs.items():
        if tab:
            width = next(each.width for each in desired if each.table.worksheet == worksheet)
            known = spreadsheet.records.tabs.get(worksheet)
            width = min(max(width, len(known.header_hashes) if known else 0), tab.columns)
            areas += [(tab, Area(0, 1, 0, tab.columns)), (tab, Area(0, None, 0, width))]
    parts: dict[int, list[tuple[Row, ...]]] = {tab.sheet_id: [] for tab, _ in areas}
    if not areas:
        return spreadsheet
    by_cell = any(each.looks_like_formulas for each in desired)
    if not by_cell:
        answer = client.read_values([area.to_json(tab.sheet_id) for tab, area in areas])
        for found in answer["valueRanges"]:
            sheet_id = found["dataFilters"][0]["gridRange"].get("sheetId", 0)
            parts[sheet_id].append(rendered_cells(found["valueRange"].get("values", ())))
        by_cell = any(
            have_alike(with_cells(tab, parts[tab.sheet_id]).cells, each.keys)
            for each in desired
            if (tab := found_tabs[each.table.worksheet])
        )
    if by_cell:
        # Values alone do not tell a text from a formula, and Google does not say whether it shows
        # all digits of a number or a text as it was entered; cells do, and are ten times larger.
        parts = {sheet_id: [] for sheet_id in parts}
        answer = client.read(CELL_FIELDS, [area.a1(tab.title) for tab, area in areas])
        for sheet in answer["sheets"]:
            parts[sheet_id_of(sheet)] += map(entered_cells, sheet.get("data", ()))
    return spreadsheet.with_tabs(
        {tab.sheet_id: with_cells(tab, parts[tab.sheet_id]) for tab, _ in areas}
    )


def sheet_id_of(sheet: Mapping[str, Any]) -> int:
    """Return the id of a sheet in an answer, which leaves out a zero."""
    return int(sheet.get("properties", {}).get("sheetId", 0))
