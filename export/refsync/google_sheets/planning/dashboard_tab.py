"""The dashboard's tab: created if it is missing, and the reader's from then on."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from refsync.google_sheets.formatting.dashboard import NewDashboard, plan_dashboard

if TYPE_CHECKING:
    from collections.abc import Sequence

    from refsync.google_sheets.planning.tab_plan import TabPlan
    from refsync.google_sheets.spreadsheet import Spreadsheet


def plan_missing_dashboard(
    tabs: Sequence[TabPlan], spreadsheet: Spreadsheet, sheet_id: int
) -> NewDashboard | None:
    """Return the plan of the dashboard, unless it is there: in the record, or by its title."""
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
            return plan_dashboard(tab.desired.table, tab.sheet_id, tab.title, sheet_id)
    return None


def with_dashboard(tab: TabPlan, created: NewDashboard | None) -> TabPlan:
    """Return a tab's plan, which reports what happens to the dashboard over it.

    Where the worksheet has new columns, a new dashboard would show more than the one that is there.
    """
    dashboard = tab.desired.table.dashboard
    if not dashboard:
        return tab
    if created:
        note = f"creates the tab {created.title}"
    elif tab.has_new_columns:
        note = f"leaves the tab {dashboard.title} as it is; delete it and push again for a new one"
    else:
        return tab
    cells = tab.result.cells + (created.written if created else 0)
    return replace(tab, result=replace(tab.result, cells=cells, notes=(*tab.result.notes, note)))
