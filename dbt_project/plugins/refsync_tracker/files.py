"""The tracker's tables as exported files: CSV, Parquet or JSON, in a folder or on S3.

Each table is one file, such as `<table>.csv`, or a folder `<table>/` of such parts. Columns are
found by the names in each part's own header or schema, never by position. Each value is text until
staging casts it, except an instant or a number in Parquet.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING

from . import read_errors
from .csv_header import read_head, read_layout
from .listing import S3, Kind, find_parts, glob_pattern, kind_of, load_httpfs
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

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from duckdb import DuckDBPyConnection

NUMBERS = re.compile(r"U?(TINY|SMALL|BIG|HUGE)INT|U?INTEGER|DOUBLE|DECIMAL\(.*\)")
"""The types of numbers in Parquet that a double can be made of as they are written."""

CSV_DIALECT = """auto_detect = false, header = true, quote = '"', escape = '"', \
max_line_size = 16000000, buffer_size = 32000000"""
"""RFC 4180, with both kinds of line end, and with or without a byte order mark."""


@dataclass(frozen=True)
class Layout:
    """How a part is read; parts with the same layout are read together.

    Attributes:
        kind: Its format and compression.
        types: All its columns in their order: (name, DuckDB type).
        ours: Our columns among them: (column, name).
        delimiter: The separator of a CSV file.
    """

    kind: Kind
    types: tuple[tuple[str, str], ...]
    ours: tuple[tuple[str, str], ...]
    delimiter: str = field(default=",", kw_only=True)

    @property
    def file_column(self) -> str:
        """The name of the column with the file's path; DuckDB skips files by this name only."""
        names = {name.lower() for name, _ in self.types}
        return "filename" if "filename" not in names else "refsync file name"

    def reader(self, patterns: list[str]) -> str:
        """Return the table function that reads parts of this layout."""
        files = "[" + ", ".join(literal(pattern) for pattern in patterns) + "]"
        # A folder such as id=7/ is a name, not a column.
        always = f"filename = {literal(self.file_column)}, hive_partitioning = false"
        if self.kind.format == "parquet":
            return f"read_parquet({files}, {always})"
        columns = ", ".join(f"{literal(name)}: '{kind}'" for name, kind in self.types)
        always += f", columns = {{{columns}}}, compression = '{self.kind.compression}'"
        if self.kind.format == "csv":
            return f"read_csv({files}, {CSV_DIALECT}, delim = {literal(self.delimiter)}, {always})"
        return f"read_json({files}, format = 'auto', {always})"


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
        found[table.name] = [(part, _layout(connection, table, root, part)) for part in parts]
        _create_view(connection, table, root, found[table.name])
    return found


def show_new(connection: DuckDBPyConnection, root: str, found: Found, changed_parts: str) -> None:
    """Let each event say whether its part is new or changed, so that old files are not opened.

    Args:
        connection: The connection that the views were created by.
        root: Where the files are.
        found: What `create_views` returned.
        changed_parts: A query for the parts that were added, changed or removed.
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
            _create_view(connection, table, root, found[table.name], old)


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


def _layout(connection: DuckDBPyConnection, table: TrackerTable, root: str, part: str) -> Layout:
    kind = kind_of(part)
    shown = printable(part)
    assert kind is not None  # noqa: S101 - the listing has checked it
    pattern = glob_pattern(f"{root}/{part}")
    try:
        if kind.format == "parquet":
            return _parquet_layout(connection, table, shown, kind, pattern)
        if kind.format == "json":
            return _json_layout(connection, table, shown, kind, pattern)
        head = read_head(connection, f"{root}/{part}", pattern, kind.compression)
        delimiter, names = read_layout(table, shown, head)
    except InputError as error:
        if str(error).startswith(f"{table.name}: "):
            raise
        raise InputError(f"{table.name}: {shown} {error}") from error
    except Exception as error:
        raise read_errors.explain(error, root) or InputError(
            f"{table.name}: {shown} cannot be read: {reason(error)}"
        ) from error
    ours = {name: column for column, name in table.find(shown, names).items()}
    # Other columns are numbers here, so that their names cannot collide with ours.
    columns = [ours.get(name, f"#{number}") for number, name in enumerate(names)]
    return Layout(
        kind,
        tuple((column, "VARCHAR") for column in columns),
        tuple((column, column) for column in ours.values()),
        delimiter=delimiter,
    )


def _parquet_layout(
    connection: DuckDBPyConnection, table: TrackerTable, part: str, kind: Kind, pattern: str
) -> Layout:
    """Return the columns and types of a Parquet file."""
    described = connection.execute(
        f"describe select * from read_parquet({literal(pattern)}, hive_partitioning = false)"
    ).fetchall()
    types = tuple((row[0], row[1]) for row in described)
    known = {name.lower() for name, _ in types}
    if any(f"{column}_1" in known and column in known for column in table.all_columns):
        # To DuckDB, names in another case are the same: it may have renamed one of these.
        table.find(part, _parquet_names(connection, pattern))
    found = table.find(part, [name for name, _ in types])
    return Layout(kind, types, tuple(found.items()))


def _parquet_names(connection: DuckDBPyConnection, pattern: str) -> list[str]:
    """Return the names of a Parquet file's columns as it has them."""
    rows = connection.execute(
        f"select name, coalesce(num_children, 0) from parquet_schema({literal(pattern)})"
    ).fetchall()
    names: list[str] = []
    inside = 0  # how many of the next names are nested in a column
    for name, children in rows[1:]:
        if inside:
            inside -= 1
        else:
            names.append(name)
        inside += children
    return names


def _json_layout(
    connection: DuckDBPyConnection, table: TrackerTable, part: str, kind: Kind, pattern: str
) -> Layout:
    """Return our columns in a JSON file; every type is text.

    Exporters may leave out a key with a null value. So if the first row lacks a required key in our
    spelling, all rows are read. A file without rows misses no column.
    """
    objects = (
        f"select json from read_json_objects({literal(pattern)}, format = 'auto',"
        f" compression = '{kind.compression}')"
    )
    names: list[str] = []
    for limit in ("limit 1", ""):
        rows = connection.execute(
            f"select distinct unnest(json_keys(json)) as name from ({objects} {limit}) "
            "where json_type(json) = 'OBJECT' order by name"
        )
        names = [row[0] for row in rows.fetchall()]
        if names and {*table.columns}.issubset(names):
            break
    found = table.find(part, names) if names else {}
    ours = {column: found.get(column, column) for column in table.all_columns}
    return Layout(kind, tuple((name, "VARCHAR") for name in ours.values()), tuple(ours.items()))


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
