"""Values of cells: how they are told apart, and how long a text is."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import pytest

from refsync.google_sheets.cell_values import (
    have_alike,
    key_of_entered,
    key_of_rendered,
    row_json,
)
from refsync.worksheet.values import (
    Formula,
    Truth,
    key_of,
    one_line_end,
    serial,
    sheet_value,
    utf16_length,
)

if TYPE_CHECKING:
    from refsync.worksheet.values import Row, SheetValue


@pytest.mark.parametrize(
    ("text", "length"),
    [("", 0), ("abc", 3), ("Zoë", 3), ("語", 1), ("\uffff", 1), ("\U00010000", 2), ("a😀b😀", 6)],
)
def test_a_text_is_as_long_as_its_utf16_units(text: str, length: int) -> None:
    assert utf16_length(text) == length == len(text.encode("utf-16-le")) / 2


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("a\r\nb", "a\nb"), ("a\rb", "a\nb"), ("a\nb", "a\nb"), ("a\n\rb", "a\n\nb"),
        ("a\r\r\nb\r", "a\n\nb\n"), ("a b", "a b"), ("", ""),
    ],
)  # fmt: skip
def test_each_line_end_is_a_line_feed(text: str, same: str) -> None:
    assert one_line_end(text) == key_of(text) == same


CUT = 0.123456789012346
WHOLE = 0.12345678901234567


@pytest.mark.parametrize(
    ("some", "others", "differ"),
    [
        pytest.param([], [], False, id="nothing"),
        pytest.param([(WHOLE,)], [(WHOLE,)], False, id="the same"),
        pytest.param([(WHOLE,)], [(CUT,)], True, id="one was cut"),
        pytest.param([(WHOLE, 0.5)], [("x", 0.25), (CUT, 0.5)], True, id="one of several was cut"),
        pytest.param([(WHOLE,)], [(0.5,)], False, id="another number"),
        pytest.param([(WHOLE, 0.5)], [(WHOLE,)], False, id="one more"),
        pytest.param([(WHOLE,)], [(WHOLE, 0.5)], False, id="one fewer"),
        pytest.param([(WHOLE, CUT)], [(WHOLE, CUT)], False, id="both on both sides"),
        pytest.param([(WHOLE, 1)], [(WHOLE, 2)], False, id="whole numbers"),
        pytest.param([(str(WHOLE),)], [(str(CUT),)], False, id="texts"),
        pytest.param([(WHOLE,)], [(WHOLE,), (CUT,)], False, id="one more row"),
    ],
)
def test_numbers_that_differ_after_the_15th_digit_are_noticed(
    some: list[Row], others: list[Row], *, differ: bool
) -> None:
    assert have_alike(some, others) == differ
    assert have_alike(others, some) == differ


@pytest.mark.parametrize(
    ("moment", "number"),
    [
        ("1899-12-30", 0), ("1899-12-31", 1), ("1899-12-29", -1), ("2026-10-31", 46326),
        ("1899-12-30 00:00:00", 0.0), ("1899-12-30 00:00:01", 1.15740740740741e-05),
        ("1899-12-31 18:00:00", 1.75), ("1899-12-30 00:00:00.999999", 0.0),
    ],
)  # fmt: skip
def test_a_date_is_the_days_from_a_spreadsheets_day_zero(moment: str, number: float) -> None:
    is_date = len(moment) == 10
    value = serial((date if is_date else datetime).fromisoformat(moment))
    assert (value, type(value)) == (number, int if is_date else float)
    assert sheet_value(date(1899, 12, 31)) == 1


@pytest.mark.parametrize(
    ("entered", "key"),
    [
        (None, None),
        ({}, None),
        ({"stringValue": ""}, None),
        ({"stringValue": "a\r\nb"}, "a\nb"),
        ({"numberValue": 0}, 0),
        ({"boolValue": False}, Truth.FALSE),
        ({"formulaValue": "=1"}, Formula("=1")),
    ],
)
def test_a_cell_is_known_by_what_was_entered(entered: dict[str, Any] | None, key: Any) -> None:
    assert key_of_entered(entered) == key


@pytest.mark.parametrize(
    ("value", "key"),
    [
        ("", None), ("=", Formula("=")), ("=1", Formula("=1")), ("a=1", "a=1"),
        (0, 0), (False, Truth.FALSE), (None, None),
    ],
)  # fmt: skip
def test_a_cell_is_known_by_its_formula(value: Any, key: Any) -> None:
    assert key_of_rendered(value) == key


def test_equal_values_of_different_types_are_written_as_what_they_are() -> None:
    row: list[SheetValue] = [1, True, 1.5, "1", None, "1"]
    cells = json.loads(row_json(row, {}))["values"]
    assert [cell.get("userEnteredValue") for cell in cells] == [
        {"numberValue": 1}, {"boolValue": True}, {"numberValue": 1.5}, {"stringValue": "1"}, None,
        {"stringValue": "1"},
    ]  # fmt: skip


def test_the_json_of_a_text_is_made_once_for_all_rows() -> None:
    known: dict[str, str] = {}
    first, second = row_json(["Zoë", 1], known), row_json(["Zoë", 2], known)
    (made,) = known.values()
    assert made in first
    assert made in second
    assert known == {"Zoë": '{"userEnteredValue":{"stringValue":"Zoë"}}'}
