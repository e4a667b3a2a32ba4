"""The two destinations, and what a push to one still needs."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from refsync.errors import ConfigError, MartError
from refsync.marts.reader import read_marts
from refsync.notify.tell import webhook_finding
from refsync.report import Finding, build_in_words, no_progress, warnings_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from refsync.report import Progress, PushResult
    from refsync.settings import Settings
    from refsync.worksheet.table import Table


class Destination(Protocol):
    """A kind of destination: a module with these two functions."""

    def push(
        self, tables: Sequence[Table], settings: Settings, *, dry_run: bool, progress: Progress
    ) -> PushResult:
        """Make the worksheets equal to the tables at once, or say what that would change.

        Raises:
            ConfigError: The settings are wrong.
            DestinationError: The push is refused or fails; the worksheets are as they were.
        """

    def check(self, tables: Sequence[Table], settings: Settings) -> Iterator[Finding]:
        """Yield what a push of the tables would find, and what it still needs."""


def destination_of(settings: Settings) -> Destination:
    """Return the destination that the settings name."""
    # Not at the top: each import takes time, and a push needs one of them.
    if settings.is_workbook:
        from refsync.excel import destination as workbook  # noqa: PLC0415

        return workbook
    from refsync.google_sheets import destination as spreadsheet  # noqa: PLC0415

    return spreadsheet


def by_destination(
    tables: Sequence[Table], settings: Settings
) -> list[tuple[Settings, tuple[Table, ...]]]:
    """Return the settings of each destination with its tables, in the order of the tables.

    The option `--to` is the destination of all tables. Otherwise a table goes to the spreadsheet
    that its meta names, and the others to the destination of a variable.

    Raises:
        ConfigError: A table has no destination.
    """
    found: dict[str, tuple[Settings, list[Table]]] = {}
    for table in tables:
        to = settings.to if settings.to_overrides else table.spreadsheet or settings.to
        if not to:
            of = f" for {table.worksheet}" if any(each.spreadsheet for each in tables) else ""
            raise ConfigError(
                f"There is no destination{of}: name a workbook with --to report.xlsx, "
                "or a Google spreadsheet with --to or GOOGLE_SHEET_ID."
            )
        own = replace(settings, to=to)
        found.setdefault(own.spreadsheet_id or to, (own, []))[1].append(table)
    groups = [(own, tuple(members)) for own, members in found.values()]
    for _, members in groups:
        _refuse_duplicates(members)
    return groups


def _refuse_duplicates(tables: Sequence[Table]) -> None:
    """Refuse worksheets of several spreadsheets that are to go into one, under the same title."""
    seen: dict[str, Table] = {}
    for table in tables:
        other = seen.setdefault(table.worksheet.casefold(), table)
        if other is not table:
            raise ConfigError(
                f"Models {other.model!r} and {table.model!r} both have the worksheet "
                f"{table.worksheet!r}, and go to one destination: leave out --to, or choose one of "
                "them with --select."
            )


def push(
    tables: Sequence[Table], settings: Settings, *, dry_run: bool, progress: Progress
) -> list[PushResult]:
    """Push the tables, each to its destination; return a result for each destination.

    A destination changes at once or not at all. If there are several, none is written before every
    one of them has been planned.

    Raises:
        ConfigError: The settings do not fit.
        DestinationError: A push is refused or fails; what was there is still there, whole.
    """
    groups = by_destination(tables, settings)
    if len(groups) > 1 and not dry_run:
        for own, members in groups:
            destination_of(own).push(members, own, dry_run=True, progress=no_progress)
    return [
        destination_of(own).push(members, own, dry_run=dry_run, progress=progress)
        for own, members in groups
    ]


def check(settings: Settings) -> Iterator[Finding]:
    """Yield the findings one by one; a check changes nothing.

    If something is missing, nothing that depends on it is checked.
    """
    tables: tuple[Table, ...] = ()
    try:
        tables = read_marts(settings)
        names = ", ".join(table.worksheet for table in tables)
        count = f"{len(tables)} worksheet{'' if len(tables) == 1 else 's'}"
        yield Finding(f"dbt has built {count}: {names}.")
        build = tables[0].build
        if words := build_in_words(build):
            yield Finding(words, build=build)
        for warning in warnings_of(tables):
            yield Finding(warning, is_warning=True)
        yield from _without_key(tables)
    except (MartError, ConfigError) as error:
        yield Finding(str(error), is_good=False)
        yield webhook_finding(settings.webhook_url)
        if settings.to:
            yield from destination_of(settings).check(tables, settings)
        return
    yield webhook_finding(settings.webhook_url)
    for own, members in by_destination(tables, settings):
        yield from destination_of(own).check(members, own)


def _without_key(tables: Sequence[Table]) -> Iterator[Finding]:
    """Yield the worksheets whose rows are known by all their cells, and what that means."""
    names = [table.worksheet for table in tables if not table.key]
    if names:
        verb = "has" if len(names) == 1 else "have"
        yield Finding(
            f"{', '.join(names)} {verb} no key, so a row is known by all its cells: once one of "
            "them changes, what people wrote beside it goes to Kept_Remarks. A unique test of an "
            "exported column, or a `key` in the model's meta, lets it stay beside the row."
        )
