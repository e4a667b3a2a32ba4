"""Where new tabs go among those of a spreadsheet."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from refsync.google_sheets.spreadsheet import Spreadsheet, Tab
    from refsync.worksheet.table import Table


def new_tab_indices(
    tables: Sequence[Table], found: Mapping[str, Tab | None], spreadsheet: Spreadsheet
) -> dict[str, int]:
    """Return the indices at which the missing tabs are added, one after the other.

    A tab is added behind that of the nearest worksheet before it, or else before that of the
    nearest one after it. Without either it becomes the last, but for a staging tab that is added
    before the commit.

    Args:
        tables: What the worksheets are to hold, in the order in which their tabs are added.
        found: The tabs of these worksheets, by the worksheets' titles; `None` is a missing one.
        spreadsheet: As it was read.
    """
    tabs: list[int | str] = [tab.sheet_id for tab in spreadsheet.tabs]
    known: dict[str, int | str] = {tab.title: tab.sheet_id for tab in spreadsheet.tabs}
    known |= {name: record.sheet_id for name, record in spreadsheet.records.tabs.items()}
    known |= {name: tab.sheet_id for name, tab in found.items() if tab}
    indices: dict[str, int] = {}
    for table in tables:
        title = table.worksheet
        if found[title]:
            continue
        order = table.order if title in table.order else [each.worksheet for each in tables]
        place = order.index(title)
        before = (known[name] for name in reversed(order[:place]) if known.get(name) in tabs)
        after = (known[name] for name in order[place + 1 :] if known.get(name) in tabs)
        index = len(tabs)
        if (neighbour := next(before, None)) is not None:
            index = tabs.index(neighbour) + 1
        elif (neighbour := next(after, None)) is not None:
            index = tabs.index(neighbour)
        indices[title] = index
        tabs.insert(index, title)
        known[title] = title
    return indices
