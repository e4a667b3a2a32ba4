"""The note of a column's header: what the column is, and the sum of its numbers."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation, localcontext
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from refsync.worksheet.table import Cell, Table

_MOST_AS_FLOAT = 1e13
"""From here on, a float may have no digits left for the cents."""

_PRECISION = 100
"""More digits than the sum of any database's exact numbers has."""

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


def _sum(cells: Sequence[Cell]) -> int | float | Decimal | None:
    """Return the sum of a column's cells, of which long numbers are texts.

    It is `None` where one of them is no number.
    """
    numbers = [cell for cell in cells if isinstance(cell, int | float)]
    total = sum(numbers)
    if len(numbers) == len(cells) and (isinstance(total, int) or abs(total) < _MOST_AS_FLOAT):
        return total
    try:
        with localcontext() as context:
            context.prec = _PRECISION
            exact = sum((Decimal(str(cell)) for cell in cells), Decimal())
    except InvalidOperation:
        return None
    if not exact.is_finite():
        return None
    is_whole = not any(isinstance(cell, float) or "." in str(cell) for cell in cells)
    return int(exact) if is_whole else exact


def _total(table: Table, index: int) -> str:
    """Return the line with a column's total; empty for a column without."""
    if not table.columns[index].total:
        return ""
    total = _sum([cell for row in table.rows if (cell := row[index]) is not None])
    if total is None:
        return ""
    as_of = table.build.as_of_date
    shown = f"{total:,}" if isinstance(total, int) else f"{total:,.2f}"
    return f"Total{f' up to {as_of}' if as_of else ''}: {shown}"
