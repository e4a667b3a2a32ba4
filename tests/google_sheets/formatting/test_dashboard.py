"""Charts, colours and the dashboard: what a meta may say, and how Google Sheets shows it."""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from refsync.errors import DestinationError, MartError
from refsync.marts.chart_meta import MetaError, chart_from_meta, dashboard_from_meta
from tests.google_sheets.dashboards import CHART, COLUMNS, DASHBOARD, OVER_ALL, numbers
from tests.google_sheets.pushing import Book, values_of
from tests.projects import Project
from tests.sheets_emulator import Formula, SheetsEmulator

if TYPE_CHECKING:
    from pathlib import Path

# --- what a meta may say --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"titel": 1}, "dashboard has the unknown key 'titel'; did you mean title?"),
        (
            {"zzz": 1},
            (
                "dashboard has the unknown key 'zzz'; it may have title, heading, facts, note, "
                "findings, cards, lists, charts"
            ),
        ),
        ({"title": None}, "dashboard has no title"),
        ({"heading": 7}, "dashboard.heading 7 is not a text"),
        ({"facts": {}}, "dashboard.facts is not a list"),
        ({"facts": [7]}, "dashboard.facts[1] is not a mapping of label, column, row"),
        (
            {"facts": [DASHBOARD["facts"][0], {"label": "x", "colum": "day", "row": 1}]},
            "dashboard.facts[2] has the unknown key 'colum'; did you mean column?",
        ),
        (
            {"facts": [{"label": "x", "column": "dai", "row": 1}]},
            "dashboard.facts[1].column 'dai' is not a column that has a header; did you mean day?",
        ),
        (
            {"facts": [{"label": "x", "column": "day", "row": 0}]},
            "dashboard.facts[1].row 0 is not a whole number from 1 up",
        ),
        ({"facts": DASHBOARD["facts"] * 5}, "dashboard.facts are 5, and 4 have room"),
        ({"cards": DASHBOARD["cards"] * 3}, "dashboard.cards are 6, and 4 have room"),
        (
            {"cards": [{**DASHBOARD["cards"][0], "rows": []}]},
            "dashboard.cards[1].rows are 0, not 1 to 6",
        ),
        (
            {"cards": [{**DASHBOARD["cards"][0], "rows": [1, True]}]},
            "dashboard.cards[1].rows[2] True is not a whole number from 1 up",
        ),
        (
            {"charts": [CHART, {**CHART, "type": "pie"}]},
            "dashboard.charts[2].type 'pie' is not one of line, column, bar",
        ),
        (
            {"charts": [{**CHART, "width": "wide"}]},
            "dashboard.charts[1].width 'wide' is not one of full, half, third",
        ),
        ({"charts": [{**CHART, "series": []}]}, "dashboard.charts[1].series are 0, not 1 to 5"),
        (
            {"charts": [{**CHART, "series": [{"column": "signups", "colour": "blue"}]}]},
            "dashboard.charts[1].series[1] has the unknown key 'colour'; did you mean color?",
        ),
        (
            {"charts": [{**CHART, "series": [{"column": "signups", "color": "red"}]}]},
            (
                "dashboard.charts[1].series[1].color 'red' is not one of blue, orange, green, "
                "purple, grey, light_blue, light_orange, light_grey"
            ),
        ),
    ],
)
def test_a_dashboard_that_cannot_be_followed(change: dict[str, Any], why: str) -> None:
    with pytest.raises(MetaError) as caught:
        dashboard_from_meta("dashboard", DASHBOARD | change, COLUMNS)
    assert str(caught.value) == why


def test_a_chart_of_a_worksheet_has_no_width() -> None:
    with pytest.raises(MetaError, match="chart has the unknown key 'width'; it may have title"):
        chart_from_meta("chart", {**CHART, "width": "half"}, COLUMNS)


@pytest.mark.parametrize(
    ("meta", "column", "why"),
    [
        ({"positon": 1}, {}, "it has the unknown key 'positon'; did you mean position?"),
        ({"Chart": {}}, {}, "it has the unknown key 'Chart'; did you mean chart?"),
        ({}, {"formats": 1}, "column 'cups' has the unknown key 'formats'; did you mean format?"),
        ({}, {"scale": "rainbow"}, "scale of column 'cups' 'rainbow' is not one of color, bar"),
        ({"chart": {"title": "Cups"}}, {}, "chart has no series"),
        (
            {"dashboard": {"title": "COFFEES", "heading": "x"}},
            {},
            "dashboard.title 'COFFEES' is that of a worksheet, or longer than 100 letters",
        ),
    ],
)
def test_a_slip_in_a_meta_is_named(
    tmp_path: Path, meta: dict[str, Any], column: dict[str, Any], why: str
) -> None:
    project = Project(tmp_path)
    columns = {"name": {"header": "Name"}, "cups": {"header": "Cups", "owner": "Zoë", **column}}
    project.add(columns=columns, owner="Zoë", **meta)
    sentence = f"The meta of model 'coffees' cannot be used: {why}; correct it and run `dbt build`."
    with pytest.raises(MartError, match=f"^{re.escape(sentence)}$"):
        project.read()


def test_what_a_meta_says_is_read(tmp_path: Path) -> None:
    project = Project(tmp_path)
    chart = {"title": "Cups", "type": "bar", "x": "NAME", "series": ["cups"]}
    columns = {"name": {"header": "Name"}, "cups": {"header": "Cups", "scale": "bar"}}
    project.add(columns=columns, chart=chart)
    (table,) = project.read()
    assert table.chart == chart_from_meta("chart", chart | {"x": "name"}, ["name", "cups"])
    assert [column.scale for column in table.columns] == [None, "bar"]
    project.add(columns=columns | {"name": {"header": "Name", "scale": "bar"}})
    with pytest.raises(
        Exception, match="'name' of model 'coffees' has the scale bar but holds no num"
    ):
        project.read()


def test_a_project_has_one_dashboard(tmp_path: Path) -> None:
    project = Project(tmp_path)
    for model in ("a", "b"):
        project.add(model, dashboard={"title": model.upper() * 2, "heading": "x"})
    with pytest.raises(MartError, match="'b' cannot be used: model 'a' has a dashboard too"):
        project.read()


# --- Google Sheets --------------------------------------------------------------------------------


def sent(book: Book) -> Counter[str]:
    """How many requests of each kind the last push sent."""
    kinds: Counter[str] = Counter()
    for call in book.emulator.log("write"):
        kinds.update(kind for request in json.loads(call.body)["requests"] for kind in request)
    return kinds


DECORATION = {
    "addSheet", "addChart", "addBanding", "addConditionalFormatRule", "setBasicFilter",
    "repeatCell", "mergeCells", "updateDimensionProperties",
}  # fmt: skip


def test_a_new_tab_looks_as_if_made_with_care(book: Book) -> None:
    chart = chart_from_meta("chart", CHART, COLUMNS)
    book.push(numbers(chart=chart))
    assert book.counts() == (2, 1)
    sheet = book.sheet("Some_Data")
    properties = sheet["properties"]
    assert properties["gridProperties"]["frozenRowCount"] == 1
    assert properties["tabColorStyle"]["rgbColor"]["green"] > 0.6  # metrics
    header, first = (row["values"] for row in sheet["data"][0]["rowData"][:2])
    assert [cell.get("note") for cell in header] == [
        *(
            "What a number is about.",
            None,
            "Visits, each counted once.",
            None,
            "Signups by clicks.",
        ),
        *(None, None),
    ]
    aligned = [cell["userEnteredFormat"]["horizontalAlignment"] for cell in first]
    assert aligned == ["LEFT", "CENTER", "RIGHT", "RIGHT", "RIGHT", "LEFT", "RIGHT"]
    assert [cell["userEnteredFormat"]["horizontalAlignment"] for cell in header] == aligned
    patterns = [cell["userEnteredFormat"]["numberFormat"]["pattern"] for cell in first]
    assert patterns == ["@", "yyyy-mm-dd", "#,##0", "0.00%", "0.00%", "@", "#,##0"]
    # Whatever has a background has a text colour too.
    for cell in (*header, *first):
        assert "foregroundColorStyle" in cell["userEnteredFormat"]["textFormat"]
    area = {"sheetId": properties["sheetId"], "startRowIndex": 0, "endRowIndex": 7}
    area |= {"startColumnIndex": 0, "endColumnIndex": 7}
    assert [bands["range"] for bands in sheet["bandedRanges"]] == [area]
    assert sheet["basicFilter"]["range"] == area
    scaled = [rule["ranges"][0]["startColumnIndex"] for rule in sheet["conditionalFormats"]]
    assert sorted(scaled) == [2, 4]
    (drawn,) = sheet["charts"]
    assert drawn["position"]["overlayPosition"]["anchorCell"]["columnIndex"] == 7
    basic = drawn["spec"]["basicChart"]
    assert (basic["chartType"], basic["headerCount"]) == ("BAR", 1)
    (source,) = basic["series"][0]["series"]["sourceRange"]["sources"]
    assert (source["endRowIndex"], source["startColumnIndex"]) == (4, 6)
    assert drawn["spec"]["altText"] == "Signups by name: Signups by Name."


def test_a_dashboard_is_made_in_the_same_commit(book: Book) -> None:
    result = book.push(numbers())
    assert book.counts() == (2, 1)
    assert book.emulator.snapshot(book.id).titles == ["Dashboard", "Sheet1", "Some_Data"]
    assert result.worksheets[0].notes == ("creates the tab", "creates the tab Dashboard")
    sheet = book.sheet("Dashboard")
    assert sheet["properties"]["gridProperties"]["hideGridlines"]
    assert len(sheet["charts"]) == 3
    values = [value for row in book.values("Dashboard") for value in row if value is not None]
    references = [value.text for value in values if isinstance(value, Formula)]
    # A reference to one cell, and nothing that a locale could read in another way.
    assert all(re.fullmatch(r"=Some_Data![A-Z]\d+", text) for text in references)
    assert references == [
        *("=Some_Data!B2", "=Some_Data!A2", "=Some_Data!A2", "=Some_Data!C2", "=Some_Data!E2"),
        *("=Some_Data!A3", "=Some_Data!C3", "=Some_Data!D3", "=Some_Data!A3", "=Some_Data!E3"),
        *("=Some_Data!F5", "=Some_Data!G5"),
    ]
    texts = {value for value in values if isinstance(value, str)}
    assert texts == {"Takings", "As of", "Ask Zoë.", "Clicks", "Rate"}
    shown = {
        cell["userEnteredValue"]["formulaValue"]: cell.get("formattedValue")
        for row in sheet["data"][0]["rowData"]
        for cell in row.get("values", ())
        if "formulaValue" in cell.get("userEnteredValue", {})
    }
    assert (shown["=Some_Data!B2"], shown["=Some_Data!C3"]) == ("2026-03-31", "1,000")
    charts_within(book.sheet("Some_Data"), sheet["charts"])


def charts_within(data: dict[str, Any], charts: list[dict[str, Any]]) -> None:
    """See that charts point at filled columns of the worksheet, within its grid."""
    grid = data["properties"]["gridProperties"]
    for chart in charts:
        basic = chart["spec"]["basicChart"]
        for part in (*basic["domains"], *basic["series"]):
            (source,) = (part.get("domain") or part["series"])["sourceRange"]["sources"]
            assert source["sheetId"] == data["properties"]["sheetId"]
            assert source["endRowIndex"] <= grid["rowCount"]
            assert source["endColumnIndex"] <= grid["columnCount"]


def test_a_second_push_sends_no_decoration_again(book: Book) -> None:
    book.push(numbers())
    assert set(sent(book)) >= DECORATION
    book.push(numbers())
    assert book.counts() == (2, 0)
    book.push(numbers(("Dee", "Eli")))
    assert set(sent(book)) & DECORATION == set()
    assert book.values("Some_Data") == values_of(numbers(("Dee", "Eli")))


def test_what_a_reader_makes_of_it_stays(book: Book) -> None:
    chart = chart_from_meta("chart", CHART, COLUMNS)
    meta: dict[str, Any] = {"chart": chart, "dashboard": OVER_ALL}
    book.push(numbers(**meta))
    dashboard, data = book.sheet("Dashboard"), book.sheet("Some_Data")
    moved, gone, *_ = (each["chartId"] for each in dashboard["charts"])
    sheet_id = data["properties"]["sheetId"]
    red = {"backgroundColor": {"red": 1}}
    properties = {"sheetId": sheet_id, "tabColorStyle": {"rgbColor": {"red": 1}}}
    cell = {"repeatCell": {
        "range": {"sheetId": sheet_id, "endRowIndex": 1}, "cell": {"userEnteredFormat": red},
        "fields": "userEnteredFormat.backgroundColor",
    }}  # fmt: skip
    book.edit(
        {"deleteEmbeddedObject": {"objectId": gone}},
        {"deleteEmbeddedObject": {"objectId": data["charts"][0]["chartId"]}},
        {"updateEmbeddedObjectPosition": {
            "objectId": moved,
            "newPosition": {"overlayPosition": {"offsetXPixels": 333}},
            "fields": "offsetXPixels",
        }},
        {"deleteBanding": {"bandedRangeId": data["bandedRanges"][0]["bandedRangeId"]}},
        {"deleteConditionalFormatRule": {"sheetId": sheet_id, "index": 0}},
        {"clearBasicFilter": {"sheetId": sheet_id}},
        {"updateSheetProperties": {"properties": properties, "fields": "tabColorStyle"}},
        cell,
    )  # fmt: skip
    book.type_in("Dashboard!A1", ["Our referrals"])
    before = [without_values(book.sheet(title)) for title in ("Dashboard", "Some_Data")]
    for desired in (numbers(("Dee",), **meta), numbers(rows=90, **meta), numbers(rows=0, **meta)):
        book.push(desired)
        after = [without_values(book.sheet(title)) for title in ("Dashboard", "Some_Data")]
        assert after == before
        assert book.values("Dashboard")[0] == ["Our referrals"]


def without_values(sheet: dict[str, Any]) -> dict[str, Any]:
    """What lies over and around a tab's cells, and how its first two rows look."""
    rows = sheet["data"][0]["rowData"][:2]
    looks = [[cell.get("userEnteredFormat") for cell in row.get("values", ())][:7] for row in rows]
    kinds = ("charts", "bandedRanges", "conditionalFormats", "basicFilter", "merges")
    properties = {
        name: value for name, value in sheet["properties"].items() if name != "gridProperties"
    }
    return {kind: sheet.get(kind) for kind in kinds} | {"looks": looks, "properties": properties}


def test_a_dashboard_that_is_there_is_its_readers(book: Book) -> None:
    book.push(numbers())
    sheet_id = book.sheet_id("Dashboard")
    properties = {"sheetId": sheet_id, "title": "Übersicht", "index": 2}
    book.edit({"updateSheetProperties": {"properties": properties, "fields": "title,index"}})
    book.push(numbers(("Dee",)))
    book.push(numbers(("Eli",)))
    titles = ["Sheet1", "Übersicht", "Some_Data"]
    assert book.emulator.snapshot(book.id).titles == titles
    # Whoever wants a new one deletes the tab; one that only hides it keeps it.
    hidden = {"sheetId": sheet_id, "hidden": True}
    book.edit({"updateSheetProperties": {"properties": hidden, "fields": "hidden"}})
    book.push(numbers(("Eli",)))
    assert book.counts() == (2, 0)
    book.edit({"deleteSheet": {"sheetId": sheet_id}})
    result = book.push(numbers(("Eli",)))
    assert book.emulator.snapshot(book.id).titles == ["Dashboard", "Sheet1", "Some_Data"]
    assert result.worksheets[0].notes == ("creates the tab Dashboard",)
    assert len(book.sheet("Dashboard")["charts"]) == 3
    book.push(numbers(("Eli",)))
    assert book.counts() == (2, 0)


def test_somebody_elses_tab_of_that_title_is_left_alone(emulator: SheetsEmulator) -> None:
    book = Book(emulator, {"dashboard": [["mine"]]})
    book.push(numbers())
    assert book.values("dashboard") == [["mine"]]
    assert book.emulator.snapshot(book.id).titles == ["dashboard", "Some_Data"]


def test_a_dashboard_refers_to_the_tab_by_the_title_it_has(book: Book) -> None:
    book.push(numbers(dashboard=None))
    properties = {"sheetId": book.sheet_id("Some_Data"), "title": "It's ours"}
    book.edit({"updateSheetProperties": {"properties": properties, "fields": "title"}})
    book.push(numbers())
    assert book.values("Dashboard")[1][1] == Formula("='It''s ours'!B2")


def test_bands_and_filter_reach_as_far_as_the_rows(book: Book) -> None:
    book.push(numbers(rows=3))
    book.push(numbers(rows=50))
    sheet = book.sheet("Some_Data")
    assert [bands["range"]["endRowIndex"] for bands in sheet["bandedRanges"]] == [51]
    assert sheet["basicFilter"]["range"]["endRowIndex"] == 51
    area = {**sheet["basicFilter"]["range"], "endRowIndex": 9}
    book.edit({"setBasicFilter": {"filter": {"range": area}}})
    book.push(numbers(rows=60))
    assert book.sheet("Some_Data")["basicFilter"]["range"] == area


def test_a_worksheet_has_the_rows_that_its_dashboard_refers_to(emulator: SheetsEmulator) -> None:
    new, old = Book(emulator), Book(emulator)
    old.push(numbers(rows=1, dashboard=None))
    for book in (new, old):
        book.push(numbers(rows=1))
        charts_within(book.sheet("Some_Data"), book.sheet("Dashboard")["charts"])
        book.push(numbers(rows=1))
        assert book.counts() == (2, 0)


def test_a_spreadsheet_without_room_for_the_dashboard(book: Book) -> None:
    book.push(numbers(dashboard=None))
    grid = {"rowCount": 398_945, "columnCount": 25}
    book.edit({"addSheet": {"properties": {"title": "Full", "gridProperties": grid}}})
    with pytest.raises(DestinationError, match="has 9,999,807 cells, this push needs 420 more"):
        book.push(numbers())
    assert book.counts()[1] == 0


@pytest.mark.parametrize("rows", [0, 1, 1100])
def test_any_number_of_rows(book: Book, rows: int) -> None:
    chart = chart_from_meta("chart", {**CHART, "rows": 10}, COLUMNS)
    meta: dict[str, Any] = {"chart": chart, "dashboard": OVER_ALL}
    names = [f"name {n} 🎓 {'x' * (n % 99)}" for n in range(rows)]
    desired = numbers(names, rows, **meta)
    book.push(desired)
    assert book.values("Some_Data") == values_of(desired)
    data = book.sheet("Some_Data")
    charts_within(data, data["charts"] + book.sheet("Dashboard")["charts"])
    book.push(desired)
    assert book.counts() == (2, 0)
