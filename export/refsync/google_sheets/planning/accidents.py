"""What looks like an accident in a push to a spreadsheet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from refsync.errors import DestinationError
from refsync.worksheet.safety import Origin, other_origin, other_project, too_many_rows

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from refsync.google_sheets.planning.desired import Desired
    from refsync.google_sheets.planning.tab_plan import TabPlan
    from refsync.google_sheets.spreadsheet import Spreadsheet, Tab


def accidents(
    desired: Sequence[Desired], spreadsheet: Spreadsheet, tabs: Sequence[TabPlan]
) -> Iterator[str]:
    """Yield the sentences about what looks like an accident in a push of the tables."""
    alive = {tab.sheet_id for tab in spreadsheet.tabs}
    others = {}
    for each in desired:
        known = spreadsheet.records.tabs.get(each.table.worksheet)
        if known and known.origin and known.sheet_id in alive:
            new = Origin.of(each.table.build)
            if new.differs_from(known.origin):
                others[each.table.worksheet] = known.origin
    if others:
        yield other_origin(others, Origin.of(desired[0].table.build))
    losses = {tab.result.worksheet: tab.loss for tab in tabs if tab.loss}
    if losses:
        yield too_many_rows(losses)


def refuse_other_projects(
    desired: Sequence[Desired], found: Mapping[str, Tab | None], spreadsheet: Spreadsheet
) -> None:
    """Refuse tabs that another dbt project has pushed to, or made as its dashboard.

    Raises:
        DestinationError: There is one.
    """
    origins = {record.sheet_id: record.origin for record in spreadsheet.records.tabs.values()}
    alive = {tab.sheet_id for tab in spreadsheet.tabs}
    for each in desired:
        tab = found[each.table.worksheet]
        sheet_ids = {each.table.worksheet: tab.sheet_id} if tab else {}
        if (dashboard := each.table.dashboard) and (
            known := spreadsheet.records.tabs.get(dashboard.title)
        ):
            sheet_ids[dashboard.title] = known.sheet_id
        for title, sheet_id in sheet_ids.items():
            existing = origins.get(sheet_id) if sheet_id in alive else None
            if existing and Origin.of(each.table.build).is_of_another_project(existing):
                raise DestinationError(other_project(f"The tab {title}", existing))
