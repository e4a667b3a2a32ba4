"""The two destinations, and what a push to one still needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from refsync.errors import ConfigError, MartError
from refsync.marts.reader import read_marts
from refsync.report import Finding, build_in_words, warnings_of

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
    yield from destination_of(settings).check(tables, settings)


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
