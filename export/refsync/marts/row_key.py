"""The columns that tell a worksheet's rows apart, so that remarks stay beside their rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from refsync.marts.chart_meta import MetaError, column_from_meta
from refsync.marts.mart import unusable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from refsync.marts.mart import Mart
    from refsync.worksheet.table import Cell


def key_places(
    mart: Mart, columns: Sequence[str], cells: Sequence[Sequence[Cell]]
) -> tuple[int, ...]:
    """Return the indices of a mart's key columns; none if the whole row is the key.

    A key that dbt knows counts if all its columns are exported and no two rows have the same one: a
    snapshot has several rows of one `unique_key`, and a test may only warn. What the meta names is
    the key.

    Args:
        mart: The mart.
        columns: The names of the columns that are exported.
        cells: The cells of each of them.

    Raises:
        MartError: The meta's `key` names a column that is not exported.
    """
    places = {name.casefold(): place for place, name in enumerate(columns)}
    names = [name.casefold() for name in mart.key]
    if all(name in places for name in names):
        key = tuple(sorted({places[name] for name in names}))
        return key if mart.has_own_key or _is_unique([cells[place] for place in key]) else ()
    if mart.has_own_key:
        try:
            for name in mart.key:
                column_from_meta("key", name, columns)
        except MetaError as error:
            raise unusable(mart.model, str(error)) from error
    return ()


def _is_unique(columns: Sequence[Sequence[Cell]]) -> bool:
    rows = list(zip(*columns, strict=True))
    return len(set(rows)) == len(rows)
