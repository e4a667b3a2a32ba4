"""Cell values: what a push sends to a worksheet, and when two values are equal."""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from operator import is_not
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from refsync.worksheet.table import Cell

SheetValue = None | bool | int | float | str
"""A value as Google Sheets keeps it: blank, boolean, number (dates too) or text."""

EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - a spreadsheet's dates have no time zone
"""Day zero of a spreadsheet's serial dates (Sheets API guide, "Date and time values")."""

FIRST_DATE = "1900-03-01"
"""Excel counts a 29 February 1900 that never was; from the next day on its dates are right."""

UNWRITABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""A character that XML cannot have, so a workbook's titles, notes and charts have none."""

SECONDS_A_DAY = 86_400


class Truth(enum.Enum):
    """A boolean that does not equal 1 or 0, as Python's own would."""

    FALSE = False
    TRUE = True


@dataclass(frozen=True)
class Formula:
    """A formula in a cell. It equals no text, so a formula where text belongs is replaced."""

    text: str


Key = None | Truth | Formula | int | float | str
"""A value's identity: equal keys mean that nothing has to be written."""

Row = tuple[Key, ...]


def sheet_value(cell: Cell) -> SheetValue:
    """Return the value that a push sends for `cell`.

    A date becomes its serial number, and the empty text a blank cell.

    >>> sheet_value(date(2026, 10, 31))
    46326
    >>> sheet_value("") is None
    True
    """
    match cell:
        case str() | None:
            return cell or None
        case date():  # a datetime too
            return serial(cell)
        case _:
            return cell


def serial(moment: date) -> int | float:
    """Return the days from a spreadsheet's day zero; a time of day is a fraction of a day.

    Parts of a second are cut off. Rounded up, they could show the next second, or the next day.
    The fraction has at most 15 digits, because some programs keep no more.

    >>> serial(datetime(2026, 10, 31, 18, 0, 0, 999_999))
    46326.75
    """
    if not isinstance(moment, datetime):
        return (moment - EPOCH.date()).days
    days = moment.toordinal() - EPOCH.toordinal()
    seconds = days * SECONDS_A_DAY + moment.hour * 3600 + moment.minute * 60 + moment.second
    return float(f"{seconds / SECONDS_A_DAY:.15g}")


def utf16_length(text: str) -> int:
    """Return a text's length as Google Sheets and Excel count it: in UTF-16 units.

    >>> utf16_length("a🎓")
    3
    """
    return len(text) + sum(character > "\uffff" for character in text)


def one_line_end(text: str) -> str:
    r"""Return the text with a line feed for each kind of line end.

    >>> one_line_end("a\r\nb\rc")
    'a\nb\nc'
    """
    return text.replace("\r\n", "\n").replace("\r", "\n")


def key_of(value: SheetValue) -> Key:
    """Return the identity of a value to write.

    Numbers are compared exactly. All kinds of line ends are equal.

    >>> key_of(True) == key_of(1)
    False
    """
    match value:
        case str():
            return one_line_end(value)
        case bool():
            return Truth(value)
        case _:
            return value


def row_of(cells: Iterable[Cell]) -> Row:
    """Return the identities of a row's cells.

    >>> row_of(["a", date(2026, 10, 31), ""])
    ('a', 46326, None)
    """
    return tuple(key_of(sheet_value(cell)) for cell in cells)


def is_blank(values: Iterable[Key]) -> bool:
    """Whether there is nothing in any of the cells."""
    return not any(map(_is_filled, values))


_is_filled = partial(is_not, None)
