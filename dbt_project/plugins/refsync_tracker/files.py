"""The tracker's tables as exported files: CSV, Parquet or JSON, in a folder or on S3.

Each table is one file, such as `<table>.csv`, or a folder `<table>/` of such parts. Columns are
found by the names in each part's own header or schema, never by position. Each value is text until
staging casts it, except an instant or a number in Parquet.
"""

from __future__ import annotations

import re
from itertools import groupby
from typing import TYPE_CHECKING

from .layouts import Layout, find_layout
from .listing import S3, find_parts, glob_pattern, load_httpfs
from .schema import (
    PARTS,
    TABLES,
    InputError,
    TrackerTable,
    literal,
    mark_new_parts,
    printable,
    reason,
)
from .whole import fault_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from duckdb import DuckDBPyConnection

NUMBERS = re.compile(r"U?(TINY|SMALL|BIG|HUGE)INT|U?INTEGER|DOUBLE|DECIMAL\(.*\)")
"""The types of numbers in Parquet that a double can be made of as they are written."""

Found = dict[str, list[tuple[str, Layout]]]
"""The parts of each table, by the table's name and in the parts' order, with how each is read."""


def create_views(connection: DuckDBPyConnection, root: str) -> Found:
    """Fill the catalog `tracker` with one view per table, and the table `parts`.

    Args:
        connection: An open connection, with the catalog `tracker` attached and empty.
        root: A folder's path or an `s3://` prefix, as `real_root` returns it.

    Returns:
        What `show_new` needs.

    Raises:
        InputError: A table or a column is missing, or a file is not what its ending says.
    """
    if root.startswith(S3):
        load_httpfs(connection)
    connection.execute(PARTS)
    found: Found = {}
    for table in TABLES:
        parts = find_parts(connection, root, table)
        event_type = literal(table.event_type) if table.event_type else "null"
        rows = ", ".join(
            f"({event_type}, {literal(f'{root}/{part}')}, {literal(f'{version} {root}')}, true)"
            for part, version in parts.items()
        )
        connection.execute(f"insert into tracker.parts values {rows}")
        found[table.name] = [(part, find_layout(connection, table, root, part)) for part in parts]
        if table.event_type is None:
            _check_whole(connection, table, root, found[table.name])
        _create_view(connection, table, root, found[table.name])
    return found


def show_new(connection: DuckDBPyConnection, root: str, found: Found, changed_parts: str) -> None:
    """Let each event say whether its part is new or changed, so that old files are not opened.

    New and changed files are checked to be whole; the others were when they were counted.

    Args:
        connection: The connection that the views were created by.
        root: Where the files are.
        found: What `create_views` returned.
        changed_parts: A query for the parts that were added, changed or removed.

    Raises:
        InputError: A new or changed file is cut short or damaged.
    """
    mark_new_parts(connection, changed_parts)
    old = {
        path.removeprefix(f"{root}/")
        for (path,) in connection.execute(
            "select part from tracker.parts where event_type is not null and not is_new"
        ).fetchall()
    }
    for table in TABLES:
        if table.event_type is not None:
            new = [each for each in found[table.name] if each[0] not in old]
            _check_whole(connection, table, root, new)
            _create_view(connection, table, root, found[table.name], old)


def _check_whole(
    connection: DuckDBPyConnection, table: TrackerTable, root: str, parts: list[tuple[str, Layout]]
) -> None:
    """Refuse compressed parts that are cut short: DuckDB would read the rows before the cut."""
    for part, layout in parts:
        fault = fault_of(connection, f"{root}/{part}", layout.kind)
        if fault:
            raise InputError(f"{table.name}: {printable(part)} {fault}")


def _create_view(
    connection: DuckDBPyConnection,
    table: TrackerTable,
    root: str,
    parts: list[tuple[str, Layout]],
    old: Collection[str] = (),
) -> None:
    query = "\nunion all\n".join(_selects(table, root, parts, old))
    if table.event_type is None:
        # The later one of two rows counts, so the order of the files becomes a number.
        query = f"select *, row_number() over () as _row from ({query})"
    try:
        connection.execute(f"create or replace view tracker.{table.name} as {query}")
    except Exception as error:
        raise InputError(f"{table.name}: its files cannot be read: {reason(error)}") from error


def _selects(
    table: TrackerTable, root: str, parts: list[tuple[str, Layout]], old: Collection[str]
) -> Iterator[str]:
    """Yield one query per run of parts that are alike; new parts first, else in their order."""
    # A uuid stays a uuid only if it is one in all parts: otherwise all are text.
    uuids = {
        column
        for column in table.all_columns
        if all(_type(layout, column) == "UUID" for _, layout in parts)
    }
    parts = sorted(parts, key=lambda each: each[0] in old)
    runs = groupby(parts, key=lambda each: (each[1], each[0] not in old))
    for (layout, is_new), run in runs:
        columns = [_column(table, name, layout, keep=name in uuids) for name in table.all_columns]
        file = f'"{layout.file_column}"'
        columns.append(f"substr({file}, {len(root) + 2}) as _part")
        if table.event_type is not None:
            columns += [f"{file} as _file", f"{is_new} as _is_new"]
        patterns = [glob_pattern(f"{root}/{part}") for part, _ in run]
        yield f"select {', '.join(columns)}\nfrom {layout.reader(patterns)}"


def _type(layout: Layout, column: str) -> str | None:
    name = dict(layout.ours).get(column)
    return None if name is None else dict(layout.types)[name]


def _column(table: TrackerTable, column: str, layout: Layout, *, keep: bool) -> str:
    """Return the expression for one column: an instant or a number if the file has one, else text.

    Where the parts' types differ, DuckDB makes text of all.
    """
    kind = _type(layout, column)
    if kind is None:
        return f"cast(null as {'double' if column in table.numbers else 'varchar'}) as {column}"
    name = '"' + dict(layout.ours)[column].replace('"', '""') + '"'
    is_id = column == "id" or column.endswith("_id")
    if keep:
        return f"{name} as {column}"
    if kind == "BLOB" or kind.endswith("]") or kind.startswith(("STRUCT", "MAP", "UNION")):
        raise InputError(
            f"{table.name}: column {column} has the type {printable(kind)}; refsync reads text, "
            "numbers and timestamps there."
        )
    if is_id and kind == "FLOAT":
        raise InputError(
            f"{table.name}: column {column} has the type FLOAT, in which ids lose digits: export "
            "it as text or as a whole number."
        )
    value = f"cast({name} as varchar)"
    if is_id and kind == "DOUBLE":
        value = f"nullif({value}, 'nan')"
    elif column in table.numbers and NUMBERS.fullmatch(kind):
        value = f"cast({name} as double)"
    elif column in table.timestamps and kind == "TIMESTAMP WITH TIME ZONE":
        value = name
    elif column in table.timestamps and (kind == "DATE" or kind.startswith("TIMESTAMP")):
        # A time without a zone is UTC, as the tracker's SQLite and exporters write it.
        value = f"timezone('UTC', cast({name} as timestamp))"
    return f"{value} as {column}"
