"""What a newcomer needs to know: is everything there for a push, and if not, what is to be done."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from refsync import limits
from refsync import sheet_requests as ask
from refsync.batch import MOST_BYTES, make_bodies
from refsync.credentials import find_account
from refsync.errors import ConfigError, DestinationError, MartError
from refsync.google_client import Client, RefusedError
from refsync.google_sheets import read_cells, read_structure
from refsync.layout import find_tabs, lay_out
from refsync.marts import read_marts
from refsync.plan import make_plan
from refsync.retry import Pace
from refsync.wanted import Wanted
from refsync.workbook import checked_path

if TYPE_CHECKING:
    from collections.abc import Iterator

    from refsync.settings import Settings
    from refsync.spreadsheet import Spreadsheet
    from refsync.tables import Table


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at: what there is to say, and whether it is as it has to be."""

    words: str
    is_good: bool = True


def check(settings: Settings, pace: Pace = Pace()) -> Iterator[Finding]:  # noqa: B008 - frozen
    """Yield what is found, one thing after the other; nothing is changed by looking.

    What depends on a thing that is missing is not looked at.
    """
    tables: tuple[Table, ...] = ()
    try:
        tables = read_marts(settings, say=lambda _: None)
        names = ", ".join(table.worksheet for table in tables)
        yield Finding(f"dbt has built {_count(tables, 'worksheet')}: {names}.")
    except (MartError, ConfigError) as error:
        yield Finding(str(error), is_good=False)
    if settings.is_workbook:
        try:
            checked_path(tables, settings)
            yield Finding(f"The destination is the workbook {settings.workbook}.")
        except DestinationError as error:
            yield Finding(str(error), is_good=False)
        return
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
        yield from _tabs(client, spreadsheet, tables, adopt=settings.adopt)
    except (ConfigError, DestinationError) as error:
        yield Finding(str(error), is_good=False)


def _may_write(client: Client, spreadsheet: Spreadsheet) -> Finding:
    """Return whether the account may write.

    It asks to delete a tab that is not there, which changes nothing: who may write is told that
    the request is not valid, who may not is told that.
    """
    taken = {tab.sheet_id for tab in spreadsheet.tabs}
    absent = next(number for number in range(2**31 - 1, 0, -1) if number not in taken)
    body = json.dumps({"requests": [ask.delete_sheet(absent)]}).encode()
    try:
        client.update(body, "spreadsheetId")
    except RefusedError:
        return Finding("It is shared with write access.")
    return Finding(
        "Google Sheets took a request that it must refuse: this is not its API.", is_good=False
    )


def _tabs(
    client: Client, spreadsheet: Spreadsheet, tables: tuple[Table, ...], *, adopt: bool
) -> Iterator[Finding]:
    """Yield what a push would find of each worksheet's tab."""
    wanted = [Wanted.from_table(table) for table in tables]
    spreadsheet = read_cells(client, spreadsheet, wanted)
    found = find_tabs(tables, spreadsheet)
    fits = bool(wanted)
    for each in wanted:
        worksheet = each.table.worksheet
        tab = found[worksheet]
        if tab is None:
            yield Finding(f"{worksheet}: a push will create the tab.")
            continue
        try:
            layout = lay_out(each, tab, spreadsheet.managed.get(worksheet), adopt=adopt)
        except DestinationError as error:
            yield Finding(str(error), is_good=False)
            fits = False
            continue
        how = "a push will take over the tab" if layout.adopted else "the tab is refsync's"
        yield Finding(f"{worksheet}: {how} {tab.title!r}.")
    if fits:
        # Protected ranges and Google's limits: whatever else a push asks before it writes.
        plan = make_plan(wanted, spreadsheet, run="check", pushed_at="", adopt=adopt)
        limits.check_growth(spreadsheet, plan, make_bodies(plan, MOST_BYTES))


def _count(things: tuple[object, ...], noun: str) -> str:
    return f"{len(things)} {noun}{'' if len(things) == 1 else 's'}"
