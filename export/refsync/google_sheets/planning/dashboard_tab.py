"""The dashboard's tab: created if it is missing, and the reader's from then on."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from refsync.google_sheets.formatting.dashboard import NewDashboard, plan_dashboard
from refsync.google_sheets.records import TabRecord
from refsync.worksheet.safety import Origin

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from refsync.google_sheets.planning.tab_plan import TabPlan
    from refsync.google_sheets.spreadsheet import Spreadsheet

REFUSED = TabRecord(-1, ())
"""The record of a dashboard whose tab Google refuses: it alone is no reason to write."""


def plan_missing_dashboard(
    tabs: Sequence[TabPlan],
    spreadsheet: Spreadsheet,
    new_id: Callable[[str], int],
    *,
    may_add: bool,
) -> tuple[NewDashboard | None, dict[str, TabRecord]]:
    """Return the plan of the dashboard, if it has to be created, and its record.

    A dashboard is there if its tab is: by the record, or by its title. One that was refused before
    is tried again once there is something else to write.

    Args:
        tabs: The plans of the worksheets.
        spreadsheet: As it was read.
        new_id: Returns the id of a new tab by its title.
        may_add: Whether Google is asked to add it at all.
    """
    for tab in tabs:
        table = tab.desired.table
        if table.dashboard is None or is_there(table.dashboard.title, spreadsheet):
            continue
        title = table.dashboard.title
        was_refused = spreadsheet.records.tabs.get(title) == REFUSED
        if not may_add or (was_refused and not any(each.is_needed for each in tabs)):
            return None, {title: REFUSED}
        created = plan_dashboard(table, tab.sheet_id, tab.title, new_id(title))
        origin = Origin.of(table.build)
        record = TabRecord(created.sheet_id, (), origin if origin.is_known else None)
        return created, {title: record}
    return None, {}


def is_there(title: str, spreadsheet: Spreadsheet) -> bool:
    """Whether the dashboard of this title has a tab, which somebody may have renamed."""
    known = spreadsheet.records.tabs.get(title)
    return any(
        (known and tab.sheet_id == known.sheet_id) or tab.title.casefold() == title.casefold()
        for tab in spreadsheet.tabs
    )


def with_dashboard(tab: TabPlan, created: NewDashboard | None, spreadsheet: Spreadsheet) -> TabPlan:
    """Return a tab's plan, which reports what happens to the dashboard over it.

    Where the worksheet has new columns, a new dashboard would show more than the one that is there.
    """
    dashboard = tab.desired.table.dashboard
    if not dashboard:
        return tab
    if created:
        note = f"creates the tab {created.title}"
    elif tab.has_new_columns and is_there(dashboard.title, spreadsheet):
        note = f"leaves the tab {dashboard.title} as it is; delete it and push again for a new one"
    else:
        return tab
    cells = tab.result.cells + (created.written if created else 0)
    return replace(tab, result=replace(tab.result, cells=cells, notes=(*tab.result.notes, note)))
