"""Links, and what people add to refsync's headers, are carried over."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import openpyxl
import pytest
from openpyxl.comments import Comment
from openpyxl.worksheet.hyperlink import Hyperlink

from refsync.excel import workbook as workbook_file
from tests.excel.test_own_marks import SAVES, plain
from tests.excel.test_remarks import KEPT, YELLOW, edited, keyed, path, shown
from tests.excel.test_safety import push, refusal

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = ["path"]

LINKS = {
    "D2": ("contract", "https://example.org/contract/1?a=b&c=%20#part"),
    "D3": (7, "mailto:mai@example.org"),
    "D4": ("=A4*2", "#Data!A1"),
}


@pytest.mark.parametrize("most_in_memory", [workbook_file.MAX_CELLS_IN_MEMORY, 0])
@pytest.mark.parametrize("save", SAVES)
def test_links_go_with_their_rows(
    path: Path,
    save: Callable[[Path], None],
    most_in_memory: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(workbook_file, "MAX_CELLS_IN_MEMORY", most_in_memory)
    push(path, keyed(1, 2, 3))
    book = openpyxl.load_workbook(path)
    for place, (value, link) in LINKS.items():
        book["Data"][place] = value
        target, _, location = link.partition("#")
        book["Data"][place].hyperlink = link if target else Hyperlink(place, location=location)
        book["Data"][place].value = value
    book.save(path)
    for _ in range(2):
        save(path)
        push(path, keyed(3, 2, 1))
        sheet = openpyxl.load_workbook(path)["Data"]
        assert [sheet[f"D{row}"].value for row in (4, 3, 2)] == ["contract", 7, "=A2*2"]
        links = [sheet[place].hyperlink for place in ("D4", "D3", "D2")]
        assert [
            (link.target or "") + (f"#{link.location}" if link.location else "") for link in links
        ] == [link for _, link in LINKS.values()]


def test_a_link_on_a_cell_of_refsyncs_is_named(path: Path) -> None:
    push(path, keyed(1, 2))
    book = openpyxl.load_workbook(path)
    book["Data"]["B2"].hyperlink = "https://example.org/"
    book.save(path)
    assert refusal(path, keyed(1, 2)) == (
        "a.xlsx has links on refsync's cells in the tab Data, which a push cannot carry over: move "
        "them to the right of refsync's columns, or run with --adopt to replace the workbook "
        "without what people added."
    )
    push(path, keyed(1, 2), adopt=True)


@pytest.mark.parametrize("save", SAVES)
def test_colours_and_notes_on_refsyncs_headers(path: Path, save: Callable[[Path], None]) -> None:
    table = plain(1, 2)
    table = replace(table, columns=(keyed(1).columns[0], *table.columns[1:]))
    push(path, table)
    edited(path, {"B1": YELLOW})
    edited(path, {"A1": Comment("ask Mai", "Mai"), "B1": Comment("ask An", "An")})
    for _ in range(2):
        save(path)
        push(path, table)
        sheet = openpyxl.load_workbook(path)["Data"]
        assert sheet["B1"].comment.text == "ask An"
        assert sheet["A1"].comment.text == "The ID of a row."
        assert sheet["B1"].fill.fgColor.rgb == "FFFFFF00"
        assert sheet["C1"].fill.fgColor.rgb == sheet["A1"].fill.fgColor.rgb == "FFDCE6F0"
        # A cell has one note only.
        assert [row[:4] for row in shown(path, KEPT)[1:]] == [["Data", None, "ID", "ask Mai"]]
