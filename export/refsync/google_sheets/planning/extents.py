"""What covers a worksheet's rows: tables, a filter, bands, protected ranges.

Rows are added at the end of the grid, behind all of these; what reached to the end before does so
again. Their look and their criteria are their reader's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from refsync.errors import DestinationError
from refsync.google_sheets.api import requests
from refsync.worksheet.area import Area

if TYPE_CHECKING:
    from refsync.google_sheets.api.requests import Request
    from refsync.google_sheets.planning.columns import Layout
    from refsync.google_sheets.spreadsheet import Tab


def longer_tables(tab: Tab, height: int, layout: Layout) -> tuple[Request, ...]:
    """Return the requests that let typed tables over the worksheet reach as far as it does."""
    found = []
    own_width = layout.width - len(layout.inserted)
    for table in tab.tables:
        area = Area.from_json(table.get("range", {}))
        if area.top != 0 or area.left >= own_width or area.bottom is None or area.right is None:
            continue
        # Columns inserted inside a table widen it; one inserted right behind its last does not.
        right = requests.moved(area.right - 1, layout.inserted) + 1
        if area.left == 0 and area.right == own_width:
            right = layout.width
        left = requests.moved(area.left, layout.inserted)
        longer = Area(0, max(area.bottom, height), left, right)
        if longer.bottom != area.bottom or longer.right != area.right:
            found.append(requests.extend_table(tab.sheet_id, table["tableId"], longer))
    return tuple(found)


def longer_filter(tab: Tab, rows: int, layout: Layout) -> tuple[Request, ...]:
    """Return the request that lets a filter reach to the end of a grid that grows to `rows`."""
    basic_filter = tab.basic_filter or {}
    if tab.tables or rows <= tab.rows:  # a table brings a filter of its own
        return ()
    if basic_filter.get("range", {}).get("endRowIndex") != tab.rows:
        return ()
    return (requests.set_filter(basic_filter, layout.inserted, rows),)


def longer_bands(tab: Tab, rows: int, layout: Layout) -> tuple[Request, ...]:
    """Return the requests that let bands reach to the end of a grid that grows to `rows`.

    The bands of a typed table have no id of their own, and grow with the table (Sheets API,
    "BandedRange").
    """
    found = []
    tables = [Area.from_json(table.get("range", {})) for table in tab.tables]
    for bands in tab.bands:
        area = Area.from_json(bands.get("range", {}))
        if "bandedRangeId" not in bands or any(table.meets(area) for table in tables):
            continue
        if rows > tab.rows and area.bottom == tab.rows and area.right is not None:
            left = requests.moved(area.left, layout.inserted)
            right = requests.moved(area.right - 1, layout.inserted) + 1
            longer = Area(area.top, rows, left, right)
            found.append(requests.extend_bands(tab.sheet_id, bands["bandedRangeId"], longer))
    return tuple(found)


def has_criteria(tab: Tab) -> bool:
    """Whether the tab has a basic filter that may hide rows."""
    basic_filter = tab.basic_filter or {}
    return bool(basic_filter.get("filterSpecs") or basic_filter.get("criteria"))


def check_protection(tab: Tab, used: Area) -> None:
    """Raise a `DestinationError` if a protected range keeps refsync out of an area."""
    for protection in tab.protected:
        if protection.area.meets(used) and not any(area.holds(used) for area in protection.open):
            called = f" ({protection.description})" if protection.description else ""
            raise DestinationError(
                f"The range {protection.area.a1()} of the tab {tab.title!r} is protected{called} "
                "and refsync may not edit it: add refsync's account to those who may, or take "
                "the protection away."
            )
