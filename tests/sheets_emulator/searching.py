"""findReplace."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tests.sheets_emulator.a1 import Area
from tests.sheets_emulator.batch import Batch, handles
from tests.sheets_emulator.cells import Formula, check_length, text_value
from tests.sheets_emulator.errors import Json, invalid
from tests.sheets_emulator.formats import formatted
from tests.sheets_emulator.typing_in import typed_in

if TYPE_CHECKING:
    from collections.abc import Iterator


@handles("findReplace")
def _find_replace(batch: Batch, request: Json) -> Json:
    """Replaces in texts, in values as they are shown, and in formulas where that is asked for."""
    expression = _expression(request)
    counts: dict[str, int] = {}
    sheets_changed: set[int] = set()
    for area in _areas(batch, request):
        sheet = batch.sheet(area)
        for row in list(sheet.filled_rows(area)):
            row_changed = False
            for column in [c for c in sheet.rows[row] if area.left <= c < area.right]:
                place = Area(sheet.id, row, column, row + 1, column + 1)
                occurrences, kind = _replace(batch, place, expression, request)
                if occurrences:
                    counts["occurrencesChanged"] = counts.get("occurrencesChanged", 0) + occurrences
                    counts[kind] = counts.get(kind, 0) + 1
                    row_changed = True
            if row_changed:
                counts["rowsChanged"] = counts.get("rowsChanged", 0) + 1
                sheets_changed.add(sheet.id)
    if sheets_changed:
        counts["sheetsChanged"] = len(sheets_changed)
    return dict(counts)


def _expression(request: Json) -> re.Pattern[str]:
    find = request.get("find", "")
    if not find:
        raise invalid("Must specify what to find.")
    pattern = find if request.get("searchByRegex") else re.escape(find)
    if request.get("matchEntireCell"):
        pattern = rf"\A(?:{pattern})\Z"
    try:
        return re.compile(pattern, 0 if request.get("matchCase") else re.IGNORECASE)
    except re.error:
        raise invalid(f"Invalid regular expression: {find}") from None


def _areas(batch: Batch, request: Json) -> Iterator[Area]:
    scopes = [name for name in ("range", "sheetId", "allSheets") if name in request]
    if len(scopes) != 1:
        raise invalid("Must specify exactly one of range, sheetId or allSheets.")
    if scopes == ["range"]:
        return iter([batch.area(request)])
    if scopes == ["sheetId"]:
        return iter([batch.book.sheet(request["sheetId"]).whole()])
    return (sheet.whole() for sheet in batch.book.sheets)


def _replace(
    batch: Batch, place: Area, expression: re.Pattern[str], request: Json
) -> tuple[int, str]:
    """Replaces within one cell; how often, and which count of the reply that adds to."""
    sheet, row, column = batch.sheet(place), place.top, place.left
    cell = sheet.rows[row][column]
    is_formula = isinstance(cell.value, Formula)
    if cell.value is None or (is_formula and not request.get("includeFormulas")):
        return 0, ""
    shown = formatted(batch.result(sheet, row, column), cell.format)
    text = str(cell.value) if is_formula else shown
    replacement = request.get("replacement", "")
    # Google's regular expressions refer to groups as $1.
    template = re.sub(r"\$(\d)", r"\\\1", replacement.replace("\\", "\\\\"))
    literal = not request.get("searchByRegex")
    changed, count = expression.subn((lambda _: replacement) if literal else template, text)
    if not count:
        return 0, ""
    batch.editable(place)
    check_length(changed)
    if isinstance(cell.value, str):
        sheet.set_cell(row, column, cell._replace(value=text_value(changed)))
    else:
        sheet.set_cell(row, column, typed_in(cell, changed))
    return count, "formulasChanged" if is_formula else "valuesChanged"
