"""The local destination: an Excel workbook, written as a new file that replaces the old one."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from refsync.errors import DestinationError
from refsync.excel.before import rows_before
from refsync.excel.carried import NOTHING, CarriedSheet
from refsync.excel.file import explained, replace_file
from refsync.excel.found_remarks import Found
from refsync.excel.kept_tab import NO_TAB, KeptTab
from refsync.excel.limits import refuse_what_does_not_fit
from refsync.excel.record import ExistingWorkbook, NoWorkbookError, read_workbook
from refsync.excel.refusals import refuse_accidents, refuse_somebody_elses
from refsync.excel.remarks import carry, kept_tab
from refsync.excel.workbook import tab_titles, workbook_content
from refsync.report import Finding, Progress, PushResult, WorksheetResult, no_progress
from refsync.worksheet.remarks import TITLE as KEPT
from refsync.worksheet.safety import Origin, other_project

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from refsync.excel.found_remarks import FoundSheet
    from refsync.settings import Settings
    from refsync.worksheet.table import Table


@dataclass(frozen=True)
class _Inspected:
    """Where a push would write, and what it does about what is there.

    Attributes:
        path: The file.
        dropped: The worksheets of refsync's that it drops.
        carried: What people added, by the worksheet's title.
        kept: The tab of the kept remarks.
    """

    path: Path
    dropped: tuple[str, ...] = ()
    carried: Mapping[str, CarriedSheet] = field(default_factory=dict)
    kept: KeptTab = NO_TAB


def push(
    tables: Sequence[Table],
    settings: Settings,
    *,
    dry_run: bool,
    progress: Progress = no_progress,
) -> PushResult:
    """Write the tables to the workbook of the settings, one tab each, and return what was done.

    Nothing is written before all tables are known to fit. The workbook is a new file that replaces
    the old one in one step, so nobody ever reads half of it. The same tables give the same bytes.

    Raises:
        DestinationError: A table does not fit into a workbook, somebody else's workbook is there,
            the push looks like an accident, or the file cannot be written.
    """
    del progress  # there is one step only
    started = time.monotonic()
    found = _inspect(tables, settings)
    before = None
    if not dry_run:
        try:
            # First in memory: after a failed write XlsxWriter prints a traceback.
            content = workbook_content(tables, found.carried, found.kept)
            if settings.webhook_url:
                before = rows_before(found.path, content, tables)
            replace_file(found.path, content)
        except OSError as error:
            raise explained(error, settings.to) from error
    return PushResult(
        destination=settings.to,
        worksheets=tuple(
            WorksheetResult(
                worksheet=table.worksheet,
                rows=len(table.rows),
                added=None,
                changed=None,
                removed=None,
                cells=(len(table.rows) + 1) * len(table.columns),
                moved_remarks=found.carried.get(table.worksheet, NOTHING).moved,
                kept_remarks=len(found.carried.get(table.worksheet, NOTHING).kept),
            )
            for table in tables
        ),
        api_calls=0,
        bytes_sent=0,
        seconds=time.monotonic() - started,
        notes=(_dropped_in_words(found.dropped),) if found.dropped else (),
        before=before,
    )


def check(tables: Sequence[Table], settings: Settings) -> Iterator[Finding]:
    """Yield whether a push may write the workbook."""
    yield Finding(f"The destination is the workbook {settings.workbook}.")
    if not tables:
        return
    try:
        found = _inspect(tables, settings)
    except DestinationError as error:
        yield Finding(str(error), is_good=False)
        return
    if found.dropped:
        yield Finding(_dropped_in_words(found.dropped), is_warning=True)


def _inspect(tables: Sequence[Table], settings: Settings) -> _Inspected:
    """Return where a push would write, and what it would do about what is there.

    Raises:
        DestinationError: Such a push would be refused.
    """
    for table in tables:
        refuse_what_does_not_fit(table)
    path = _path(settings)
    if not path.exists():
        return _Inspected(path)
    try:
        found = read_workbook(path)
        new = Origin.of(tables[0].build)
        owner = found.origin if found.is_ours else None
        if owner and new.is_of_another_project(owner) and not settings.adopt:
            raise DestinationError(other_project(f"The workbook {settings.to}", owner))
        refuse_somebody_elses(found, tables, settings)
        if not found.is_ours:
            return _Inspected(path)
        sheets, kept = _remarks(found, tables, settings)
        if not settings.force:
            refuse_accidents(found, sheets, tables, settings.to)
    except NoWorkbookError as error:
        if settings.adopt:
            return _Inspected(path)
        raise DestinationError(
            f"{settings.to} is not a workbook that refsync wrote: name another file with --to, or "
            "run with --adopt to replace it."
        ) from error
    except OSError as error:
        raise DestinationError(
            f"{settings.to} cannot be read ({error.strerror}): check its permissions, or name "
            "another file with --to."
        ) from error
    columns = {title.lower(): sheet.columns for title, sheet in sheets.items()}
    carried = {
        table.worksheet: carry(sheets[table.worksheet], table, columns)
        for table in tables
        if table.worksheet in sheets
    }
    dropped = tuple(title for title in found.titles if title not in {*tab_titles(tables), KEPT})
    return _Inspected(
        path,
        dropped if found.is_untouched else (),
        carried,
        kept_tab(kept, [*carried.values()], columns),
    )


def _remarks(
    found: ExistingWorkbook, tables: Sequence[Table], settings: Settings
) -> tuple[dict[str, FoundSheet], KeptTab]:
    """Return the worksheets of a workbook with what people added, and the remarks kept before.

    A workbook that nobody saved since has none, unless refsync carried some into it.

    Raises:
        DestinationError: They cannot be read, or would be lost.
    """
    if found.is_untouched and not found.has_remarks:
        return {}, NO_TAB
    try:
        return _read_remarks(found, tables, settings)
    except DestinationError:
        if settings.adopt:
            return {}, NO_TAB
        raise


def _read_remarks(
    found: ExistingWorkbook, tables: Sequence[Table], settings: Settings
) -> tuple[dict[str, FoundSheet], KeptTab]:
    try:
        book = Found(found.path)
    except ImportError:
        raise DestinationError(
            f"{settings.to} may have remarks of people, and openpyxl, which reads them, is not "
            "installed: run pip install 'refsync[remarks]', or run with --adopt to replace the "
            "workbook without them."
        ) from None
    headers = {table.worksheet: [column.header for column in table.columns] for table in tables}
    dashboards = {table.dashboard.title for table in tables if table.dashboard}
    sheets = {
        title: book.sheet(title, headers.get(title, ()), found.marks_of(title))
        for title in found.titles
        if title not in {*dashboards, KEPT} and (title in headers or found.is_untouched)
    }
    linked = [title for title, sheet in sheets.items() if sheet.has_links]
    if linked:
        raise DestinationError(
            f"{settings.to} has links on refsync's cells in the tab {', '.join(linked)}, which a "
            "push cannot carry over: move them to the right of refsync's columns, or run with "
            "--adopt to replace the workbook without what people added."
        )
    lost = [title for title, sheet in sheets.items() if title not in headers and sheet.has_any]
    if lost and not settings.adopt:
        raise DestinationError(
            f"{settings.to} has remarks in the tab {', '.join(lost)}, which is not part of this "
            "push: push without --select and --type, or run with --adopt to replace the workbook "
            "without them."
        )
    return {title: sheet for title, sheet in sheets.items() if title in headers}, book.kept()


def _path(settings: Settings) -> Path:
    """Return the workbook's path; a push replaces the file that a link points to, not the link."""
    path = settings.workbook.resolve()
    if path.is_dir():
        raise DestinationError(f"{settings.to} is a folder: name a file in it with --to.")
    if not path.parent.is_dir():
        raise DestinationError(f"The folder {path.parent} does not exist: create it first.")
    if path.exists() and not path.is_file():
        raise DestinationError(f"{settings.to} is not a file: name another one with --to.")
    return path


def _dropped_in_words(titles: Sequence[str]) -> str:
    """Return the sentence about worksheets of refsync's that this push leaves out."""
    tabs = f"tab {titles[0]} is" if len(titles) == 1 else f"tabs {', '.join(titles)} are"
    return (
        f"The {tabs} not part of this push and not in the workbook any more: push without --select "
        "and --type to have all of them."
    )
