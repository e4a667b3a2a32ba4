"""Widths, number formats and colours of columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from refsync.worksheet.table import Column, Table
from refsync.worksheet.theme import FAINT_INK, INK, column_width, pattern, text_color

if TYPE_CHECKING:
    from refsync.worksheet.table import Cell, Format, Look

UUID = "0f8fad5b-d9cb-469f-a165-70867728950e"


def width(cell: Cell, look: Look | None, header: str = "Name", shown_as: Format = "text") -> int:
    column = Column("x", header, shown_as, look=look)
    return column_width(Table("a", "A", "daily", (column,), ((cell,), (None,))), 0)


@pytest.mark.parametrize(
    ("cell", "look", "characters"),
    [
        # An id has no more room than its header; a name has room for longer ones that come later.
        (UUID, None, 38), (UUID, "id", 9), ("Bo", None, 9), ("Bo", "name", 24),
        ("x" * 30, "name", 32), ("x" * 99, "name", 48), ("x" * 99, None, 48),
        ("x" * 99, "long", 40), ("x" * 9, "long", 11),
        ("x" * 66, "sentence", 68), ("x" * 300, "sentence", 100), ("No.", "sentence", 48),
        # A Chinese, Japanese or Korean character is as wide as two others.
        ("山田太郎" * 4, "name", 34), ("고지훈" * 4, None, 26), ("Đặng Thị Hồng", None, 15),
        (None, "id", 9),
    ],
)  # fmt: skip
def test_a_width_fits_what_the_texts_are(cell: Cell, look: Look | None, characters: int) -> None:
    assert width(cell, look) == characters


def test_a_header_has_room_in_any_case() -> None:
    assert width(UUID, "id", "ReferralLinkID") == len("ReferralLinkID") + 4
    assert width("Bo", "name", "x" * 30) == 34
    assert width("Bo", "id", "x" * 90) == 48


def test_numbers_have_room_whatever_they_are() -> None:
    """A number that is too wide for its cell is shown as ####."""
    assert width(123_456_789_012, "id", shown_as="integer") == 17
    assert width(0.125, None, shown_as="points") == len("+12.5% pts") + 2


def test_ids_are_grey() -> None:
    assert text_color(Column("x", "X", "text", look="id")) == FAINT_INK
    assert text_color(Column("x", "X", "text", look="name")) == INK


@pytest.mark.parametrize(
    ("decimals", "shown"),
    [
        (None, '+0.0%" pts";-0.0%" pts";0.0%" pts"'), (0, '+0%" pts";-0%" pts";0%" pts"'),
        (2, '+0.00%" pts";-0.00%" pts";0.00%" pts"'),
    ],
)  # fmt: skip
def test_percentage_points_have_a_sign_and_a_unit(decimals: int | None, shown: str) -> None:
    assert pattern(Column("x", "X", "points", decimals=decimals)) == shown
