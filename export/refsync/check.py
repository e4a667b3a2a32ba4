"""What a newcomer needs to know: is everything there for a push, and if not, what is to be done."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from refsync.errors import ConfigError, DestinationError, MartError
from refsync.google_sheets.api import requests as ask
from refsync.google_sheets.api.client import Client, RefusedError
from refsync.google_sheets.api.credentials import find_account
from refsync.google_sheets.api.retry import Pace
from refsync.google_sheets.batch import MOST_BYTES, check_growth, make_bodies
from refsync.google_sheets.destination import read_cells, read_structure
from refsync.google_sheets.planning.columns import find_tabs
from refsync.google_sheets.planning.desired import Wanted
from refsync.google_sheets.planning.plan import accidents, make_plan, plan_tab
from refsync.marts.reader import read_marts
from refsync.report import build_fields, build_in_words, warnings_of
from refsync.worksheet.build import Build

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from refsync.google_sheets.spreadsheet import Spreadsheet
    from refsync.settings import Settings
    from refsync.worksheet.table import Table


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at: what there is to say, and whether it is as it has to be.

    Attributes:
        words: The sentence about it.
        is_good: Whether a push can do with it.
        is_warning: Whether somebody should know it all the same.
        build: The build, in the finding about it.
    """

    words: str
    is_good: bool = True
    is_warning: bool = False
    build: Build | None = None


def check(settings: Settings, pace: Pace = Pace()) -> Iterator[Finding]:  # noqa: B008 - frozen
    """Yield what is found, one thing after the other; nothing is changed by looking.

    What depends on a thing that is missing is not looked at.
    """
    tables: tuple[Table, ...] = ()
    try:
        tables = read_marts(settings, say=lambda _: None)
        names = ", ".join(table.worksheet for table in tables)
        yield Finding(f"dbt has built {_count(tables, 'worksheet')}: {names}.")
        build = tables[0].build
        if words := build_in_words(build):
            yield Finding(words, build=build)
        for warning in warnings_of(tables):
            yield Finding(warning, is_warning=True)
    except (MartError, ConfigError) as error:
        yield Finding(str(error), is_good=False)
    if settings.is_workbook:
        yield from _workbook(tables, settings)
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
    body = json.dumps({"requests": [ask.delete_sheet(absent)]}).encode()
    try:
        client.update(body, "spreadsheetId")
    except RefusedError:
        return Finding("It is shared with write access.")
    return Finding(
        "Google Sheets took a request that it must refuse: this is not its API.", is_good=False
    )


def to_json(findings: Sequence[Finding]) -> str:
    """Return the findings as one JSON object, with the build's fields."""
    build = next((finding.build for finding in findings if finding.build), Build())
    whole = {
        "is_good": all(finding.is_good for finding in findings),
        "build": build_fields(build),
        "findings": [
            {
                "status": "warning" if each.is_warning else "ok" if each.is_good else "missing",
                "words": each.words,
            }
            for each in findings
        ],
    }
    return json.dumps(whole, indent=2, ensure_ascii=False)


def _workbook(tables: tuple[Table, ...], settings: Settings) -> Iterator[Finding]:
    """Yield whether a push may write the workbook."""
    yield Finding(f"The destination is the workbook {settings.workbook}.")
    if not tables:
        return
    from refsync.excel import destination as workbook  # noqa: PLC0415 - XlsxWriter takes a while

    try:
        _, dropped = workbook.check(tables, settings)
    except DestinationError as error:
        yield Finding(str(error), is_good=False)
        return
    if dropped:
        yield Finding(workbook.dropped_in_words(dropped), is_warning=True)


def _tabs(
    client: Client, spreadsheet: Spreadsheet, tables: tuple[Table, ...], settings: Settings
) -> Iterator[Finding]:
    """Yield what a push would find of each worksheet's tab."""
    wanted = [Wanted.from_table(table) for table in tables]
    spreadsheet = read_cells(client, spreadsheet, wanted)
    found = find_tabs(tables, spreadsheet)
    plans = []
    for each in wanted:
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
    if wanted and len(plans) == len(wanted):
        # Whatever else a push asks before it writes.
        whole = make_plan(
            wanted, spreadsheet, run="check", pushed_at="", adopt=settings.adopt, force=True
        )
        check_growth(spreadsheet, whole, make_bodies(whole, MOST_BYTES))
    if not settings.force:
        for sentence in accidents(wanted, spreadsheet, plans):
            yield Finding(sentence, is_good=False)


def _count(things: tuple[object, ...], noun: str) -> str:
    return f"{len(things)} {noun}{'' if len(things) == 1 else 's'}"
