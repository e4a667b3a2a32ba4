"""Checks of values: that each is read as it was sent."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from refsync.google_sheets.cell_values import entered_value
from tests.google.check import OtherwiseError, check, expect

if TYPE_CHECKING:
    from refsync.worksheet.values import SheetValue
    from tests.google.scratch import Scratch

NAMED = "A push says how many cells Google keeps otherwise, and does not write them every time."

TEXTS = (
    "0042", "1e5", "1-2", "TRUE", "=1+1", "'quoted", " padded ", "https://example.com", "€5",
    "tab\there", "line\nfeed", "bell\x07", "re\u0301sume\u0301", "👩\u200d👩\u200d👧", "\u200b",
    "x" * 49_999,
)  # fmt: skip
NUMBERS = (0.1 + 0.2, 1 / 3, 1.7976931348623157e308, 5e-324, -0.75, 999_999_999_999_999)


def _kept_otherwise(scratch: Scratch, values: tuple[SheetValue, ...]) -> None:
    with scratch.tab() as tab:
        scratch.batch(tab.writing([[value] for value in values]))
        found = [
            next(iter(row), {}).get("userEnteredValue") for row in tab.cells(f"A1:A{len(values)}")
        ]
    found += [None] * (len(values) - len(found))
    wanted = [entered_value(value)["userEnteredValue"] for value in values]
    lost = [(want, has) for want, has in zip(wanted, found, strict=True) if want != has]
    expect(lost, [], "Values sent, and as they are kept")


@check("every text is kept as it was sent", NAMED)
def texts(scratch: Scratch) -> None:
    _kept_otherwise(scratch, TEXTS)


@check("every number is kept with all its digits", NAMED)
def numbers(scratch: Scratch) -> None:
    _kept_otherwise(scratch, NUMBERS)


@check("a carriage return is kept, or becomes a line feed", NAMED)
def carriage_return(scratch: Scratch) -> str:
    with scratch.tab() as tab:
        scratch.batch(tab.writing([["a\r\nb"]]))
        ((kept,),) = tab.values("A1")
    if kept not in {"a\r\nb", "a\nb"}:
        raise OtherwiseError(f"{kept!r} is kept.")
    return f"{kept!r} is kept."


@check(
    "texts of 50 000 UTF-16 units are the longest", "A longer text is an error before any write."
)
def longest_text(scratch: Scratch) -> None:
    with scratch.tab() as tab:
        emoji = unicodedata.lookup("GRINNING FACE")
        scratch.batch(tab.writing([[emoji * 25_000]]))
        for longer in ("x" * 50_001, emoji * 25_000 + "x"):
            if scratch.refusal(tab.writing([[longer]])) is None:
                raise OtherwiseError(f"{len(longer)} characters are taken.")


@check("a boolean stays one under the format of text", "Columns of booleans have no format.")
def boolean_under_text(scratch: Scratch) -> None:
    with scratch.tab() as tab:
        text = {"userEnteredFormat": {"numberFormat": {"type": "TEXT", "pattern": "@"}}}
        area = tab.range(0, 3, 0, 1)
        scratch.batch(
            {
                "repeatCell": {
                    "range": area,
                    "cell": text,
                    "fields": "userEnteredFormat.numberFormat",
                }
            },
            tab.writing([[True], [12.5], ["0042"]]),
        )
        expect(tab.values("A1:A3"), [[True], [12.5], ["0042"]], "Values under the format")


@check("values are rendered with formulas and dates as serial numbers", NAMED)
def rendering(scratch: Scratch) -> None:
    with scratch.tab() as tab:
        date = {"userEnteredFormat": {"numberFormat": {"type": "DATE", "pattern": "yyyy-mm-dd"}}}
        formula = {"values": [{"userEnteredValue": {"formulaValue": "=1+1"}}]}
        start = {"sheetId": tab.sheet_id, "rowIndex": 3, "columnIndex": 0}
        scratch.batch(
            tab.writing([[46_000], [True], ["text"]]),
            {"updateCells": {"start": start, "rows": [formula], "fields": "userEnteredValue"}},
            {
                "repeatCell": {
                    "range": tab.range(0, 1, 0, 1),
                    "cell": date,
                    "fields": "userEnteredFormat.numberFormat",
                }
            },
        )
        open_ended = {"sheetId": tab.sheet_id, "startColumnIndex": 0, "endColumnIndex": 1}
        answer = scratch.call(
            "POST",
            "/values:batchGetByDataFilter",
            {
                "dataFilters": [{"gridRange": open_ended}],
                "valueRenderOption": "FORMULA",
                "dateTimeRenderOption": "SERIAL_NUMBER",
            },
        )
        (found,) = answer["valueRanges"]
        expect(found["valueRange"]["values"], [[46_000], [True], ["text"], ["=1+1"]], "The values")
        echoed = found["dataFilters"][0]["gridRange"].get("sheetId", 0)
        expect(echoed, tab.sheet_id, "The sheet's id in the answer")
