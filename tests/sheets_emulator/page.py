"""The page at `/`: a spreadsheet as a person sees it, with its tabs, values and charts."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, quote

from refsync.worksheet.area import column_letters
from tests.sheets_emulator.formats import formatted
from tests.sheets_emulator.formulas import Evaluator

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from tests.sheets_emulator.cells import Cell
    from tests.sheets_emulator.grid import Sheet, Spreadsheet
    from tests.sheets_emulator.library import File

MAX_ROWS = 200
"""Rows that are shown of a tab."""

_STYLE = """
body { font: 14px sans-serif; margin: 1em; color: #1f2d3d }
nav a { margin-right: 1em } nav b { margin-right: 1em }
table { border-collapse: collapse; margin-top: 1em }
td, th { border: 1px solid #ccc; padding: 2px 6px; white-space: pre-wrap; max-width: 30em }
th { background: #f0f3f6; font-weight: normal; color: #667 }
td.number { text-align: right }
"""


def page(files: Mapping[str, File], query: str) -> str:
    """The page: one tab of one spreadsheet, and links to the others.

    Args:
        files: The spreadsheets by their ids.
        query: What is asked for: `id` of a spreadsheet and `tab`, the id of a sheet.
    """
    asked = parse_qs(query)
    wanted = asked.get("id", [""])[0]
    newest = [*files.values()][-1:]
    file = files.get(wanted) or next(iter(newest), None)
    if file is None:
        return _html("The Sheets emulator", "<p>There is no spreadsheet yet.</p>")
    book = file.book
    tab = asked.get("tab", [""])[0]
    sheet = next((each for each in book.sheets if str(each.id) == tab), book.sheets[0])
    others = [
        f'<a href="/?id={quote(each)}">{escape(_title(other.book))}</a>'
        for each, other in files.items()
        if other is not file
    ]
    parts = [
        f"<h1>{escape(_title(book))}</h1>",
        f"<nav>{''.join(_link(book, each, sheet) for each in book.sheets)}</nav>",
        *_objects(sheet),
        _table(book, sheet),
        f"<p>Other spreadsheets: {' '.join(others)}</p>" if others else "",
    ]
    return _html(_title(book), "\n".join(parts))


def _title(book: Spreadsheet) -> str:
    return str(book.properties.get("title", book.id))


def _link(book: Spreadsheet, each: Sheet, shown: Sheet) -> str:
    title = escape(each.title) + (" (hidden)" if each.hidden else "")
    if each is shown:
        return f"<b>{title}</b>"
    return f'<a href="/?id={quote(book.id)}&amp;tab={each.id}">{title}</a>'


def _objects(sheet: Sheet) -> Iterator[str]:
    """Say what lies over the cells."""
    for chart in sheet.objects["charts"]:
        spec = chart.get("spec", {})
        kind = spec.get("basicChart", {}).get("chartType", "other").lower()
        yield f"<p>A {escape(kind)} chart: <b>{escape(spec.get('title', ''))}</b></p>"
    said = {
        "bandedRanges": "coloured bands",
        "conditionalFormats": "rules for colours",
        "merges": "merged cells",
        "protectedRanges": "protected ranges",
        "tables": "typed tables",
    }
    counts = {word: len(sheet.objects[kind]) for kind, word in said.items()}
    words = [f"{count} {word}" for word, count in counts.items() if count]
    if sheet.basic_filter is not None:
        words.append("a filter")
    if words:
        yield f"<p>It has {', '.join(words)}.</p>"


def _table(book: Spreadsheet, sheet: Sheet) -> str:
    filled = sorted(row for row, cells in sheet.rows.items() if _is_filled(cells.values()))
    if not filled:
        return "<p>The tab is empty.</p>"
    width = 1 + max(max(sheet.rows[row]) for row in filled)
    evaluator = Evaluator(book)
    letters = "".join(f"<th>{column_letters(column)}</th>" for column in range(width))
    lines = [f"<tr><th></th>{letters}</tr>"]
    for row in range(min(filled[-1] + 1, MAX_ROWS)):
        cells = []
        for column in range(width):
            cell = sheet.cell(row, column)
            result = evaluator.result(sheet, row, column)
            kind = ' class="number"' if isinstance(result, float) else ""
            note = f' title="{escape(cell.note)}"' if cell.note else ""
            shown = "" if result is None else formatted(result, cell.format)
            cells.append(f"<td{kind}{note}>{escape(shown)}</td>")
        lines.append(f"<tr><th>{row + 1}</th>{''.join(cells)}</tr>")
    more = filled[-1] + 1 - MAX_ROWS
    rest = f"<p>{more:,} rows more.</p>" if more > 0 else ""
    return f"<table>{''.join(lines)}</table>{rest}"


def _is_filled(cells: Iterable[Cell]) -> bool:
    return any(cell.value is not None for cell in cells)


def _html(title: str, body: str) -> str:
    return (
        f"<!doctype html><html lang='en'><head><meta charset='utf-8'><title>{escape(title)}</title>"
        f"<style>{_STYLE}</style></head><body>{body}</body></html>"
    )
