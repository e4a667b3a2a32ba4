"""What looks like an accident in a push to a spreadsheet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from refsync.worksheet.safety import Origin, other_origin, too_many_rows

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from refsync.google_sheets.planning.desired import Desired
    from refsync.google_sheets.planning.tab_plan import TabPlan
    from refsync.google_sheets.spreadsheet import Spreadsheet


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
