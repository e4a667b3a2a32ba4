"""Checks of what lies over the cells, and of a grid that grows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from refsync.google_sheets.api import requests
from refsync.google_sheets.api.errors import refused_request
from refsync.google_sheets.formatting.dashboard import plan_dashboard
from refsync.google_sheets.formatting.tab import new_tab
from refsync.marts.chart_meta import chart_from_meta
from tests.google.check import OtherwiseError, check, expect
from tests.google_sheets.dashboards import CHART, COLUMNS, numbers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from refsync.google_sheets.api.requests import Request
    from tests.google.scratch import Scratch

LEFT_OUT = "Decoration that Google refuses is left out and named; all rows are written."


@check("rows that are added behind a hidden one can be shown in the same batch", LEFT_OUT)
def growth(scratch: Scratch) -> str:
    with scratch.tab(rows=5) as tab:
        scratch.batch(tab.hiding(4, 5))
        insert = requests.insert(tab.sheet_id, "ROWS", 5, 3)
        scratch.batch(insert)
        fields = "data(rowMetadata(hiddenByUser))"
        (data,) = tab.sheet(fields)["data"]
        inherited = any(row.get("hiddenByUser") for row in data["rowMetadata"][5:])
        scratch.batch(
            requests.insert(tab.sheet_id, "ROWS", 8, 2), requests.unhide_rows(tab.sheet_id, 5, 10)
        )
        (data,) = tab.sheet(fields)["data"]
        hidden = [bool(row.get("hiddenByUser")) for row in data["rowMetadata"]]
        expect(hidden, [False] * 4 + [True] + [False] * 5, "Which rows are hidden")
        return f"rows added behind a hidden one are {'hidden' if inherited else 'shown'} at first."


@check(
    "blanking cells keeps their formats and notes", "Formats and notes of blanked cells would go."
)
def clearing(scratch: Scratch) -> None:
    with scratch.tab() as tab:
        cell = {"note": "mine", "userEnteredFormat": {"textFormat": {"bold": True}}}
        area = tab.range(0, 1, 0, 1)
        fields = "note,userEnteredFormat.textFormat.bold"
        scratch.batch(
            tab.writing([["x"]]), {"repeatCell": {"range": area, "cell": cell, "fields": fields}}
        )
        scratch.batch({"updateCells": {"range": area, "fields": "userEnteredValue"}})
        ((found,),) = tab.cells("A1", "userEnteredValue,note,userEnteredFormat(textFormat(bold))")
        expect(found, cell, "The blanked cell")


@check(
    "a merge can be undone and written over in one batch",
    "The read-back shows a cell that is lost.",
)
def merges(scratch: Scratch) -> None:
    with scratch.tab() as tab:
        area = tab.range(0, 2, 0, 2)
        scratch.batch({"mergeCells": {"range": area, "mergeType": "MERGE_ALL"}})
        rows: list[list[str | float]] = [["a", 1], ["b", 2]]
        scratch.batch({"unmergeCells": {"range": area}}, tab.writing(rows))
        expect(tab.values("A1:B2"), rows, "The cells")


@check("strict validation does not keep a program from writing", "A push fails, and says why.")
def validation(scratch: Scratch) -> None:
    with scratch.tab() as tab:
        condition = {"type": "NUMBER_GREATER", "values": [{"userEnteredValue": "10"}]}
        rule = {"range": tab.range(0, 1, 0, 1), "rule": {"condition": condition, "strict": True}}
        scratch.batch({"setDataValidation": rule})
        scratch.batch(tab.writing([["not a number"]]))
        expect(tab.values("A1"), [["not a number"]], "The cell")


def _refused(scratch: Scratch, sent: Sequence[Request]) -> dict[str, str]:
    """Send requests in one batch, without those that are refused; return these by their kinds."""
    sent, refused = list(sent), {}
    while sent:
        error = scratch.refusal(*sent)
        if error is None:
            break
        index = refused_request(error.said)
        if index is None:
            raise error
        refused[next(iter(sent.pop(index)))] = error.said
    return refused


@check("every decoration of a new tab is taken as refsync sends it", LEFT_OUT)
def decoration(scratch: Scratch) -> None:
    table = numbers(chart=chart_from_meta("some_data", CHART, COLUMNS))
    with scratch.tab() as tab:
        scratch.batch(tab.writing([[column.header for column in table.columns]]))
        refused = _refused(scratch, [*new_tab(tab.sheet_id, table)])
    expect(refused, {}, "What is refused")


@check("a dashboard is taken as refsync sends it, with all its charts", LEFT_OUT)
def dashboard(scratch: Scratch) -> None:
    table = numbers()
    with scratch.tab() as tab:
        scratch.batch(tab.writing([[column.header for column in table.columns]]))
        made = plan_dashboard(table, tab.sheet_id, tab.title, tab.sheet_id - 1)
        add, *others = made.requests
        add["addSheet"]["properties"]["title"] = f"{tab.title}_dashboard"
        scratch.batch(add)
        try:
            refused = _refused(scratch, others)
        finally:
            scratch.batch(requests.delete_sheet(made.sheet_id))
    expect(refused, {}, "What is refused")


@check("a typed table grows with its rows", LEFT_OUT)
def tables(scratch: Scratch) -> str:
    with scratch.tab() as tab:
        scratch.batch(tab.writing([["Id", "Name"], [1, "a"]]))
        table = {
            "name": f"T{tab.sheet_id}",
            "tableId": f"t{tab.sheet_id}",
            "range": tab.range(0, 2, 0, 2),
        }
        scratch.batch({"addTable": {"table": table}})
        scratch.batch(tab.writing([[2, "b"]], top=2))
        longer = {"tableId": table["tableId"], "range": tab.range(0, 3, 0, 2)}
        scratch.batch({"updateTable": {"table": longer, "fields": "range"}})
        sheet = tab.sheet("tables(range),bandedRanges(bandedRangeId,range)")
        expect(sheet["tables"][0]["range"]["endRowIndex"], 3, "The last row of the table")
        bands = sheet.get("bandedRanges", [])
        with_id = sum("bandedRangeId" in each for each in bands)
        return f"its bands are shown {len(bands)} times, {with_id} of them with an id."


@check("bands have an id and grow with the grid", LEFT_OUT)
def bands(scratch: Scratch) -> None:
    with scratch.tab(rows=5) as tab:
        white = {"rgbColor": {"red": 1, "green": 1, "blue": 1}}
        colors = {"firstBandColorStyle": white, "secondBandColorStyle": {"rgbColor": {"red": 0.9}}}
        banded = {"range": tab.range(0, 5, 0, 2), "rowProperties": colors}
        scratch.batch({"addBanding": {"bandedRange": banded}})
        (found,) = tab.sheet("bandedRanges(bandedRangeId,range)")["bandedRanges"]
        if "bandedRangeId" not in found:
            raise OtherwiseError("The bands have no id.")
        longer = {"bandedRangeId": found["bandedRangeId"], "range": tab.range(0, 9, 0, 2)}
        insert = requests.insert(tab.sheet_id, "ROWS", 5, 4)
        scratch.batch(insert, {"updateBanding": {"bandedRange": longer, "fields": "range"}})


@check("a protected range says whether the account may edit it", "A push fails, and says why.")
def protection(scratch: Scratch) -> str:
    with scratch.tab() as tab:
        item = {"protectedRange": {"range": tab.range(0, 2, 0, 2), "description": "Mine"}}
        scratch.batch({"addProtectedRange": item})
        (found,) = tab.sheet("protectedRanges(requestingUserCanEdit,description)")[
            "protectedRanges"
        ]
        expect(found.get("description"), "Mine", "The description")
        return (
            f"its own protection lets the account edit: {bool(found.get('requestingUserCanEdit'))}."
        )
