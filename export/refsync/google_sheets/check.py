"""What a push to a spreadsheet still needs; nothing is changed by looking."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from refsync.errors import ConfigError, DestinationError
from refsync.google_sheets.api import requests
from refsync.google_sheets.api.client import Client, RefusedError
from refsync.google_sheets.api.credentials import find_account
from refsync.google_sheets.api.retry import Pace
from refsync.google_sheets.batch import MAX_BYTES, check_growth, make_bodies
from refsync.google_sheets.planning.accidents import accidents
from refsync.google_sheets.planning.columns import find_tabs
from refsync.google_sheets.planning.desired import Desired
from refsync.google_sheets.planning.plan import make_plan, plan_tab
from refsync.google_sheets.read import read_cells, read_structure
from refsync.report import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from refsync.google_sheets.spreadsheet import Spreadsheet
    from refsync.settings import Settings
    from refsync.worksheet.table import Table


def check(
    tables: Sequence[Table],
    settings: Settings,
    *,
    pace: Pace = Pace(),  # noqa: B008 - frozen
) -> Iterator[Finding]:
    """Yield what is found of the credentials, the spreadsheet and its tabs."""
    try:
        account = find_account(settings)
        whom = f" for {account.address}" if account.address else ""
        yield Finding(f"Credentials: {account.source}{whom}.")
        if account.has_no_address:
            yield Finding(
                "These credentials have no address that a spreadsheet can be shared with: let the "
                "workload identity federation impersonate a service account.",
                is_good=False,
            )
        client = Client(account, settings.spreadsheet_id, settings.google_sheets_api_endpoint, pace)
        spreadsheet = read_structure(client)
        yield Finding(f"The Google Sheets API answers, and {client.url} can be read.")
        yield _may_write(client, spreadsheet)
        yield from _tabs(client, spreadsheet, tables, settings)
    except (ConfigError, DestinationError) as error:
        yield Finding(str(error), is_good=False)


def _may_write(client: Client, spreadsheet: Spreadsheet) -> Finding:
    """Return whether the account may write.

    It asks to delete a tab that is not there, which changes nothing: who may write is told that
    the request is not valid, who may not is told that.
    """
    taken = {tab.sheet_id for tab in spreadsheet.tabs}
    absent = next(number for number in range(2**31 - 1, 0, -1) if number not in taken)
    body = json.dumps({"requests": [requests.delete_sheet(absent)]}).encode()
    try:
        client.update(body, "spreadsheetId")
    except RefusedError:
        return Finding("It is shared with write access.")
    return Finding(
        "Google Sheets took a request that it must refuse: this is not its API.", is_good=False
    )


def _tabs(
    client: Client, spreadsheet: Spreadsheet, tables: Sequence[Table], settings: Settings
) -> Iterator[Finding]:
    """Yield what a push would find of each worksheet's tab."""
    desired = [Desired.from_table(table) for table in tables]
    spreadsheet = read_cells(client, spreadsheet, desired)
    found = find_tabs(tables, spreadsheet)
    plans = []
    for each in desired:
        worksheet = each.table.worksheet
        tab = found[worksheet]
        try:
            plan = plan_tab(each, tab, spreadsheet, "check", adopt=settings.adopt)
        except DestinationError as error:
            yield Finding(str(error), is_good=False)
            continue
        plans.append(plan)
        if tab is None:
            yield Finding(f"{worksheet}: a push will create the tab.")
            continue
        how = "a push will take over the tab" if plan.adopted else "the tab is refsync's"
        yield Finding(f"{worksheet}: {how} {tab.title!r}.")
    if desired and len(plans) == len(desired):
        # Whatever else a push asks before it writes.
        whole = make_plan(
            desired, spreadsheet, run="check", pushed_at="", adopt=settings.adopt, force=True
        )
        for warning in check_growth(spreadsheet, whole, make_bodies(whole, MAX_BYTES)):
            yield Finding(warning, is_warning=True)
    if not settings.force:
        for sentence in accidents(desired, spreadsheet, plans):
            yield Finding(sentence, is_good=False)
