"""refsync's own cells of a tab, as they were read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from refsync.google_sheets.planning.checks import digest_of, kept_otherwise, with_values

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
        """Return the rows of a tab; `record` is what its last push left about it."""
        width = desired.width
        before = tab.grid(layout.width - len(layout.inserted))
        rows = [_with_inserted(row, layout.inserted) for row in before]
        kept = kept_otherwise([row[:width] for row in rows], desired.keys)
        is_known = bool(kept) and record is not None and record.kept == digest_of(kept)
        if is_known:
            rows = with_values(rows, kept)
        return cls(rows, [row[:width] for row in rows], kept, is_known)

    @property
    def doubtful(self) -> list[int]:
        """The rows with a cell that Google may keep otherwise."""
        return [] if self.is_known else [each.row for each in self.kept]


def _with_inserted(row: Row, inserted: Sequence[int]) -> Row:
    """Return the row with blank cells inserted at these places, ascending."""
    if not inserted:
        return row
    cells: list[Key] = list(row)
    for place in inserted:
        cells.insert(place, None)
    return tuple(cells)
