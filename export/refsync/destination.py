"""Where worksheets go: each destination is a module with these two functions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from refsync.report import Finding, Progress, PushResult
    from refsync.settings import Settings
    from refsync.worksheet.table import Table


class Destination(Protocol):
    """A kind of place that worksheets are pushed to."""

    def push(
        self, tables: Sequence[Table], settings: Settings, *, dry_run: bool, progress: Progress
    ) -> PushResult:
        """Make the worksheets equal to the tables at once, or say what that would change.

        Raises:
            ConfigError: The settings do not fit.
            DestinationError: The push is refused or fails; what was there is still there, whole.
        """

    def check(self, tables: Sequence[Table], settings: Settings) -> Iterator[Finding]:
        """Yield what a push of the tables would find, and what it still needs."""


def destination_of(settings: Settings) -> Destination:
    """Return the destination that the settings name."""
    # Not above: each takes a while to import, and a push needs one of them.
    if settings.is_workbook:
        from refsync.excel import destination as workbook  # noqa: PLC0415

        return workbook
    from refsync.google_sheets import destination as spreadsheet  # noqa: PLC0415

    return spreadsheet
