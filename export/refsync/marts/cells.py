"""Database values as cells: a value that no cell can hold becomes text or blank, and is named."""

from __future__ import annotations

import json
import math
import re
from contextlib import suppress
from datetime import date, datetime, timezone
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from refsync.marts.column_types import TEXTS, bare
from refsync.worksheet.table import MAX_DIGITS, NUMERIC, TEMPORAL
from refsync.worksheet.values import FIRST_DATE, one_line_end

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from refsync.worksheet.table import Cell, Column

_MOMENT = re.compile(r"\d{4}-\d\d-\d\d(?: \d\d:\d\d:\d\d(?:\.\d+)?)?")
_TYPE_CHARACTERS = 40


def as_cells(column: Column, values: Sequence[Any]) -> list[Cell]:
    """Return a column's values as cells of its format.

    Exact numbers of more than 15 digits, and dates that Excel does not know, become text. NaN and
    the infinities become blank. Times are cut to what the format shows.
    """
    convert: Callable[[Any], Cell] = _text
    if column.format in NUMERIC:
        convert = _number
    elif column.format in TEMPORAL:
        convert = _date if column.format == "date" else _timestamp
    return [None if value is None else convert(value) for value in values]


def warnings(
    worksheet: str, column: Column, data_type: str | None, blank: int, cells: Sequence[Cell]
) -> Iterator[str]:
    """Yield a sentence for each kind of value that changed on its way into a column.

    Args:
        worksheet: The worksheet's title.
        column: The column.
        data_type: The type that decided the format; `None` if the meta did.
        blank: How many values are blank cells though they were not null.
        cells: The column's cells.
    """
    where = f"{worksheet}: {column.header}"
    if blank:
        what = "1 value that is" if blank == 1 else f"{blank:,} values that are"
        left = "its cell is" if blank == 1 else "their cells are"
        yield f"{where} has {what} infinite or not a number; {left} left blank."
    texts = (
        sum(isinstance(cell, str) for cell in cells) if column.format in NUMERIC | TEMPORAL else 0
    )
    shown = "it is" if texts == 1 else "they are"
    if texts and column.format in NUMERIC:
        numbers = "1 number" if texts == 1 else f"{texts:,} numbers"
        yield (
            f"{where} has {numbers} of more than {MAX_DIGITS} digits, which no spreadsheet shows "
            f"exactly; {shown} written as text."
        )
    if texts and column.format in TEMPORAL:
        dates = "1 date" if texts == 1 else f"{texts:,} dates"
        yield (
            f"{where} has {dates} before {FIRST_DATE}, after the year 9999 or infinite, which "
            f"spreadsheets do not show right; {shown} written as text."
        )
    if data_type and column.format == "text" and bare(data_type) not in TEXTS:
        name = data_type
        if len(name) > _TYPE_CHARACTERS:
            name = f"{name[:_TYPE_CHARACTERS]}…"
        yield (
            f"{where} is of the type {name}, which no cell can hold; it is written as text. Give "
            "the column `format: text` in its meta if that is right."
        )


def is_moment(value: object) -> bool:
    """Whether a value is a date or a time, or an ISO 8601 text of one."""
    if isinstance(value, str):
        try:
            datetime.fromisoformat(value)
        except ValueError:
            return False
        return True
    return isinstance(value, date)


def _number(value: Any) -> Cell:
    """Return a number, exact; one that a spreadsheet would show with fewer digits is text."""
    if isinstance(value, float):
        return value + 0.0 if math.isfinite(value) else None  # + 0.0: zero has no sign in a cell
    if isinstance(value, bool) or (isinstance(value, int) and abs(value) < 10**MAX_DIGITS):
        return value
    try:
        number = Decimal(value)
    except (InvalidOperation, TypeError, ValueError):
        return _text(value)
    if not number.is_finite():
        return None
    text = f"{number:f}"
    whole, _, fraction = text.partition(".")
    fraction = fraction.rstrip("0")
    if len((whole.lstrip("-") + fraction).lstrip("0")) > MAX_DIGITS:
        return text
    return float(text) if fraction else int(whole)


def _date(value: Any) -> Cell:
    return _moment(value, date.fromisoformat, 10)


def _timestamp(value: Any) -> Cell:
    return _moment(value, datetime.fromisoformat, 19)


def _moment(value: Any, parse: Callable[[str], Cell], length: int) -> Cell:
    """Return a date or time cut to its first characters; as text where no cell can hold it.

    One with an offset is shown in UTC. Some drivers give times as text.
    """
    if isinstance(value, str) and not _MOMENT.fullmatch(value):
        with suppress(ValueError):
            value = datetime.fromisoformat(value)
    if isinstance(value, datetime) and value.tzinfo is not None:
        value = value.astimezone(timezone.utc).replace(tzinfo=None)
    text = str(value)
    if not _MOMENT.fullmatch(text):
        return text
    text = text[:length]
    return parse(text) if text >= FIRST_DATE else text


def _text(value: Any) -> Cell:
    """Return a value as text, the same for the same value in each run."""
    match value:
        case bool():
            return value
        case str():
            return one_line_end(value)
        case bytes() | bytearray() | memoryview():
            return f"\\x{bytes(value).hex()}"
        case dict() | list() | tuple():
            return one_line_end(json.dumps(value, default=str, ensure_ascii=False))
        case Decimal():
            return f"{value:f}"
        case _:
            return one_line_end(str(value))
