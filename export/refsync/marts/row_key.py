"""The columns that tell a worksheet's rows apart, so that remarks stay beside their rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from refsync.marts.chart_meta import MetaError, column_from_meta
from refsync.marts.mart import unusable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from refsync.marts.mart import Mart


def key_places(mart: Mart, columns: Sequence[str]) -> tuple[int, ...]:
    """Return the indices of a mart's key columns; none if the whole row is the key.

    A key that dbt knows counts if all its columns are exported.

    Args:
        mart: The mart.
        columns: The names of the columns that are exported.

    Raises:
        MartError: The meta's `key` names a column that is not exported.
    """
    places = {name.casefold(): place for place, name in enumerate(columns)}
    names = [name.casefold() for name in mart.key]
    if all(name in places for name in names):
        return tuple(sorted({places[name] for name in names}))
    if mart.has_own_key:
        try:
            for name in mart.key:
                column_from_meta("key", name, columns)
        except MetaError as error:
            raise unusable(mart.model, str(error)) from error
    return ()
