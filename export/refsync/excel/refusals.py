"""What a push to a workbook refuses: to lose what people added, and what looks like an accident."""

from __future__ import annotations

from typing import TYPE_CHECKING

from refsync.errors import DestinationError
from refsync.excel.additions import additions
from refsync.excel.workbook import tab_titles
from refsync.worksheet.remarks import TITLE as KEPT
from refsync.worksheet.safety import Loss, Origin, loss, other_origin, too_many_rows
from refsync.worksheet.values import row_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from refsync.excel.found_remarks import FoundSheet
    from refsync.excel.record import ExistingWorkbook
    from refsync.settings import Settings
    from refsync.worksheet.table import Table


def refuse_somebody_elses(
    found: ExistingWorkbook, tables: Sequence[Table], settings: Settings
) -> None:
    """Refuse to replace a workbook with contents that refsync did not write."""
    titles = [*tab_titles(tables), KEPT]
    others = [title for title in found.titles if title not in titles]
    known = sum(bool(table.chart) for table in tables)
    known += sum(len(table.dashboard.charts) for table in tables if table.dashboard)
    dashboards = [table.dashboard.title for table in tables if table.dashboard]
    is_asked = found.is_ours and not (found.is_untouched or settings.adopt)
    added = additions(found, titles, dashboards) if is_asked else []
    has_objects = bool(added) or found.has_objects or (not found.marks and found.charts > known)
    is_carried = found.is_untouched or not (others or has_objects)
    if settings.adopt or (found.is_ours and is_carried):
        return
    lost = f" (its tabs {', '.join(others)} would be lost)" if others else ""
    if found.is_ours and not others:
        what = "; ".join(added) or "charts, pictures or pivot tables in it"
        lost = f" ({what} would be lost)"
    if found.is_ours:
        why = f"was saved by another program since refsync wrote it{lost}"
    else:
        why = f"was not written by refsync{lost}"
    raise DestinationError(
        f"{settings.to} {why}: move it away or name another file with --to, or run with --adopt to "
        "replace it."
    )


def refuse_accidents(
    found: ExistingWorkbook, sheets: Mapping[str, FoundSheet], tables: Sequence[Table], to: str
) -> None:
    """Refuse to replace rows of another source, or most rows of a worksheet."""
    new = Origin.of(tables[0].build)
    if found.origin and new.differs_from(found.origin):
        raise DestinationError(other_origin({to: found.origin}, new))
    losses = {
        table.worksheet: lost
        for table in tables
        if not table.may_shrink
        and table.worksheet in found.titles
        and (lost := _loss(found, sheets.get(table.worksheet), table))
    }
    if losses:
        raise DestinationError(too_many_rows(losses))


def _loss(found: ExistingWorkbook, sheet: FoundSheet | None, table: Table) -> Loss | None:
    """Return the rows that a worksheet would lose, judged by their number and dates."""
    dated = table.columns[0].format in {"date", "timestamp"}
    before = [row[:1] for row in sheet.rows[1:]] if sheet else found.rows(table.worksheet)
    return loss(
        before if dated else [(1,)] * len(before),
        [row_of(row[:1]) if dated else (1,) for row in table.rows],
        dated=dated,
        as_of_before=found.as_of,
        as_of_after=table.build.as_of_date,
        first_date=table.build.first_date(table.model),
    )
