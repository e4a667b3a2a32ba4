"""One cell: what was typed into it, and what belongs to it besides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from tests.sheets_emulator.errors import Json, invalid

MAX_CHARACTERS = 50_000


@dataclass(frozen=True)
class Formula:
    """A formula as typed, `=` included; never equal to a text that looks the same."""

    text: str

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class CellError:
    """The result of a formula that has none."""

    type: str
    message: str = ""

    def __str__(self) -> str:
        return _ERROR_TEXTS[self.type]


_ERROR_TEXTS = {
    "ERROR": "#ERROR!",
    "NULL_VALUE": "#NULL!",
    "DIVIDE_BY_ZERO": "#DIV/0!",
    "VALUE": "#VALUE!",
    "REF": "#REF!",
    "NAME": "#NAME?",
    "NUM": "#NUM!",
    "N_A": "#N/A",
}

Value = None | bool | float | str | Formula
"""What a person or a client put into a cell."""

Plain = str | bool | int | float
"""A value in the JSON of the `values` methods."""

Result = None | bool | float | str | CellError
"""What a cell shows: its value, or its formula's result."""


class Cell(NamedTuple):
    """One cell; an absent cell is `EMPTY`. Its JSON parts are shared and never changed in place."""

    value: Value = None
    format: Json | None = None
    note: str | None = None
    validation: Json | None = None
    extra: Json | None = None
    """The rest of CellData that is kept as it came: textFormatRuns, pivotTable, chipRuns …"""


EMPTY = Cell()


def with_value(cell: Cell, value: Value) -> Cell:
    """The cell with another value; quicker than `_replace`, which matters for half a million."""
    if cell is EMPTY:
        return Cell(value)
    return Cell(value, cell.format, cell.note, cell.validation, cell.extra)


EXTRA_FIELDS = (
    "textFormatRuns",
    "pivotTable",
    "dataSourceTable",
    "dataSourceFormula",
    "chipRuns",
)

CELL_FIELDS = frozenset(
    ("userEnteredValue", "userEnteredFormat", "note", "dataValidation", *EXTRA_FIELDS)
)
"""The fields of CellData that a client can write."""


def value_of(extended: Json | None) -> Value:
    """The value in an `ExtendedValue` of a request.

    Raises:
        ApiError: The text is longer than a cell may hold, or the value is an error value.
    """
    if not extended:
        return None
    if len(extended) > 1:
        raise invalid("Invalid value: oneof field 'value' is already set.")
    ((kind, value),) = extended.items()
    if kind == "stringValue":
        return text_value(value)
    if kind == "numberValue":
        return float(value)
    if kind == "boolValue":
        return bool(value)
    if kind == "formulaValue":
        check_length(value)
        return Formula(value if value.startswith("=") else "=" + value)
    raise invalid("Cannot set an error value.")


def text_value(text: str) -> str | None:
    """A text as a cell keeps it: an empty one leaves the cell empty.

    Raises:
        ApiError: It is longer than a cell may hold.
    """
    check_length(text)
    return text or None


def check_length(text: str) -> None:
    """Refuses a text of more than 50 000 characters."""
    if len(text.encode("utf-16-le")) // 2 > MAX_CHARACTERS:
        raise invalid(
            f"Your input contains more than the maximum of {MAX_CHARACTERS} characters "
            "in a single cell."
        )


def number_json(number: float) -> int | float:
    """A number as Google writes it: whole numbers have no decimal point."""
    return int(number) if number.is_integer() and abs(number) < 1e21 else number


def extended_value(value: Value | Result) -> Json | None:
    """A value or a result as an `ExtendedValue`; None for an empty cell."""
    if value is None:
        return None
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, float):
        return {"numberValue": number_json(value)}
    if isinstance(value, str):
        return {"stringValue": value}
    if isinstance(value, Formula):
        return {"formulaValue": value.text}
    return {"errorValue": {"type": value.type, "message": value.message}}


def cell_fields(cell: Cell) -> Json:
    """The writable part of a cell as CellData, for masks to work on; its value stays a `Value`."""
    fields: Json = dict(cell.extra or {})
    if cell.value is not None:
        fields["userEnteredValue"] = cell.value
    if cell.format:
        fields["userEnteredFormat"] = cell.format
    if cell.note:
        fields["note"] = cell.note
    if cell.validation:
        fields["dataValidation"] = cell.validation
    return fields


def cell_of(fields: Json) -> Cell:
    """The reverse of `cell_fields`."""
    extra = {name: fields[name] for name in EXTRA_FIELDS if fields.get(name)}
    value: Any = fields.get("userEnteredValue")
    return Cell(
        value,
        fields.get("userEnteredFormat") or None,
        fields.get("note") or None,
        fields.get("dataValidation") or None,
        extra or None,
    )
