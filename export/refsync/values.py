"""Cell values: what a worksheet is sent, and how two values are told apart."""

from __future__ import annotations

import enum
import math
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from refsync.tables import EXACT_INTEGER

if TYPE_CHECKING:
    from refsync.tables import Cell

SheetValue = None | bool | int | float | str
"""A value as Google Sheets keeps it: blank, boolean, number (dates too) or text."""

EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - a spreadsheet's dates have no time zone
"""Day zero of a spreadsheet's serial dates (Sheets API guide, "Date and time values")."""


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


def sheet_value(cell: Cell) -> SheetValue:  # noqa: PLR0911 - one return a type
    """Return the value that a worksheet is sent for `cell`.

    A date becomes its serial number, an integer beyond 2^53 text; NaN, the infinities and the
    empty text become a blank cell, for a worksheet has no such values.
    """
    match cell:
        case str() | None:
            return cell or None
        case bool():
            return cell
        case datetime():
            return (cell.replace(tzinfo=None) - EPOCH) / timedelta(days=1)
        case date():
            return (cell - EPOCH.date()).days
        case int() if abs(cell) > EXACT_INTEGER:
            return str(cell)
        case float() if not math.isfinite(cell):
            return None
        case _:
            return cell


def key_of(value: SheetValue) -> Key:
    """Return the identity of a value that is to be written.

    Numbers count to 15 digits, which is what a spreadsheet shows of them; all line ends are one.
    """
    match value:
        case str():
            return value.replace("\r\n", "\n").replace("\r", "\n") if "\r" in value else value
        case None:
            return None
        case bool():
            return Truth(value)
        case int() if abs(value) < 10**15:
            return value
        case _:
            return float(f"{value:.15g}")


def key_of_rendered(value: Any) -> Key:
    """Return the identity of a value read with `valueRenderOption=FORMULA`.

    That rendering shows a formula and a text that begins with "=" alike: both are taken for a
    `Formula`, which is right only where no such text is wanted.
    """
    key = key_of(value)
    if not isinstance(key, str):
        return key
    return Formula(key) if key[:1] == "=" else key or None


def key_of_entered(entered: dict[str, Any] | None) -> Key:
    """Return the identity of a cell's `userEnteredValue` (an `ExtendedValue` of the API)."""
    entered = entered or {}
    if "formulaValue" in entered:
        return Formula(str(key_of(entered["formulaValue"])))
    value = entered.get("stringValue", entered.get("boolValue", entered.get("numberValue")))
    return key_of(value) if value != "" else None


def entered_value(value: SheetValue) -> dict[str, Any]:
    """Return the `CellData` that writes `value`: text is always a `stringValue`, never parsed."""
    match value:
        case None:
            return {}
        case bool():
            return {"userEnteredValue": {"boolValue": value}}
        case str():
            return {"userEnteredValue": {"stringValue": value}}
        case _:
            return {"userEnteredValue": {"numberValue": value}}
