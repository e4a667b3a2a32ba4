"""Plans of a push as a test wants them, without a spreadsheet that they are made for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from refsync.google_sheets.planning.desired import Desired
from refsync.google_sheets.planning.plan import Plan
from refsync.google_sheets.planning.tab_plan import TabPlan
from refsync.report import WorksheetResult
from tests.google_sheets.pushing import table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from refsync.google_sheets.planning.diff import Block

STAGING_ID = 99
STAGING_TITLE = "_refsync_stage_1_ab"


def rows(count: int) -> list[tuple[int, str, float]]:
    return [(10 + n, f"text {n:04}", n / 8) for n in range(count)]


def tab(sheet_id: int, blocks: Sequence[Block] = (), height: int = 9, **over: Any) -> TabPlan:
    desired = Desired.from_table(table(rows(height - 1), f"Tab {sheet_id}"))
    result = WorksheetResult(desired.table.worksheet, 0, 0, 0, 0, 0)
    steps = {"prepare": (), "copies": (), "blanked": (), "finish": (), "checked": (), **over}
    return TabPlan(
        desired=desired, sheet_id=sheet_id, title=desired.table.worksheet, created=False,
        more_cells=0, blocks=tuple(blocks), result=result, **steps,
    )  # fmt: skip


def plan(*tabs: TabPlan, **over: Any) -> Plan:
    steps = {"opening": (), "closing": (), **over}
    return Plan(STAGING_ID, STAGING_TITLE, tabs, None, None, **steps, generation=1, is_needed=True)
