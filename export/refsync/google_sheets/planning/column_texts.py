"""The texts of one column after a commit, against those that it was to leave there."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from refsync.worksheet.values import Key


@dataclass
class ColumnTexts:
    """One column's texts of one kind, by their row.

    Attributes:
        expected: As they were to be.
        found: As they are.
        is_written_if_lost: Whether a text that is nowhere is written again, also where all others
            are in their places: nothing proves that Google copies notes.
        written: The texts that the repair writes; `None` blanks a cell.
        kept: Texts without a place, which go to the tab of the kept remarks; by the row as found.
        is_displaced: Whether an expected text was found in another row.
    """

    expected: dict[int, Key]
    found: dict[int, Key]
    is_written_if_lost: bool
    written: dict[int, Key] = field(default_factory=dict)
    kept: dict[int, Key] = field(default_factory=dict)
    is_displaced: bool = False

    def repair(self, homes: Mapping[int, int | None], *, rows_moved: bool) -> None:
        """Decide what to write; `homes` has the row that a text which nobody had read belongs to.

        Args:
            homes: Row as found → the same row as desired; `None` if it is not desired.
            rows_moved: Whether refsync's own cells were not as they were written.
        """
        missing = {r: text for r, text in self.expected.items() if self.found.get(r) != text}
        extra = {r: text for r, text in self.found.items() if self.expected.get(r) != text}
        lost = {}
        for row, text in missing.items():
            source = next((r for r, each in extra.items() if each == text), None)
            if source is None:
                lost[row] = text
                continue
            del extra[source]
            self.is_displaced = True
            self.written[row] = text
            self.written.setdefault(source, None)
        for row, text in extra.items():
            home = homes.get(row, row) if rows_moved else row
            if home == row and self.written.get(row) is None:
                lost.pop(row, None)
                self.written.pop(row, None)
                continue
            self.written.setdefault(row, None)
            is_free = home is not None and (
                self.written.get(home) is None if home in self.written else home not in self.found
            )
            if home is not None and is_free:
                lost.pop(home, None)
                self.written[home] = text
            else:
                self.kept[row] = text
        if rows_moved or self.is_displaced or self.is_written_if_lost:
            for row, text in lost.items():
                if self.written.get(row, self.found.get(row)) is None:
                    self.written[row] = text
