"""Cell values as the API has them, written and read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from refsync.worksheet.values import Formula, key_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from refsync.worksheet.values import Key, Row, SheetValue


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


def key_of_rendered(value: Any) -> Key:
    """Return the identity of a value read with `valueRenderOption=FORMULA`.

    That rendering shows a formula and a text that begins with "=" alike: both are taken for a
    `Formula`, which is right only where no such text is desired.
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


def differ_in_last_digits(some: Iterable[Row], others: Iterable[Row]) -> bool:
    """Whether a number of one grid, cut to 15 digits, is one of the other: perhaps it was cut."""
    number, other = (
        {key for row in rows for key in row if isinstance(key, float)} for rows in (some, others)
    )
    cut = {f"{key:.15g}" for key in number - other}
    return any(f"{key:.15g}" in cut for key in other - number)
