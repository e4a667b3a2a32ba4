"""The contents of a workbook: a tab for each table, and dashboards before them."""

from __future__ import annotations

import logging
from datetime import datetime
from io import BytesIO
from types import MappingProxyType
from typing import TYPE_CHECKING

import xlsxwriter

from refsync.excel.carried import NOTHING, CarriedSheet
from refsync.excel.dashboard import add_dashboard
from refsync.excel.formats import Formats
from refsync.excel.kept_tab import NO_TAB, KeptTab, write_kept
from refsync.excel.own_marks import properties
from refsync.excel.record import PROPERTY, record
from refsync.excel.sheet import add_worksheet
from refsync.report import build_in_words
from refsync.worksheet.build import Build
from refsync.worksheet.remarks import TITLE as KEPT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from refsync.worksheet.table import Table

logger = logging.getLogger(__name__)

_UNKNOWN_TIME = datetime(1980, 1, 1)  # noqa: DTZ001 - XlsxWriter's own for the files inside
MAX_CELLS_IN_MEMORY = 500_000
"""Cells that XlsxWriter keeps until it writes a workbook, 200 bytes each."""

NOTHING_CARRIED: Mapping[str, CarriedSheet] = MappingProxyType({})
"""What people added to a workbook that is new."""


def workbook_content(
    tables: Sequence[Table],
    carried: Mapping[str, CarriedSheet] = NOTHING_CARRIED,
    kept: KeptTab = NO_TAB,
) -> bytes:
    """Return the bytes of the workbook, the same for the same tables.

    Args:
        tables: What it is to hold.
        carried: What people added to its worksheets, by their titles.
        kept: The tab of the kept remarks, which is there if it is needed.
    """
    content = BytesIO()
    cells = sum(len(table.rows) * len(table.columns) for table in tables)
    # Of many cells, XlsxWriter's own objects would take gigabytes: they go to a temporary file.
    mode = "constant_memory" if cells > MAX_CELLS_IN_MEMORY else "in_memory"
    workbook = xlsxwriter.Workbook(content, {mode: True, "use_zip64": True})
    build = tables[0].build if tables else Build()
    words = build_in_words(build)
    workbook.set_properties({"created": build.finished_at or _UNKNOWN_TIME, "comments": words})
    has_remarks = kept.is_needed or any(sheet.has_any for sheet in carried.values())
    titles = [*tab_titles(tables), *([KEPT] if kept.is_needed else ())]
    workbook.set_custom_property(PROPERTY, record(build, titles, has_remarks=has_remarks))
    for name, text in properties(tables):
        workbook.set_custom_property(name, text)
    formats = Formats(workbook)
    # Tabs have the order in which they are added.
    dashboards = [
        (table, workbook.add_worksheet(table.dashboard.title))
        for table in tables
        if table.dashboard
    ]
    shown = [sheet for _, sheet in dashboards]
    may_hide = bool(dashboards) or not all(table.hidden_tab for table in tables)
    for table in tables:
        logger.info("Writing %s.", table.worksheet)
        added = carried.get(table.worksheet, NOTHING)
        is_hidden = table.hidden_tab and may_hide
        sheet = add_worksheet(workbook, table, added, formats, is_hidden=is_hidden)
        if not is_hidden:
            shown.append(sheet)
    if tables:
        # Excel does not open a workbook whose active tab is hidden.
        shown[0].activate()
    for table, sheet in dashboards:
        add_dashboard(workbook, sheet, table)
    if kept.is_needed:
        write_kept(workbook.add_worksheet(KEPT), kept, formats)
    workbook.close()
    return content.getvalue()


def tab_titles(tables: Sequence[Table]) -> list[str]:
    """Return the titles of a workbook's tabs, in their order."""
    dashboards = [table.dashboard.title for table in tables if table.dashboard]
    return [*dashboards, *(table.worksheet for table in tables)]
