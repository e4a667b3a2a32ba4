"""What is done to what covers a worksheet's rows, so that they can be written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from refsync.google_sheets.api import requests
from refsync.google_sheets.planning.extents import (
    check_protection,
    has_criteria,
    longer_bands,
    longer_filter,
    longer_tables,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from refsync.google_sheets.api.requests import Request
    from refsync.google_sheets.planning.columns import Layout
    from refsync.google_sheets.spreadsheet import Tab
    from refsync.worksheet.area import Area


@dataclass(frozen=True)
class CoverPlan:
    """What is done to merged cells, a filter, tables and bands.

    Attributes:
        undo: Requests that separate merged cells, and clear a filter.
        longer: Requests that let tables and bands reach as far as the worksheet does.
        again: Requests that set the filter again, or let it reach as far.
        notes: What the tab's reader should know of that.
    """

    undo: tuple[Request, ...] = ()
    longer: tuple[Request, ...] = ()
    again: tuple[Request, ...] = ()
    notes: tuple[str, ...] = ()


def plan_covers(  # noqa: PLR0913 - what is known of a tab
    tab: Tab, layout: Layout, used: Sequence[Area], *, height: int, rows: int, may_filter: bool
) -> CoverPlan:
    """Return what is done to what covers the rows of a tab.

    Args:
        tab: As it was read.
        layout: Where refsync's columns are.
        used: The areas that are written.
        height: How many rows the worksheet is to have.
        rows: How many the grid is to have at least.
        may_filter: Whether the filter may be changed.

    Raises:
        DestinationError: A protected range is in the way.
    """
    for area in used:
        check_protection(tab, area)
    merges = [merge for merge in tab.merges if any(map(merge.meets, used))]
    undo = [requests.unmerge(tab.sheet_id, merge) for merge in merges]
    notes = [f"separates the merged cells {merge.a1()}" for merge in merges]
    again: tuple[Request, ...] = ()
    if not may_filter:
        notes.append("leaves its filter as it is")
    else:
        again = longer_filter(tab, rows, layout)
        if has_criteria(tab):
            # A copy leaves out the rows that a filter hides.
            undo.append(requests.clear_filter(tab.sheet_id))
            again = again or (requests.set_filter(tab.basic_filter or {}, layout.inserted),)
    longer = longer_tables(tab, height, layout) + longer_bands(tab, rows, layout)
    return CoverPlan(tuple(undo), longer, again, tuple(notes))
