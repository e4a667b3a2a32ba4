"""What people added to a worksheet, on its way into a new workbook."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from refsync.excel.found_cells import FoundCell
    from refsync.worksheet.remarks import Place


@dataclass(frozen=True)
class CarriedSheet:
    """What people added to a worksheet, where it goes.

    Attributes:
        headers: The headers of the reader's columns, which come behind refsync's.
        own_headers: Notes and colours that people gave to refsync's headers, by their columns.
        cells: Cells below the header; of refsync's own, note and colour only.
        kept: Rows for the tab of the kept remarks.
        moved: How many remarks change places.
    """

    headers: tuple[FoundCell, ...] = ()
    own_headers: Mapping[int, FoundCell] = field(default_factory=dict)
    cells: Mapping[Place, FoundCell] = field(default_factory=dict)
    kept: tuple[tuple[Any, ...], ...] = ()
    moved: int = 0

    @property
    def has_any(self) -> bool:
        """Whether there is anything that people added."""
        return bool(self.headers or self.own_headers or self.cells)


NOTHING = CarriedSheet()
"""Of a worksheet to which nobody added anything."""
