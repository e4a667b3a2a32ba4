"""Cell values as the API has them, written and read."""

from __future__ import annotations

import json
import re
import unicodedata
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from refsync.worksheet.table import MAX_DIGITS
from refsync.worksheet.values import Formula, Truth, key_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

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


def row_json(row: Iterable[SheetValue], known: dict[str, str]) -> str:
    """Return the `RowData` that writes a row, in JSON: there may be half a million cells.

    `known` keeps the JSON of texts, most of which are in many rows.
    """
    cells = [
        _EMPTY_CELL
        if value is None
        else known.get(value) or known.setdefault(value, _cell_json(value))
        if isinstance(value, str)
        else _cell_json(value)
        for value in row
    ]
    return f'{{"values":[{",".join(cells)}]}}'


_EMPTY_CELL = "{}"


def _cell_json(value: SheetValue) -> str:
    if value.__class__ in {int, float}:
        return f'{{"userEnteredValue":{{"numberValue":{value!r}}}}}'
    return json.dumps(entered_value(value), ensure_ascii=False, separators=(",", ":"))


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
    if not entered:
        return None
    if "formulaValue" in entered:
        return Formula(str(key_of(entered["formulaValue"])))
    value = entered.get("stringValue", entered.get("boolValue", entered.get("numberValue")))
    return key_of(value) if value != "" else None


def is_alike(one: Key, other: Key) -> bool:
    """Whether two values are different ways to keep one: `0042` and 42, é of one sign and of two.

    A value that Google keeps in another way than it was sent is like it in this sense.
    """
    return plain_text(one) == plain_text(other)


def have_alike(some: Sequence[Row], others: Sequence[Row]) -> bool:
    """Whether a value that a column has in one grid only is like one it has in the other only."""
    if len(some) == len(others) and all(
        row == other[: len(row)] for row, other in zip(some, others, strict=True)
    ):
        return False
    pairs = zip(columns(some), columns(others), strict=False)
    return any(alike(one, other) for one, other in pairs)


def columns(rows: Iterable[Row]) -> list[set[Key]]:
    """Return the values of each column; a row may end early."""
    return [set(column) for column in zip_longest(*rows)]


def alike(some: set[Key], others: set[Key]) -> set[Key]:
    """Return those values which only `some` has that are like one which only `others` has."""
    plain = {plain_text(key) for key in others - some if key is not None}
    return {key for key in some - others if key is not None and plain_text(key) in plain}


_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d{1,3})?", re.IGNORECASE | re.ASCII)


def plain_text(key: Key) -> str | Formula:
    """Return a value as text, without what programs leave out, round or normalise."""
    match key:
        case Formula():
            return key
        case Truth():
            return str(key.value).upper()
        case int() | float():
            return f"{key:.15g}"
        case None:
            return ""
    text = "".join(key.split()) if key.isascii() and key.isprintable() else _bare(key)
    text = text.removeprefix("'")
    # A number with more digits would lose some, which is not the same value any more.
    if _NUMBER.fullmatch(text) and sum(sign.isdigit() for sign in text) <= MAX_DIGITS:
        return f"{float(text):.15g}"
    return text.upper() if text.upper() in {"TRUE", "FALSE"} else text


def _bare(text: str) -> str:
    """Return a text in one normal form, without spaces and signs that are not seen."""
    return "".join(
        sign
        for sign in unicodedata.normalize("NFKC", text)
        if unicodedata.category(sign)[0] not in "CZ" and sign != "\ufffd"
    )
