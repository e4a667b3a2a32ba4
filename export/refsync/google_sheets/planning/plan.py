"""What has to be done to make a spreadsheet equal to the marts, decided without any I/O.

    (desired tables, spreadsheet as read) -> Plan

A plan's requests are one `spreadsheets.batchUpdate`: applied wholly or not at all.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from hashlib import blake2b
from itertools import count
from types import MappingProxyType
from typing import TYPE_CHECKING

from refsync.errors import DestinationError
from refsync.google_sheets.api import requests
from refsync.google_sheets.planning.accidents import accidents, refuse_other_projects
from refsync.google_sheets.planning.caution import NO_CAUTION, Caution
from refsync.google_sheets.planning.columns import find_tabs, lay_out
from refsync.google_sheets.planning.dashboard_tab import plan_missing_dashboard, with_dashboard
from refsync.google_sheets.planning.kept_remarks import KeptPlan, find_kept, plan_kept
from refsync.google_sheets.planning.repairs import Expected
from refsync.google_sheets.planning.tab_order import new_tab_indices
from refsync.google_sheets.planning.tab_plan import (
    TabPlan,
    plan_existing_tab,
    plan_new_tab,
)
from refsync.google_sheets.records import TabRecord, header_hash, staged_generation
from refsync.worksheet.remarks import TITLE as KEPT
from refsync.worksheet.safety import Origin

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from refsync.google_sheets.api.requests import Request
    from refsync.google_sheets.formatting.dashboard import NewDashboard
    from refsync.google_sheets.planning.desired import Desired
    from refsync.google_sheets.spreadsheet import Spreadsheet, Tab

NOTHING_EXPECTED: Mapping[int, Expected] = MappingProxyType({})
"""What is expected of remarks where nothing was committed yet."""


@dataclass(frozen=True)
class Plan:
    """One push, as it would be committed onto the spreadsheet that was read.

    Attributes:
        staging_id: The sheet id for a staging tab, if one is needed.
        staging_title: Its title.
        tabs: One plan a worksheet, in the order of the tables.
        dashboard: The dashboard's tab, where it is missing.
        kept: What happens to the tab of the kept remarks.
        opening: The guard and refsync's records: the requests before all others.
        closing: Requests that delete the staging tabs which were seen, and tabs that Google added
            twice.
        generation: The generation that it commits.
        is_needed: Whether there is anything to commit.
    """

    staging_id: int
    staging_title: str
    tabs: tuple[TabPlan, ...]
    dashboard: NewDashboard | None
    kept: KeptPlan | None
    opening: tuple[Request, ...]
    closing: tuple[Request, ...]
    generation: int
    is_needed: bool

    @property
    def created(self) -> frozenset[int]:
        """The ids of the tabs that it adds, without a staging tab."""
        created = {tab.sheet_id for tab in self.tabs if tab.created}
        if self.dashboard:
            created.add(self.dashboard.sheet_id)
        if self.kept and self.kept.created:
            created.add(self.kept.record.sheet_id)
        return frozenset(created)

    @property
    def expected(self) -> dict[int, Expected]:
        """By a tab's id, what is to become of its remarks."""
        return {
            tab.sheet_id: Expected.of(tab.sheet_id, tab.remarks, self.kept)
            for tab in self.tabs
            if tab.remarks
        }

    @property
    def added_cells(self) -> int:
        """How many cells it adds to the spreadsheet, without those of a staging tab for data."""
        staged = [tab.remarks.staged_cells for tab in self.tabs if tab.remarks]
        return (
            sum(tab.more_cells for tab in self.tabs)
            + (self.dashboard.cells if self.dashboard else 0)
            + (self.kept.more_cells if self.kept else 0)
            + max(staged, default=0)
        )

    @property
    def added_tabs(self) -> int:
        """How many tabs it adds, without a staging tab."""
        return len(self.created) + any(
            tab.remarks and tab.remarks.staged_cells for tab in self.tabs
        )


def make_plan(  # noqa: PLR0913 - what a push can be told
    desired: Sequence[Desired],
    spreadsheet: Spreadsheet,
    *,
    run: str,
    pushed_at: str,
    adopt: bool,
    force: bool = False,
    caution: Caution = NO_CAUTION,
    expected: Mapping[int, Expected] = NOTHING_EXPECTED,
) -> Plan:
    """Return the plan that makes the worksheets of `spreadsheet` equal to `desired`.

    Args:
        desired: What the worksheets are to hold.
        spreadsheet: As it was read, with the cells of the tabs that `find_tabs` finds.
        run: The id under which this run's commit is known again.
        pushed_at: The time, for the record.
        adopt: Whether to take over tabs that hold something else.
        force: Whether to push what looks like an accident.
        caution: What Google did otherwise than expected before, and is not asked for again.
        expected: By a tab's id, what this run's last commit was to make of its remarks.

    Raises:
        DestinationError: The push looks like an accident, a tab is not refsync's, a protected area
            is in the way, or one of Google's limits would be exceeded. Nothing has been written
            then.
    """
    found = find_tabs([each.table for each in desired], spreadsheet)
    if not adopt:
        refuse_other_projects(desired, found, spreadsheet)
    indices = new_tab_indices([each.table for each in desired], found, spreadsheet)
    tabs = [
        plan_tab(
            each,
            found[each.table.worksheet],
            spreadsheet,
            run,
            adopt=adopt,
            caution=caution,
            expected=expected,
            index=indices.get(each.table.worksheet),
        )
        for each in desired
    ]
    if not force:
        for sentence in accidents(desired, spreadsheet, tabs):
            raise DestinationError(sentence)
    records = _records(tabs, spreadsheet)
    dashboard, added = plan_missing_dashboard(
        tabs,
        spreadsheet,
        lambda title: _new_sheet_id(f"{run} {title}", spreadsheet),
        may_add=caution.dashboard,
    )
    records |= added
    tabs = [with_dashboard(tab, dashboard, spreadsheet) for tab in tabs]
    kept = plan_kept(
        [each for tab in tabs if tab.remarks for each in tab.remarks.kept],
        spreadsheet,
        _new_sheet_id(f"{run} {KEPT}", spreadsheet),
    )
    if kept:
        records[KEPT] = kept.record
    tabs = [_with_remarks(tab, kept) for tab in tabs]
    staged = _staged_generations(spreadsheet)
    return Plan(
        staging_id=_new_sheet_id(f"{run} staging", spreadsheet),
        staging_title=spreadsheet.records.staging_title(run),
        tabs=tuple(tabs),
        dashboard=dashboard,
        kept=kept,
        opening=(
            *spreadsheet.records.next(run, pushed_at, records),
            *(kept.opening if kept else ()),
        ),
        closing=tuple(map(requests.delete_sheet, (*staged, *spreadsheet.conflict_copies))),
        generation=spreadsheet.records.generation + 1,
        is_needed=any(tab.is_needed for tab in tabs)
        or spreadsheet.records.has_rivals
        or bool(spreadsheet.conflict_copies)
        or any(spreadsheet.records.tabs.get(name) != record for name, record in records.items())
        # One for the next generation may belong to a run that is still at work.
        or any(generation <= spreadsheet.records.generation for generation in staged.values()),
    )


def _records(tabs: Sequence[TabPlan], spreadsheet: Spreadsheet) -> dict[str, TabRecord]:
    """Return the records of the worksheets that are there after the push, by their titles."""
    alive = {tab.sheet_id for tab in spreadsheet.tabs}
    known = spreadsheet.records.tabs
    records = {name: record for name, record in known.items() if record.sheet_id in alive}
    return records | {
        tab.result.worksheet: TabRecord(
            tab.sheet_id,
            tuple(header_hash(header) for header in tab.desired.keys[0]),
            _origin(tab.desired, records.get(tab.result.worksheet)),
            tab.desired.table.build.as_of_date,
            tab.kept,
            tab.desired.outline(),
        )
        for tab in tabs
    }


def _staged_generations(spreadsheet: Spreadsheet) -> dict[int, int]:
    """Return the generation that each staging tab is for, by the tab's id."""
    return {
        tab.sheet_id: generation
        for tab in spreadsheet.tabs
        if (generation := staged_generation(tab.title)) is not None
    }


def _origin(desired: Desired, known: TabRecord | None) -> Origin | None:
    """Return the origin for the record, with what an earlier build knew and this one does not."""
    new = Origin.of(desired.table.build)
    if known and known.origin:
        return new.completed(known.origin)
    return new if new.is_known else None


def plan_tab(  # noqa: PLR0913 - what a push can be told
    desired: Desired,
    tab: Tab | None,
    spreadsheet: Spreadsheet,
    run: str,
    *,
    adopt: bool,
    caution: Caution = NO_CAUTION,
    expected: Mapping[int, Expected] = NOTHING_EXPECTED,
    index: int | None = None,
) -> TabPlan:
    """Return the plan for one worksheet's tab, or for a new one.

    Raises:
        DestinationError: The tab is not refsync's, or a protected area is in the way.
    """
    worksheet = desired.table.worksheet
    if tab is None:
        return plan_new_tab(desired, _new_sheet_id(f"{run} {worksheet}", spreadsheet), index)
    record = spreadsheet.records.tabs.get(worksheet)
    layout = lay_out(desired, tab, record, adopt=adopt)
    if record and (adopt or expected or spreadsheet.records.has_rivals):
        # What is below its rows is taken over, or may be another push's.
        record = replace(record, outline="")
    staging_id = _new_sheet_id(f"{run} remarks of {worksheet}", spreadsheet)
    title = f"{spreadsheet.records.staging_title(run)}{staging_id:08x}"
    return plan_existing_tab(
        desired,
        tab,
        layout,
        record,
        caution=caution,
        staging=(staging_id, title),
        expected=expected.get(tab.sheet_id),
        kept_tab=find_kept(spreadsheet),
    )


def _with_remarks(tab: TabPlan, kept: KeptPlan | None) -> TabPlan:
    """Return a tab's plan with the requests for its remarks in it, which it reports."""
    if not tab.remarks:
        return tab
    copies = kept.copies.get(tab.sheet_id, ()) if kept else ()
    return replace(
        tab,
        prepare=(*tab.prepare, *copies, *tab.remarks.before),
        finish=(*tab.remarks.after, *tab.finish),
        result=replace(
            tab.result, moved_remarks=tab.remarks.moved, kept_remarks=len(tab.remarks.kept)
        ),
    )


def _new_sheet_id(name: str, spreadsheet: Spreadsheet) -> int:
    """Return a free sheet id; chosen here, because later requests of the batch refer to it."""
    taken = {tab.sheet_id for tab in spreadsheet.tabs}
    digests = (blake2b(f"{name} {n}".encode(), digest_size=4).hexdigest() for n in count())
    sheet_ids = (int(digest, 16) >> 1 for digest in digests)
    return next(sheet_id for sheet_id in sheet_ids if sheet_id not in taken)
