"""The dashboard that is missing, and the one that Google refuses."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from refsync.google_sheets.records import TabRecord

if TYPE_CHECKING:
    from collections.abc import Sequence

    from refsync.google_sheets.formatting.dashboard import NewDashboard
    from refsync.google_sheets.planning.tab_plan import TabPlan
    from refsync.google_sheets.spreadsheet import Spreadsheet

REFUSED = TabRecord(-1, ())
"""The record of a dashboard whose tab Google refuses: it alone is no reason to write."""


def find_missing(
    tabs: Sequence[TabPlan], spreadsheet: Spreadsheet, *, may_add: bool
) -> tuple[TabPlan | None, dict[str, TabRecord]]:
    """Return the worksheet over which a dashboard is to be made, and the record of a refused one.

    A dashboard is there if its tab is: by the record, or by its title. One that was refused before
    is tried again once there is something else to write.

    Args:
        tabs: The plans of the worksheets.
        spreadsheet: As it was read.
        may_add: Whether Google is asked to add it at all.
    """
    for tab in tabs:
        dashboard = tab.desired.table.dashboard
        if dashboard is None:
            continue
        known = spreadsheet.records.tabs.get(dashboard.title)
        if not any(
            (known and each.sheet_id == known.sheet_id)
            or each.title.casefold() == dashboard.title.casefold()
            for each in spreadsheet.tabs
        ):
            is_worth_it = known != REFUSED or any(each.is_needed for each in tabs)
            if may_add and is_worth_it:
                return tab, {}
            return None, {dashboard.title: REFUSED}
    return None, {}


def with_dashboard(tab: TabPlan, dashboard: NewDashboard) -> TabPlan:
    """Return a tab's plan, which reports the dashboard too if it is made over this tab."""
    if not tab.desired.table.dashboard:
        return tab
    notes = (*tab.result.notes, f"creates the tab {dashboard.title}")
    cells = tab.result.cells + dashboard.written
    return replace(tab, result=replace(tab.result, cells=cells, notes=notes))
