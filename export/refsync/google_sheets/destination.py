"""The Google Sheets destination: read, plan, commit, until the worksheets equal the marts."""

from __future__ import annotations

import logging
import secrets
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from refsync.errors import DestinationError
from refsync.google_sheets.api.client import Client, RefusedError
from refsync.google_sheets.api.credentials import find_account
from refsync.google_sheets.api.retry import Pace
from refsync.google_sheets.batch import MAX_BYTES, Bodies, check_growth, make_bodies
from refsync.google_sheets.check import check
from refsync.google_sheets.planning.desired import Desired
from refsync.google_sheets.planning.plan import Plan, make_plan
from refsync.google_sheets.read import read_cells, read_structure, sheet_id_of
from refsync.google_sheets.spreadsheet import CELL_FIELDS
from refsync.report import Progress, PushResult, no_progress

if TYPE_CHECKING:
    from collections.abc import Sequence

    from refsync.google_sheets.api.credentials import Account
    from refsync.settings import Settings
    from refsync.worksheet.table import Table

__all__ = ["check", "push"]

logger = logging.getLogger(__name__)

MAX_PLANS = 5
"""How often the spreadsheet may move on between reading and commit before refsync gives up."""

MAX_REFUSALS = 3
"""How often a commit may be refused although nobody else committed: then the refusal is real."""

MAX_PAUSE = 4.0
"""Seconds between a refused commit and the next reading, at most."""


def push(  # noqa: PLR0913 - what a push can be told
    tables: Sequence[Table],
    settings: Settings,
    *,
    dry_run: bool,
    progress: Progress = no_progress,
    account: Account | None = None,
    most_bytes: int = MAX_BYTES,
    pace: Pace = Pace(),  # noqa: B008 - frozen
) -> PushResult:
    """Make the worksheets of a spreadsheet equal to the tables at once; return the result.

    A reader sees the old worksheets or the new ones, whatever happens on the way.

    Args:
        tables: What the worksheets are to hold.
        settings: The spreadsheet, the credentials, and whether to take over tabs.
        dry_run: Whether to read and plan only. The result is then what would be done.
        progress: Hears how many calls that write are done, and of how many.
        account: The account, where it has been found already.
        most_bytes: The largest body to send; a larger commit is staged.
        pace: Time, for the retries.

    Raises:
        ConfigError: The credentials or the endpoint are not usable.
        DestinationError: The spreadsheet cannot be read or written; readers see it as it was.
    """
    began = pace.clock()
    account = account or find_account(settings)
    client = Client(account, settings.spreadsheet_id, settings.google_sheets_api_endpoint, pace)
    desired = [Desired.from_table(table) for table in tables]
    name = secrets.token_hex(4)
    tried: dict[str, Plan] = {}
    refused_at: list[int] = []
    committed: Plan | None = None
    for attempt in range(MAX_PLANS):
        logger.info("Reading the spreadsheet.")
        spreadsheet = read_structure(client)
        run = f"{name}{attempt}"
        try:
            spreadsheet = read_cells(client, spreadsheet, desired)
            now = datetime.now(timezone.utc).isoformat(timespec="seconds")
            plan = make_plan(
                desired,
                spreadsheet,
                run=run,
                pushed_at=now,
                adopt=settings.adopt,
                force=settings.force,
            )
            if not plan.is_needed:
                # Perhaps because of an earlier commit, whose answer was lost.
                done = (
                    tried[guard] for guard in spreadsheet.records.guards.values() if guard in tried
                )
                return _result(next(done, plan), client, pace.clock() - began)
            bodies = make_bodies(plan, most_bytes)
            check_growth(spreadsheet, plan, bodies)
            if dry_run:
                client.calls += len(bodies.staging) + 1
                return _result(plan, client, pace.clock() - began)
            tried[run] = plan
            as_desired = _commit(client, plan, bodies, progress)
            if as_desired or committed:
                return _result(committed or plan, client, pace.clock() - began)
            # Once only: a value that Google keeps in another way would never be as it is desired.
            logger.info("Somebody edited a worksheet meanwhile: planning again.")
            committed = plan
        except RefusedError:
            refused_at.append(spreadsheet.records.generation)
            if refused_at.count(spreadsheet.records.generation) == MAX_REFUSALS:
                raise
            logger.info("The commit was refused: reading what happened.")
            pace.pause(MAX_PAUSE)
    raise DestinationError(
        f"Others changed the spreadsheet {settings.spreadsheet_id} between reading and writing, "
        f"{MAX_PLANS} times in a row: run refsync-push again when fewer are at work."
    )


def _commit(client: Client, plan: Plan, bodies: Bodies, progress: Progress) -> bool:
    """Send a plan's bodies; return whether the cells read back are those that were desired.

    Raises:
        RefusedError: The spreadsheet is not any more what it was when it was read.
    """
    calls = len(bodies.staging) + 1
    for number, body in enumerate(bodies.staging):
        progress(number, calls)
        logger.info("Staging, part %s of %s.", number + 1, calls - 1)
        client.update(body, "spreadsheetId")
    progress(calls - 1, calls)
    logger.info("Committing all worksheets at once.")
    answer = client.update(bodies.commit, f"updatedSpreadsheet({CELL_FIELDS})")
    progress(calls, calls)
    sheets = answer.get("updatedSpreadsheet", {}).get("sheets", ())
    data = {sheet_id_of(sheet): sheet.get("data", ()) for sheet in sheets}
    return all(tab.agrees(data.get(tab.sheet_id, ())) for tab in plan.tabs if tab.is_needed)


def _result(plan: Plan, client: Client, seconds: float) -> PushResult:
    return PushResult(
        destination=client.url,
        worksheets=tuple(tab.result for tab in plan.tabs),
        api_calls=client.calls,
        bytes_sent=client.bytes_sent,
        seconds=seconds,
    )
