"""Checks of what makes a push atomic: guards, records, answers, bodies."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor

from tests.google.check import OtherwiseError, check, expect
from tests.google.scratch import RefusedError, Scratch, with_metadata, without_metadata

CONFIRMED = (
    "A commit is confirmed by reading the records again, and planned again if it is not alone."
)


@check("a metadata id that is taken refuses the whole batch", CONFIRMED)
def guard_in_sequence(scratch: Scratch) -> None:
    with scratch.metadata_ids(1) as (guard,), scratch.tab() as tab:
        scratch.batch(with_metadata(guard), tab.writing([["first"]]))
        refused = scratch.refusal(with_metadata(guard), tab.writing([["second"]]))
        if refused is None:
            raise OtherwiseError("The second batch was applied too.")
        expect(refused.code, 400, "The status of the refusal")
        expect(tab.values("A1"), [["first"]], "The cell")


@check("of eight batches with one metadata id at the same moment, one is applied", CONFIRMED)
def guard_in_parallel(scratch: Scratch) -> None:
    for _ in range(3 if scratch.is_live else 1):
        with scratch.metadata_ids(1) as (guard,), scratch.tab() as tab:
            commits = [(with_metadata(guard, str(n)), tab.writing([[n]])) for n in range(8)]
            with ThreadPoolExecutor(8) as threads:
                refusals = list(threads.map(lambda each: scratch.refusal(*each), commits))
            codes = [refused.code if refused else 0 for refused in refusals]
            expect(codes.count(0), 1, "How many were applied")
            expect(tab.values("A1"), [[codes.index(0)]], "The number of the one that was applied")
            guards = [each for each in scratch.metadata() if each["metadataId"] == guard]
            expect(len(guards), 1, "How many guards there are")


@check("a title that is taken refuses the whole batch", CONFIRMED)
def title_taken(scratch: Scratch) -> None:
    with scratch.tab() as tab:
        twin = {"sheetId": tab.sheet_id - 1, "title": tab.title.upper()}
        refused = scratch.refusal({"addSheet": {"properties": twin}})
        if refused is None:
            scratch.batch({"deleteSheet": {"sheetId": twin["sheetId"]}})
            raise OtherwiseError("A second tab was added.")
        expect(refused.code, 400, "The status of the refusal")


@check(
    "200 guards and a record of 20 000 characters fit into the metadata",
    "A push of very many worksheets is refused with a sentence that names --select.",
)
def metadata_quota(scratch: Scratch) -> str:
    with scratch.metadata_ids(202) as ids:
        scratch.batch(*(with_metadata(each, "x" * 12) for each in ids[:200]))
        scratch.batch(with_metadata(ids[200], "x" * 20_000))
        refused = scratch.refusal(with_metadata(ids[201], "x" * 10_000))
        return f"10 000 characters more are {'refused' if refused else 'taken, too'}."


@check(
    "deleting metadata that is not there does nothing",
    "A push whose record somebody deleted reads again, and plans by what is there.",
)
def deleting_missing_metadata(scratch: Scratch) -> None:
    with scratch.metadata_ids(1) as (absent,):
        scratch.batch(without_metadata(absent))


READ_INSTEAD = "A push commits without reading back, and reads the cells by two calls instead."


@check("a batch answers with cells of rows that it adds", READ_INSTEAD)
def answer_of_the_grown_grid(scratch: Scratch) -> None:
    with scratch.tab(rows=5) as tab:
        span = {"sheetId": tab.sheet_id, "dimension": "ROWS", "startIndex": 5, "endIndex": 9}
        grow = {"insertDimension": {"range": span, "inheritFromBefore": True}}
        answer = scratch.batch(
            grow,
            tab.writing([["new"]], top=8),
            includeSpreadsheetInResponse=True,
            responseIncludeGridData=True,
            responseRanges=[f"'{tab.title}'!A9:B9"],
        )
        (sheet,) = answer["updatedSpreadsheet"]["sheets"]
        (data,) = sheet["data"]
        expect(data.get("startRow"), 8, "The first row of the answer")
        value = data["rowData"][0]["values"][0]["userEnteredValue"]
        expect(value, {"stringValue": "new"}, "The cell in the answer")


@check("an answer of a tab that is not there refuses the whole batch", READ_INSTEAD)
def answer_of_no_tab(scratch: Scratch) -> None:
    with scratch.tab() as tab:
        options = {"includeSpreadsheetInResponse": True, "responseRanges": ["'refsync_no_tab'!A1"]}
        refused = scratch.refusal(tab.writing([["written"]]), **options)
        if refused is None:
            raise OtherwiseError("The batch was applied, and answered.")
        expect(tab.values("A1"), [], "The cell")


@check("a compressed body is taken", "The rest of a run sends plain bodies.")
def compressed_body(scratch: Scratch) -> None:
    with scratch.tab() as tab:
        scratch.batch(tab.writing([["compressed"]]), compress=True)
        expect(tab.values("A1"), [["compressed"]], "The cell")


@check("bodies of 2, 4 and 8 MB are taken in time", "A push sends 4 MB a body, and waits 200 s.")
def large_bodies(scratch: Scratch) -> str:
    facts = []
    for megabytes in (2, 4, 8) if scratch.is_live else (0.1,):
        rows = int(megabytes * 1e6 / 490)
        with scratch.tab(rows=rows) as tab:
            request = tab.writing(
                [[f"text {row} {column}" for column in range(9)] for row in range(rows)]
            )
            body = json.dumps({"requests": [request]}).encode()
            began = time.monotonic()
            scratch.call("POST", ":batchUpdate", body, compress=True)
            facts.append(f"{len(body) / 1e6:.1f} MB took {time.monotonic() - began:.1f} s")
    return ", ".join(facts) + "."


@check("a spreadsheet may have more than 200 tabs", "A push warns, and asks Google.")
def many_tabs(scratch: Scratch) -> str:
    if not scratch.is_live:
        return "not tried on the emulator."
    ids = range(1_800_000_000, 1_800_000_201)
    one_cell = {"rowCount": 1, "columnCount": 1}
    tabs = [{"sheetId": n, "title": f"refsync_test_{n}", "gridProperties": one_cell} for n in ids]
    added = [{"addSheet": {"properties": each}} for each in tabs]
    try:
        scratch.batch(*added)
    except RefusedError as error:
        return f"201 tabs more are refused: {error.said}"
    scratch.batch(*({"deleteSheet": {"sheetId": each}} for each in ids))
    return "201 tabs more are taken."


@check(
    "a request that is not valid is a 400 to a writer",
    "--check may say that an account may write which may not; the push then says so.",
)
def unknown_tab(scratch: Scratch) -> None:
    refused = scratch.refusal({"deleteSheet": {"sheetId": 2**31 - 1}})
    expect(refused.code if refused else 200, 400, "The status")
