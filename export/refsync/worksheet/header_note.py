"""The note of a column's header: what the column is, and the sum of its numbers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from refsync.worksheet.table import Table

_TOTAL = re.compile(r"(?:^|\n)Total(?: up to \d{4}-\d\d-\d\d)?: -?[\d,.]+\Z")


def header_note(table: Table, index: int) -> str:
    """Return the note of a column's header; empty if there is nothing to say."""
    column = table.columns[index]
    return "\n".join(line for line in (column.description, _total(table, index)) if line)


def without_total(note: str) -> str:
    r"""Return a note without the line of its total.

    >>> without_total("Signups.\nTotal up to 2026-10-31: 1,234")
    'Signups.'
    """
    return _TOTAL.sub("", note)


def _total(table: Table, index: int) -> str:
    """Return the line with a column's total; empty for a column without."""
    if not table.columns[index].total:
        return ""
    cells = (row[index] for row in table.rows)
    total = sum(cell for cell in cells if isinstance(cell, int | float))
    as_of = table.build.as_of_date
    shown = f"{total:,}" if isinstance(total, int) else f"{total:,.2f}"
    return f"Total{f' up to {as_of}' if as_of else ''}: {shown}"
