"""Which changes a message names, and how long it is."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from refsync.notify.compose import push_message
from refsync.notify.message import Message
from refsync.report import PushResult, WorksheetResult
from refsync.worksheet.chart import Dashboard
from refsync.worksheet.row_keys import grid_of
from refsync.worksheet.table import Column
from tests.notify.webhook import OFFICERS, table

if TYPE_CHECKING:
    from refsync.worksheet.table import Table


def message(*pairs: tuple[Table | None, Table]) -> Message | None:
    """Return the message about worksheets, each before and after."""
    sheets = tuple(WorksheetResult(after.worksheet, 1, 0, 1, 0, 1) for _, after in pairs)
    before = tuple((after, grid_of(old) if old else None) for old, after in pairs)
    result = PushResult("https://docs.google.com/spreadsheets/d/x", sheets, 3, 1, 0.1, (), before)
    return push_message([result], None)


def officers(*signups: int, **changes: object) -> Table:
    rows = [(f"o{n}", f"Officer {n}", 100, each, 0.5) for n, each in enumerate(signups)]
    return table(*rows, **changes)


def test_nothing_new_is_no_message() -> None:
    assert message((officers(1, 2), officers(1, 2))) is None


def test_at_most_ten_lines_and_how_many_more() -> None:
    before, after = officers(*[1] * 30), officers(*range(1, 31))
    found = message((before, after))
    assert found is not None
    assert found.headline == "refsync wrote 1 of 1 worksheet."
    assert found.lines[0].words == "Officer 29: 1 → 30 signups"
    assert (len(found.lines), found.more) == (10, 19)


def test_a_subject_is_named_once_and_each_worksheet_has_its_share() -> None:
    """The same officers in another worksheet say nothing new; campaigns do."""
    trends = {"worksheet": "Officer_Trends"}
    columns = (Column("c", "CampaignID", "text"), *OFFICERS[1:])
    campaigns = {"worksheet": "Campaign_Summary", "columns": columns}
    found = message(
        (officers(*[1] * 12), officers(*[2] * 12)),
        (officers(*[1] * 13, **trends), officers(*[2] * 13, **trends)),
        (officers(*[1] * 3, **campaigns), officers(*[2] * 3, **campaigns)),
    )
    assert found is not None
    titles = [line.worksheet for line in found.lines]
    assert titles == ["Officer_Summary"] * 7 + ["Campaign_Summary"] * 3
    assert found.more == 5


def test_findings_come_first_and_leave_room() -> None:
    columns = (Column("s", "Subject", "text"), Column("f", "Finding", "text"))
    options = {"columns": columns, "worksheet": "Attention"}
    findings = table(*((f"s{n}", f"Finding {n}") for n in range(9)), **options)
    both = message((officers(*[1] * 12), officers(*[2] * 12)), (table(**options), findings))
    assert both is not None
    assert [line.words for line in both.lines][:7] == [
        *(f"Finding {n}" for n in range(6)),
        "Officer 0: 1 → 2 signups",
    ]
    assert (len(both.lines), both.more) == (10, 11)
    alone = message((table(**options), findings))
    assert alone is not None
    assert (len(alone.lines), alone.more) == (9, 0)


def test_rows_that_a_dashboard_draws_are_named_only_where_no_others_are() -> None:
    drawn = {"worksheet": "Drawn", "dashboard": Dashboard("Board", "", (), "", (), ())}
    pair = (officers(1, **drawn), officers(2, **drawn))
    found = message((officers(1), officers(2)), pair)
    assert found is not None
    assert [line.worksheet for line in found.lines] == ["Officer_Summary"]
    alone = message(pair)
    assert alone is not None
    assert [line.words for line in alone.lines] == ["Officer 0: 1 → 2 signups"]


def test_a_first_push_counts_the_rows() -> None:
    found = message((None, officers(1, 2)), (None, officers(1, worksheet="Trends")))
    assert found is not None
    assert [line.words for line in found.lines] == ["new, 2 rows", "new, 1 row"]


def test_two_destinations_may_have_worksheets_of_one_title() -> None:
    sheets = (WorksheetResult("Officer_Summary", 1, 0, 1, 0, 1),)
    results = [
        PushResult(to, sheets, 0, 0, 0.1, (), ((officers(new), grid_of(officers(1))),))
        for to, new in (("one", 2), ("two", 3))
    ]
    found = push_message(results, date(2026, 1, 2))
    assert found is not None
    assert found.headline == "refsync wrote 2 of 2 worksheets, as of 2026-01-02."
    assert [line.words for line in found.lines] == ["Officer 0: 1 → 2 signups"]


def test_what_is_not_known_is_said_without_rows() -> None:
    sheets = (WorksheetResult("Officer_Summary", 1, None, None, None, 1),)
    found = push_message([PushResult("report.xlsx", sheets, 0, 0, 0.1)], None)
    assert found == Message("refsync wrote 1 of 1 worksheet.", link="report.xlsx")
