"""How a part is read: its columns and their types, by its own header, schema or keys."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from . import read_errors
from .csv_header import read_head, read_layout
from .listing import Kind, glob_pattern, kind_of
from .schema import InputError, TrackerTable, literal, printable, reason

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

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


def find_layout(
    connection: DuckDBPyConnection, table: TrackerTable, root: str, part: str
) -> Layout:
    """Return how a part is read.

    Args:
        connection: A connection that reads the root.
        table: The table of the part.
        root: A folder's path or an `s3://` prefix.
        part: The part's path below the root.

    Raises:
        InputError: It is not what its ending says, or a column is missing.
    """
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
