"""What changed in a worksheet, in words."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from refsync.notify.rows import changes_of
from refsync.worksheet.row_keys import grid_of
from refsync.worksheet.table import Column
from tests.notify.webhook import table

if TYPE_CHECKING:
    from refsync.worksheet.table import Table

ADA = ("a1", "Ada", 100, 41, 0.41)
BO = ("b2", "Bo", 20, 5, 0.25)


def words(before: Table, after: Table) -> tuple[list[str], str]:
    found = changes_of(after, grid_of(before))
    return [row.words for row in found.rows], found.counts


@pytest.mark.parametrize(
    ("after", "expected", "counts"),
    [
        ([ADA, BO], [], ""),
        ([BO, ADA], [], ""),
        ([("a1", "Ada", 110, 44, 0.4), BO], ["Ada: 41 → 44 signups"], "1 row changed"),
        ([("a1", "Ada", 110, 41, 0.41), BO], ["Ada: 100 → 110 clicks"], "1 row changed"),
        ([("a1", "Ada", 100, 41, None), BO], ["Ada: 41.00% → blank click to signup rate"], None),
        ([("a1", "Ada B", 100, 41, 0.41), BO], ["Ada B: officer name Ada → Ada B"], None),
        ([("a1", "Bo", 100, 41, 0.41), ("b2", "Bo", 20, 6, 0.25)], ["Bo (b2): 5 → 6 signups"], 0),
        (
            [("a1", "Ada", 100, 42, 0.41), ("b2", "Bo", 20, 9, 0.25), ("c3", "Cy", 3, 1_234, 1)],
            ["Bo: 5 → 9 signups", "Ada: 41 → 42 signups", "Cy: new (signups: 1,234)"],
            "1 row added, 2 changed",
        ),
        ([ADA], ["Bo: removed"], "1 row removed"),
        ([("a1", None, 100, 44, 0.41), BO], ["a1: 41 → 44 signups"], None),
        ([("a1", "Ada", 100, 41, 0.41 + 1e-9), BO], [], ""),
    ],
)
def test_what_changed(after: list[Any], expected: list[str], counts: str | int | None) -> None:
    said, total = words(table(ADA, BO), table(*after))
    assert said[: len(expected)] == expected
    assert len(said) == len(expected) or counts == 0
    assert not isinstance(counts, str) or total == counts


def test_a_new_worksheet_is_not_told_row_by_row() -> None:
    found = changes_of(table(ADA, BO), None)
    assert (found.rows, found.counts) == ((), "new, 2 rows")


def test_an_empty_worksheet_that_gets_rows() -> None:
    assert changes_of(table(ADA), []).counts == "1 row added"


def test_rows_of_dates_are_counted() -> None:
    columns = (Column("day", "Day", "date"), Column("takings", "Takings", "decimal"))
    before = table((date(2026, 1, 1), 1.0), (date(2026, 1, 2), 2.0), columns=columns)
    after = table((date(2026, 1, 2), 2.5), (date(2026, 1, 3), 3.0), columns=columns)
    assert words(before, after) == ([], "1 row added, 1 changed, 1 removed")


@pytest.mark.parametrize("key", [(0,), ()], ids=["a key", "no key"])
def test_any_project_s_rows(key: tuple[int, ...]) -> None:
    """Without a key, the first columns that tell the rows apart are one."""
    columns = (Column("name", "name", "text"), Column("cups", "cups_sold", "integer"))
    before = table(("espresso", 3), ("lungo", 5), columns=columns, key=key)
    after = table(("lungo", 5), ("espresso", 4), columns=columns, key=key)
    assert words(before, after) == (["espresso: 3 → 4 cups sold"], "1 row changed")


def test_a_number_alone_gets_its_header() -> None:
    columns = (Column("id", "OrderID", "plain"), Column("cups", "Cups", "integer"))
    before, after = (table((17, cups), columns=columns) for cups in (3, 4))
    assert words(before, after) == (["order ID 17: 3 → 4 cups"], "1 row changed")


def test_a_status_is_news_and_a_number_of_days_is_not() -> None:
    columns = (
        Column("link", "LinkID", "text"),
        Column("code", "ReferralCode", "text"),
        Column("status", "Status", "text"),
        Column("clicks", "TotalClicks", "integer"),
        Column("days_silent", "DaysSilent", "integer"),
        Column("last", "LastClickDate", "date"),
    )
    day, next_day = date(2026, 1, 1), date(2026, 1, 2)
    before = table(
        ("1", "ada-1", "live", 9, 13, day),
        ("2", "bo-2", "live", 5, 3, day),
        ("3", "cy-3", "live", 7, 0, day),
        columns=columns,
    )
    after = table(
        ("1", "ada-1", "silent", 9, 14, day),
        ("2", "bo-2", "live", 5, 4, day),
        ("3", "cy-3", "live", 99, 0, next_day),
        columns=columns,
    )
    expected = ["ada-1: status live → silent", "cy-3: 7 → 99 clicks"]
    assert words(before, after) == (expected, "3 rows changed")


def test_columns_that_moved_or_came_are_no_change_of_their_rows() -> None:
    columns = (Column("cups", "Cups", "integer"), Column("name", "Name", "text"))
    before = table((3, "lungo"), columns=columns, key=(1,))
    after = table(("lungo", 3, 7), columns=(*columns[::-1], Column("n", "New", "integer")))
    assert words(before, after) == ([], "")


def test_new_findings_are_sentences_in_their_order() -> None:
    columns = (
        Column("severity", "Severity", "integer"),
        Column("subject", "Subject", "text"),
        Column("finding", "Finding", "text"),
        Column("since", "Since", "date"),
        Column("number", "Number", "integer"),
        Column("rule", "Rule", "text"),
    )
    silent = (1, "Tracker", "No event for 3 days.", date(2026, 1, 1), 3, "tracker_silent")
    still = (*silent[:2], "No event for 4 days.", silent[3], 4, silent[5])
    down = (1, "Ada", "Officer Ada: 3 signups in the last 7 days, 9.4 expected.", *silent[3:])
    look = (2, "Bo", "Link bo-1 is silent.", date(2026, 1, 2), 14, "link_silent")
    before, after = (
        table(*rows, columns=columns, key=(1, 5), worksheet="Attention")
        for rows in ((silent,), (still, down, look))
    )
    found = changes_of(after, grid_of(before))
    assert [row.words for row in found.rows] == [down[2], look[2]]
    assert found.are_findings
    assert [row.words for row in changes_of(after, None).rows] == [still[2], down[2], look[2]]
