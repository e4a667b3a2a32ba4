"""Checks of copied rows: overlap, what is hidden, and what goes along."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.google.check import check, expect

if TYPE_CHECKING:
    from tests.google.scratch import Json, Scratch, ScratchTab

READ_BACK = (
    "Every row that was copied is read back; if one is wrong, the push writes all rows that moved."
)
ROWS = 60


def _numbers(count: int = ROWS) -> list[list[float]]:
    return [[float(number)] for number in range(count)]


def _after(count: int, top: int, bottom: int, to: int) -> list[list[float]]:
    rows = _numbers(count)
    rows[to : to + bottom - top] = _numbers(count)[top:bottom]
    return rows


def _copied(scratch: Scratch, tab: ScratchTab, *before: Json, batch: tuple[Json, ...] = ()) -> None:
    """Copy rows down and up over themselves, after some requests, and see where they are."""
    for top, bottom, to in ((1, 40, 11), (11, 50, 1)):
        scratch.batch(tab.writing(_numbers()))
        if before:
            scratch.batch(*before)
        scratch.batch(*batch, tab.copying(top, bottom, to))
        expect(tab.values(f"A1:A{ROWS}"), _after(ROWS, top, bottom, to), f"Rows copied to {to}")


@check("a copy over itself takes what was there before it", READ_BACK)
def overlap(scratch: Scratch) -> None:
    with scratch.tab(rows=300) as tab:
        for top, bottom, to in ((0, 150, 100), (100, 250, 0), (0, 200, 1), (1, 200, 0)):
            scratch.batch(tab.writing(_numbers(250)))
            scratch.batch(tab.copying(top, bottom, to))
            found = tab.values("A1:A250")
            expect(found, _after(250, top, bottom, to), f"Rows {top} to {bottom} copied to {to}")


@check(
    "a copy of values keeps their kinds, and leaves formats and notes where they are",
    "Cells of another kind are read back, and written.",
)
def kinds(scratch: Scratch) -> None:
    rows: list[list[str | float | bool]] = [
        ["0042"],
        ["=1+1"],
        [True],
        [46_000.5],
        ["https://example.com"],
    ]
    with scratch.tab() as tab:
        noted = {
            "note": "mine",
            "userEnteredFormat": {"numberFormat": {"type": "TEXT", "pattern": "@"}},
        }
        scratch.batch(
            tab.writing(rows),
            {
                "repeatCell": {
                    "range": tab.range(10, 15, 0, 1),
                    "cell": noted,
                    "fields": "note,userEnteredFormat.numberFormat",
                }
            },
            tab.copying(0, 5, 10),
        )
        expect(tab.values("A11:A15"), rows, "The copied values")
        shown = tab.cells("A11:A15", "note,userEnteredFormat(numberFormat)")
        expect([row[0] for row in shown], [noted] * 5, "Notes and formats at the destination")


@check("a copy takes rows that are hidden by hand", READ_BACK)
def hidden_by_hand(scratch: Scratch) -> None:
    with scratch.tab() as tab:
        _copied(scratch, tab, tab.hiding(15, 18), tab.hiding(30, 31))


@check("a copy takes rows of a collapsed group", READ_BACK)
def collapsed(scratch: Scratch) -> None:
    with scratch.tab() as tab:
        span = {"sheetId": tab.sheet_id, "dimension": "ROWS", "startIndex": 15, "endIndex": 20}
        group = {"range": span, "depth": 1, "collapsed": True}
        scratch.batch(
            {"addDimensionGroup": {"range": span}},
            {"updateDimensionGroup": {"dimensionGroup": group, "fields": "collapsed"}},
        )
        _copied(scratch, tab)


def _filter(tab: ScratchTab) -> Json:
    spec = {"columnIndex": 0, "filterCriteria": {"hiddenValues": ["15", "16", "30"]}}
    return {"range": tab.range(0, ROWS, 0, 1), "filterSpecs": [spec]}


@check("a filter that a batch takes away hides no row of a copy in it", READ_BACK)
def filter_cleared(scratch: Scratch) -> None:
    with scratch.tab() as tab:
        clear = {"clearBasicFilter": {"sheetId": tab.sheet_id}}
        _copied(scratch, tab, {"setBasicFilter": {"filter": _filter(tab)}}, batch=(clear,))


@check("a copy takes rows that a slicer hides", "Nothing is copied in a tab with a slicer.")
def slicer(scratch: Scratch) -> None:
    with scratch.tab() as tab:
        spec = {
            "dataRange": tab.range(0, ROWS, 0, 1),
            "columnIndex": 0,
            "filterCriteria": {"hiddenValues": ["15", "16", "30"]},
            "applyToPivotTables": False,
        }
        anchor = {"sheetId": tab.sheet_id, "rowIndex": 1, "columnIndex": 3}
        position = {"overlayPosition": {"anchorCell": anchor}}
        scratch.batch(tab.writing(_numbers()))
        scratch.batch({"addSlicer": {"slicer": {"spec": spec, "position": position}}})
        _copied(scratch, tab)


@check(
    "a copy takes rows that a filter view hides", "Nothing is copied in a tab with a filter view."
)
def filter_view(scratch: Scratch) -> None:
    with scratch.tab() as tab:
        scratch.batch(tab.writing(_numbers()))
        scratch.batch({"addFilterView": {"filter": {**_filter(tab), "title": "Mine"}}})
        _copied(scratch, tab)


@check("rows that are hidden by hand are written and pasted to", READ_BACK)
def writing_hidden(scratch: Scratch) -> None:
    with scratch.tab() as tab:
        scratch.batch(tab.writing(_numbers()), tab.hiding(15, 18))
        scratch.batch(tab.writing([["new"]] * 3, top=15))
        expect(tab.values("A16:A18"), [["new"]] * 3, "The hidden cells that were written")
        scratch.batch(tab.copying(40, 43, 15))
        expect(
            tab.values("A16:A18"), [[40.0], [41.0], [42.0]], "The hidden cells that were pasted to"
        )


@check(
    "a hidden tab is filled, copied from and deleted in one batch",
    "A push too large for one body fails with a sentence, and changes nothing.",
)
def staged(scratch: Scratch) -> None:
    with scratch.tab() as tab:
        staging = {"sheetId": tab.sheet_id - 1, "title": f"{tab.title}_staged", "hidden": True}
        source = {**tab.range(0, 5, 0, 1), "sheetId": staging["sheetId"]}
        start = {"sheetId": staging["sheetId"], "rowIndex": 0, "columnIndex": 0}
        write = tab.writing(_numbers(5))
        write["updateCells"]["start"] = start
        scratch.batch(
            {"addSheet": {"properties": staging}},
            write,
            {
                "copyPaste": {
                    "source": source,
                    "destination": tab.range(3, 8, 0, 1),
                    "pasteType": "PASTE_VALUES",
                }
            },
            {"deleteSheet": {"sheetId": staging["sheetId"]}},
        )
        expect(tab.values("A4:A8"), _numbers(5), "The copied cells")


@check(
    "a whole paste by way of another tab takes values, formulas, notes, colours and validation",
    "Remarks would lose what is not taken; it is a fact for what moves with a row.",
)
def whole_paste(scratch: Scratch) -> str:
    with scratch.tab() as tab, scratch.tab() as other:
        formula = {"userEnteredValue": {"formulaValue": "=A1*2"}}
        scratch.batch(
            {
                "updateCells": {
                    "start": {"sheetId": tab.sheet_id, "rowIndex": 0, "columnIndex": 1},
                    "rows": [{"values": [{**formula, "note": "look"}]}],
                    "fields": "userEnteredValue,note",
                }
            }
        )
        for source, target in (
            (tab.range(0, 1, 1, 2), other.range(4, 5, 1, 2)),
            (other.range(4, 5, 1, 2), tab.range(7, 8, 1, 2)),
        ):
            paste = {"source": source, "destination": target, "pasteType": "PASTE_NORMAL"}
            scratch.batch({"copyPaste": paste})
        ((cell,),) = tab.cells("B8", "userEnteredValue,note")
        expect(cell.get("userEnteredValue"), {"formulaValue": "=A8*2"}, "The formula that arrived")
        return f"the note {'arrives' if cell.get('note') == 'look' else 'does not arrive'}."
