"""The Google Sheets destination: read, plan, commit, until the worksheets equal the marts."""

from __future__ import annotations

import secrets
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from refsync.errors import DestinationError
from refsync.google_sheets.api.client import Client, RefusedError
from refsync.google_sheets.api.credentials import find_account
from refsync.google_sheets.api.retry import Pace
from refsync.google_sheets.batch import MOST_BYTES, Bodies, check_growth, make_bodies
from refsync.google_sheets.cell_values import differ_in_last_digits
from refsync.google_sheets.planning.columns import find_tabs
from refsync.google_sheets.planning.desired import Wanted
from refsync.google_sheets.planning.plan import Plan, make_plan
from refsync.google_sheets.spreadsheet import (
    CELL_FIELDS,
    STRUCTURE_FIELDS,
    Spreadsheet,
    Tab,
    entered_cells,
    rendered_cells,
    spreadsheet_from_json,
    with_cells,
)
from refsync.report import PushResult
from refsync.worksheet.area import Area

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from refsync.google_sheets.api.credentials import Account
    from refsync.report import Say
    from refsync.settings import Settings
    from refsync.worksheet.table import Table
    from refsync.worksheet.values import Row

    Progress = Callable[[int, int], None]

MOST_PLANS = 5
"""How often the spreadsheet may move on between reading and commit before refsync gives up."""

MOST_REFUSALS = 3
"""How often a commit may be refused although nobody else committed: then the refusal is real."""

LONGEST_PAUSE = 4.0
"""Seconds between a refused commit and the next reading, at most."""


def push(  # noqa: PLR0913 - what a push can be told
    tables: Sequence[Table],
    settings: Settings,
    *,
    dry_run: bool,
    say: Say,
    progress: Progress = lambda _done, _all: None,
    account: Account | None = None,
    most_bytes: int = MOST_BYTES,
    pace: Pace = Pace(),  # noqa: B008 - frozen
) -> PushResult:
    """Make the worksheets of a spreadsheet equal to the tables at once; return the account.

    A reader sees the old worksheets or the new ones, whatever happens on the way.

    Args:
        tables: What the worksheets are to hold.
        settings: The spreadsheet, the credentials, and whether to take over tabs.
        dry_run: Whether to read and plan only; the account is then of what would be done.
        say: Hears each step.
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
    wanted = [Wanted.from_table(table) for table in tables]
    name = secrets.token_hex(4)
    tried: dict[str, Plan] = {}
    refused_at: list[int] = []
    committed: Plan | None = None
    for attempt in range(MOST_PLANS):
        say("Reading the spreadsheet.")
        spreadsheet = read_structure(client)
        run = f"{name}{attempt}"
        try:
            spreadsheet = read_cells(client, spreadsheet, wanted)
            now = datetime.now(timezone.utc).isoformat(timespec="seconds")
            plan = make_plan(
                wanted,
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
                return _account(next(done, plan), client, pace.clock() - began)
            bodies = make_bodies(plan, most_bytes)
            check_growth(spreadsheet, plan, bodies)
            if dry_run:
                client.calls += len(bodies.staging) + 1
                return _account(plan, client, pace.clock() - began)
            tried[run] = plan
            as_wanted = _commit(client, plan, bodies, say, progress)
            if as_wanted or committed:
                return _account(committed or plan, client, pace.clock() - began)
            # Once only: a value that Google keeps in another way would never be as it is wanted.
            say("Somebody edited a worksheet meanwhile: planning again.")
            committed = plan
        except RefusedError:
            refused_at.append(spreadsheet.records.generation)
            if refused_at.count(spreadsheet.records.generation) == MOST_REFUSALS:
                raise
            say("The commit was refused: reading what happened.")
            pace.pause(LONGEST_PAUSE)
    raise DestinationError(
        f"Others changed the spreadsheet {settings.spreadsheet_id} between reading and writing, "
        f"{MOST_PLANS} times in a row: run refsync-push again when fewer are at work."
    )


def read_structure(client: Client) -> Spreadsheet:
    """Return the spreadsheet without any cells."""
    return spreadsheet_from_json(client.read(STRUCTURE_FIELDS))


def read_cells(client: Client, spreadsheet: Spreadsheet, wanted: Sequence[Wanted]) -> Spreadsheet:
    """Return the spreadsheet with the cells of the tabs that the worksheets have already.

    Columns are read to their end, so that what is left of a longer worksheet shows, and the first
    row as far as it goes, to tell a reader's columns from refsync's.
    """
    areas: list[tuple[Tab, Area]] = []
    for worksheet, tab in find_tabs([each.table for each in wanted], spreadsheet).items():
        if tab:
            width = next(each.width for each in wanted if each.table.worksheet == worksheet)
            known = spreadsheet.records.tabs.get(worksheet)
            width = min(max(width, len(known.header_hashes) if known else 0), tab.columns)
            areas += [(tab, Area(0, 1, 0, tab.columns)), (tab, Area(0, None, 0, width))]
    parts: dict[int, list[tuple[Row, ...]]] = {tab.sheet_id: [] for tab, _ in areas}
    if not areas:
        return spreadsheet
    by_cell = any(each.looks_like_formulas for each in wanted)
    if not by_cell:
        answer = client.read_values([area.to_json(tab.sheet_id) for tab, area in areas])
        for found in answer["valueRanges"]:
            sheet_id = found["dataFilters"][0]["gridRange"].get("sheetId", 0)
            parts[sheet_id].append(rendered_cells(found["valueRange"].get("values", ())))
        rows = [row for read in parts.values() for part in read for row in part]
        by_cell = differ_in_last_digits(rows, (row for each in wanted for row in each.keys))
    if by_cell:
        # Values alone do not tell a text from a formula, and Google does not say whether it shows
        # all digits of a number; cells do both, and are ten times larger.
        parts = {sheet_id: [] for sheet_id in parts}
        answer = client.read(CELL_FIELDS, [area.a1(tab.title) for tab, area in areas])
        for sheet in answer["sheets"]:
            parts[_sheet_id(sheet)] += map(entered_cells, sheet.get("data", ()))
    return spreadsheet.with_tabs(
        {tab.sheet_id: with_cells(tab, parts[tab.sheet_id]) for tab, _ in areas}
    )


def _sheet_id(sheet: Mapping[str, Any]) -> int:
    return int(sheet.get("properties", {}).get("sheetId", 0))


def _commit(client: Client, plan: Plan, bodies: Bodies, say: Say, progress: Progress) -> bool:
    """Send a plan's bodies; return whether the cells read back are those that were wanted.

    Raises:
        RefusedError: The spreadsheet is not any more what it was when it was read.
    """
    calls = len(bodies.staging) + 1
    for number, body in enumerate(bodies.staging):
        progress(number, calls)
        say(f"Staging, part {number + 1} of {calls - 1}.")
        client.update(body, "spreadsheetId")
    progress(calls - 1, calls)
    say("Committing all worksheets at once.")
    answer = client.update(bodies.commit, f"updatedSpreadsheet({CELL_FIELDS})")
    progress(calls, calls)
    sheets = answer.get("updatedSpreadsheet", {}).get("sheets", ())
    data = {_sheet_id(sheet): sheet.get("data", ()) for sheet in sheets}
    return all(tab.agrees(data.get(tab.sheet_id, ())) for tab in plan.tabs if tab.is_needed)


def _account(plan: Plan, client: Client, seconds: float) -> PushResult:
    return PushResult(
        destination=client.url,
        worksheets=tuple(tab.result for tab in plan.tabs),
        api_calls=client.calls,
        bytes_sent=client.bytes_sent,
        seconds=seconds,
    )
