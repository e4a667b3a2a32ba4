"""refsync's own cells of a tab, as they were read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from refsync.errors import DestinationError
from refsync.google_sheets.planning.checks import digest_of, kept_otherwise, with_values
from refsync.google_sheets.planning.desired import outline_of
from refsync.worksheet.row_keys import match_rows
from refsync.worksheet.values import is_blank

if TYPE_CHECKING:
    from collections.abc import Sequence

    from refsync.google_sheets.planning.checks import Difference
    from refsync.google_sheets.planning.columns import Layout
    from refsync.google_sheets.planning.desired import Desired
    from refsync.google_sheets.records import TabRecord
    from refsync.google_sheets.spreadsheet import Tab
    from refsync.worksheet.values import Key, Row


@dataclass(frozen=True)
class OwnRows:
    """The rows of a tab, header first, once columns are inserted.

    Attributes:
        all: With the columns that the worksheet has no longer.
        own: Without these.
        kept: The cells that Google keeps otherwise than they were sent.
        is_known: Whether the last push found the same, so that they are not written again.
    """

    all: Sequence[Row]
    own: Sequence[Row]
    kept: Sequence[Difference]
    is_known: bool

    @classmethod
    def read(cls, desired: Desired, tab: Tab, layout: Layout, record: TabRecord | None) -> OwnRows:
        """Return the rows of a tab; `record` is what its last push left about it.

        Raises:
            DestinationError: A row would come where somebody wrote something below the last one.
        """
        width = desired.width
        before = tab.grid(layout.width - len(layout.inserted))
        rows = [_with_inserted(row, layout.inserted) for row in before]
        end = _end(rows, desired, record)
        below = [row for row in range(end, len(rows)) if not is_blank(rows[row])]
        if below and below[0] < len(desired.keys):
            raise DestinationError(
                f"In the tab {tab.title!r}, row {below[0] + 1} below refsync's rows has something "
                "in its columns, and a row comes there now: move it to the right of them or "
                "further down, or run with --adopt to overwrite it."
            )
        rows = rows[:end]
        kept = kept_otherwise([row[:width] for row in rows], desired.keys)
        is_known = bool(kept) and record is not None and record.kept == digest_of(kept)
        if is_known:
            rows = with_values(rows, kept)
        return cls(rows, [row[:width] for row in rows], kept, is_known)

    @property
    def doubtful(self) -> list[int]:
        """The rows with a cell that Google may keep otherwise."""
        return [] if self.is_known else [each.row for each in self.kept]


def _end(rows: Sequence[Row], desired: Desired, record: TabRecord | None) -> int:
    """Return where refsync's rows end; what somebody wrote below them stays there.

    Unless the rows begin and end as the last push left them, nobody knows whose the others are.
    """
    height = record.height if record else 0
    if record is None or not 0 < height < len(rows):
        return len(rows)
    if outline_of(rows, desired.table, height) != record.outline:
        return len(rows)
    found = match_rows(rows, desired.keys, desired.table.key)
    return max(height, max(found, default=0) + 1)


def _with_inserted(row: Row, inserted: Sequence[int]) -> Row:
    """Return the row with blank cells inserted at these places, ascending."""
    if not inserted:
        return row
    cells: list[Key] = list(row)
    for place in inserted:
        cells.insert(place, None)
    return tuple(cells)
