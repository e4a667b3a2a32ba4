"""The columns that tell a mart's rows apart, so that remarks stay beside their rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from refsync.marts.chart_meta import MetaError, column_from_meta

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def row_key(
    node: Mapping[str, Any], meta: Mapping[str, Any], columns: Sequence[str]
) -> tuple[str, ...]:
    """Return the names of a mart's key columns; none if the whole row is the key.

    The meta's `key` comes first. Otherwise it is the primary key that dbt knows from constraints
    and tests, if all its columns are exported.

    Args:
        node: The model in the manifest.
        meta: Its meta.
        columns: The names of the columns that are exported.

    Raises:
        MetaError: The meta's `key` names no columns, or one that is not exported.
    """
    if "key" in meta:
        names = meta["key"]
        if not isinstance(names, list) or not names:
            raise MetaError(f"key {names!r} is not a list of columns")
        return tuple(column_from_meta("key", name, columns) for name in names)
    exported = {name.casefold(): name for name in columns}
    primary = [str(name).casefold() for name in node.get("primary_key") or ()]
    if all(name in exported for name in primary):
        return tuple(exported[name] for name in primary)
    return ()
