"""The Google Sheets destination: read, plan, commit, until the worksheets equal the marts."""

from __future__ import annotations

import logging
import secrets
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING

from refsync.errors import DestinationError
from refsync.google_sheets.api.client import Client, RefusedError, UnansweredError
from refsync.google_sheets.api.credentials import find_account
from refsync.google_sheets.api.retry import Pace
from refsync.google_sheets.batch import MAX_BYTES, check_growth, make_bodies
from refsync.google_sheets.cell_values import is_alike
from refsync.google_sheets.check import check
from refsync.google_sheets.collector import paused_collector
from refsync.google_sheets.commit import (
    Committed,
    RefusedDashboardError,
    RefusedFilterError,
    commit,
)
from refsync.google_sheets.planning.caution import NO_CAUTION
from refsync.google_sheets.planning.desired import Desired
from refsync.google_sheets.planning.plan import Plan, make_plan
from refsync.google_sheets.read import MAX_READ_BY_CELL, read_cells, read_records, read_structure
from refsync.report import Progress, PushResult, no_progress

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from refsync.google_sheets.api.credentials import Account
    from refsync.google_sheets.planning.caution import Caution
    from refsync.google_sheets.planning.checks import Difference
    from refsync.google_sheets.planning.repairs import Expected
    from refsync.google_sheets.spreadsheet import Spreadsheet
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


@dataclass
class _Push:
    """A push on its way: what it has done so far, and what it has learned of Google meanwhile.

    Attributes:
        client: The connection to the spreadsheet.
        desired: What the worksheets are to hold.
        settings: Whether to take over tabs, and to push what looks like an accident.
        pace: Time, for the pauses.
        progress: Hears how many calls that write are done, and of how many.
        most_bytes: The largest body to send.
        most_by_cell: Up to this many cells are read with all that is in them.
        tried: Plans that were sent, by the id of the run that they were committed under.
        committed: The first one that was applied.
        unread: The id under which a commit was applied without its cells being read back.
        misread: Tabs whose cells were not as they were sent, in the commit before.
        expected: By a tab's id, what the last commit was to make of its remarks.
        caution: What is not asked of Google any more.
        refused_at: The generations at which commits were refused.
        notes: What a reader should know, a sentence each.
    """

    client: Client
    desired: Sequence[Desired]
    settings: Settings
    pace: Pace
    progress: Progress
    most_bytes: int
    most_by_cell: int
    tried: dict[str, Plan] = field(default_factory=dict)
    committed: Plan | None = None
    unread: str = ""
    misread: tuple[str, ...] = ()
    expected: dict[int, Expected] = field(default_factory=dict)
    caution: Caution = NO_CAUTION
    refused_at: list[int] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def attempt(self, run: str, *, dry_run: bool) -> Plan | None:
        """Read, plan and commit once; return the plan to report, if the worksheets are right now.

        `run` is the id under which the commit is known again.
        """
        logger.info("Reading the spreadsheet.")
        spreadsheet = read_structure(self.client, self._created)
        try:
            spreadsheet = read_cells(
                self.client, spreadsheet, self.desired, self.expected, self.most_by_cell
            )
            plan = make_plan(
                self.desired,
                spreadsheet,
                run=run,
                pushed_at=datetime.now(timezone.utc).isoformat(timespec="seconds"),
                adopt=self.settings.adopt,
                force=self.settings.force,
                caution=self.caution,
                expected=self.expected,
            )
            if not plan.is_needed:
                self.notes += _kept({tab.title: tab.kept_cells for tab in plan.tabs})
                # Perhaps because of an earlier commit, whose answer was lost.
                runs = chain.from_iterable(spreadsheet.records.guards.values())
                done = (self.tried[each] for each in runs if each in self.tried)
                return self.committed or next(done, plan)
            if self.unread and self._is_alone_in(spreadsheet, self.unread):
                self._remember_misread([tab.title for tab in plan.tabs if tab.is_needed])
            self.unread = ""
            bodies = make_bodies(plan, self.most_bytes)
            self.notes += check_growth(spreadsheet, plan, bodies)
            if dry_run:
                self.client.calls += len(bodies.staging) + 2
                return plan
            self.tried[run] = plan
            is_done = partial(self._is_applied, run)
            committed = commit(self.client, plan, bodies, is_done, self.progress)
        except UnansweredError:
            committed = Committed(None, ())
        except RefusedFilterError:
            logger.info("Google does not let a filter be taken away: planning without.")
            self.caution = replace(self.caution, filters=False)
            return None
        except RefusedDashboardError as error:
            logger.info("Google does not add the dashboard: planning without.")
            self.caution = replace(self.caution, dashboard=False)
            self.notes.append(str(error))
            return None
        except RefusedError:
            self.refused_at.append(spreadsheet.records.generation)
            if self.refused_at.count(spreadsheet.records.generation) == MAX_REFUSALS:
                raise
            logger.info("The commit was refused: reading what happened.")
            self.pace.pause(MAX_PAUSE)
            return None
        self.expected = {
            sheet_id: each
            for sheet_id, each in plan.expected.items()
            if sheet_id not in self.expected
        }
        self.committed = self.committed or plan
        self.notes += committed.left_out
        return self.committed if self._is_right(run, committed) else None

    def _is_right(self, run: str, committed: Committed) -> bool:
        """Return whether a commit that was applied did what it was planned to do."""
        if committed.differences is None:
            logger.info("The commit was applied, but not read back: reading what is there.")
            self.unread = run
            return False
        if misread := self._misread(committed.differences):
            self._remember_misread(misread)
            return False
        if committed.has_misplaced:
            logger.info("Somebody edited beside the rows meanwhile: reading what is there.")
            return False
        logger.info("Confirming that no other push was let through at the same moment.")
        if self._is_alone_in(read_records(self.client, self._created), run):
            return True
        logger.info("Another push was let through at the same moment: planning again.")
        self.caution = replace(self.caution, copies=False)
        self.pace.pause(MAX_PAUSE)
        return False

    @property
    def _created(self) -> frozenset[int]:
        """The ids of the tabs that this push added, as far as it knows."""
        return frozenset().union(*(plan.created for plan in self.tried.values()))

    def _is_applied(self, run: str) -> bool:
        """Return whether a commit whose answer is lost was applied."""
        guards = read_records(self.client).records.guards
        return run in guards.get(self.tried[run].generation, ())

    def _is_alone_in(self, spreadsheet: Spreadsheet, run: str) -> bool:
        """Whether a commit is in the spreadsheet, and no other one of its generation."""
        plan = self.tried[run]
        ids = {tab.sheet_id for tab in spreadsheet.tabs}
        worksheets = {tab.sheet_id for tab in plan.tabs}
        return spreadsheet.confirms(run, plan.generation) and worksheets <= ids

    def _misread(self, differences: Mapping[str, tuple[Difference, ...]]) -> list[str]:
        """Return the tabs whose cells are not as they were sent.

        If the cells of a tab are like what was sent, and twice so, Google keeps them like that.
        """
        misread, kept = [], {}
        for title, cells in differences.items():
            alike = all(is_alike(each.want, each.found) for each in cells)
            if alike and title in self.misread:
                kept[title] = len(cells)
            elif cells:
                misread.append(title)
        self.notes += _kept(kept)
        return misread

    def _remember_misread(self, titles: Sequence[str]) -> None:
        """Remember tabs whose cells are not as they were sent, to plan with more caution.

        Raises:
            DestinationError: They were not the time before, either.
        """
        again = [title for title in titles if title in self.misread]
        if again:
            raise DestinationError(
                f"Twice the tab {' and '.join(map(repr, again))} was not as it was written, so its "
                "rows may be wrong: run refsync-push again when nobody edits it; if that does not "
                "help, take away its slicers, filters and groups, or rename the tab, so that "
                "refsync makes another one."
            )
        logger.info("A worksheet is not as it was written: planning again, without copies.")
        self.misread = tuple(titles)
        self.caution = replace(self.caution, copies=False, has_misread=True)


def _kept(cells: Mapping[str, int]) -> list[str]:
    """Return a sentence for each tab with cells that Google keeps otherwise."""
    return [
        f"{title}: Google keeps {count:,} cell{'' if count == 1 else 's'} otherwise than "
        f"{'it was' if count == 1 else 'they were'} sent."
        for title, count in cells.items()
        if count
    ]


@paused_collector()
def push(  # noqa: PLR0913 - what a push can be told
    tables: Sequence[Table],
    settings: Settings,
    *,
    dry_run: bool,
    progress: Progress = no_progress,
    account: Account | None = None,
    most_bytes: int = MAX_BYTES,
    most_by_cell: int = MAX_READ_BY_CELL,
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
        most_by_cell: Up to this many cells are read with all that is in them.
        pace: Time, for the retries.

    Raises:
        ConfigError: The credentials or the endpoint are not usable.
        DestinationError: The spreadsheet cannot be read or written; readers see it as it was.
    """
    began = pace.clock()
    account = account or find_account(settings)
    client = Client(account, settings.spreadsheet_id, settings.google_sheets_api_endpoint, pace)
    desired = [Desired.from_table(table) for table in tables]
    running = _Push(client, desired, settings, pace, progress, most_bytes, most_by_cell)
    name = secrets.token_hex(4)
    attempts = (running.attempt(f"{name}{n}", dry_run=dry_run) for n in range(MAX_PLANS))
    plan = next((plan for plan in attempts if plan), None)
    if plan is None:
        raise DestinationError(
            f"Others changed the spreadsheet {settings.spreadsheet_id} between reading and "
            f"writing, {MAX_PLANS} times in a row: run refsync-push again when fewer are at work."
        )
    return PushResult(
        destination=client.url,
        worksheets=tuple(tab.result for tab in plan.tabs),
        api_calls=client.calls,
        bytes_sent=client.bytes_sent,
        seconds=pace.clock() - began,
        notes=tuple(dict.fromkeys(running.notes)),
        before=tuple((tab.desired.table, tab.before) for tab in plan.tabs if tab.result.cells),
    )
