"""The tracker's tables as exported files: CSV, Parquet or JSON lines, in a folder or on S3.

Each table is one file `<table>.csv`, `.parquet` or `.jsonl`, or a folder `<table>/` of such parts.
Nothing is sniffed and nothing is matched by position: each part's own header or schema says where a
column is, and every value stays text until staging casts it, unless Parquet says that it is an
instant.
"""

from __future__ import annotations

import csv
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from .schema import PARTS, TABLES, InputError, TrackerTable, literal, load_extension, reason

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from duckdb import DuckDBPyConnection

ENDINGS = (".csv", ".parquet", ".jsonl")

CSV_DIALECT = """auto_detect = false, header = true, delim = ',', quote = '"', escape = '"'"""
"""RFC 4180. Both kinds of line end and a byte order mark are read as what they are."""

Schema = tuple[tuple[str, str], ...]
"""A part's columns in its own order: (name, DuckDB type)."""


def create_views(connection: DuckDBPyConnection, folder: str) -> None:
    """Fill the catalog `tracker` with one view per table, and the table `parts`.

    Args:
        connection: An open connection, with the catalog `tracker` attached and empty.
        folder: A folder's path, or an `s3://` prefix.

    Raises:
        InputError: A table or a column is missing, or a file is not what its ending says.
    """
    if not folder:
        raise InputError(
            "REFSYNC_RAW_DIR is not set: set it to the folder that holds the tracker's tables, "
            "or build the bundled sample with `--target sample`."
        )
    root = folder.rstrip("/")
    on_s3 = root.startswith("s3://")
    if on_s3:
        _load_httpfs(connection)
    versions = _versions_on_s3 if on_s3 else _versions_in_folder
    place = root if on_s3 else str(Path(root).absolute())
    connection.execute(PARTS)
    for table in TABLES:
        parts = _parts(table, root, versions(connection, root, table))
        connection.executemany(
            "insert into tracker.parts values (?, ?, ?)",
            [(table.event_type, part, f"{version} {place}") for part, version in parts.items()],
        )
        selects = list(_selects(connection, table, root, list(parts)))
        query = "\nunion all\n".join(selects)
        if table.event_type is None:
            # Which of two rows is the later one counts here, so the files' order becomes a number.
            query = f"select *, row_number() over () as _row from ({query})"
        connection.execute(f"create view tracker.{table.name} as {query}")


def _versions_in_folder(
    _connection: DuckDBPyConnection, root: str, table: TrackerTable
) -> dict[str, str]:
    """Return `{part: version}` of what a folder holds for a table; a version is size and mtime."""
    folder = Path(root)
    if not folder.is_dir():
        raise InputError(f"REFSYNC_RAW_DIR: the folder {root} does not exist.")
    paths = [
        *(folder / f"{table.name}{ending}" for ending in ENDINGS),
        *sorted((folder / table.name).rglob("*")),
    ]
    return {
        path.relative_to(folder).as_posix(): f"{path.stat().st_size}-{path.stat().st_mtime_ns}"
        for path in paths
        if path.is_file()
    }


def _versions_on_s3(
    connection: DuckDBPyConnection, root: str, table: TrackerTable
) -> dict[str, str]:
    """Return `{part: version}` of what lies below an S3 prefix for a table."""
    found: dict[str, str] = {}
    for pattern in (*(f"{table.name}{ending}" for ending in ENDINGS), f"{table.name}/**"):
        try:
            rows = connection.execute(
                "select filename, size, epoch_us(last_modified) from read_blob(?)",
                [f"{root}/{pattern}"],
            ).fetchall()
        except Exception as error:
            if "No files found" in str(error) or "404" in str(error):
                continue
            raise InputError(
                f"REFSYNC_RAW_DIR: {root} cannot be read: {reason(error)} Check the prefix and "
                "the AWS_ variables of the environment."
            ) from error
        found.update({name[len(root) + 1 :]: f"{size}-{time}" for name, size, time in rows})
    return found


def _load_httpfs(connection: DuckDBPyConnection) -> None:
    """Load httpfs, and tell it where the store is.

    httpfs itself reads the usual variables AWS_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and
    AWS_SESSION_TOKEN; stores other than Amazon's are named by AWS_ENDPOINT_URL, which it does not.
    """
    load_extension(connection, "httpfs", "s3")
    endpoint = urlsplit(os.environ.get("AWS_ENDPOINT_URL", ""))
    if endpoint.netloc:
        connection.execute("set global s3_endpoint = ?", [endpoint.netloc])
        connection.execute("set global s3_use_ssl = ?", [endpoint.scheme == "https"])
        connection.execute("set global s3_url_style = 'path'")


def _parts(table: TrackerTable, root: str, found: Mapping[str, str]) -> dict[str, str]:
    """Return the parts among the files found, by name; hidden files (`.x`, `_x`) are not parts."""
    parts = {
        name: version
        for name, version in sorted(found.items())
        if not any(step.startswith((".", "_")) for step in name.split("/"))
    }
    for name in parts:
        if not name.endswith(ENDINGS):
            raise InputError(
                f"{table.name}: {name} is not a file that refsync reads: parts end in "
                ".csv, .parquet or .jsonl; move it out of the folder."
            )
    whole = [name for name in parts if "/" not in name]
    if whole and len(parts) > 1:
        raise InputError(
            f"{table.name}: {root} holds both {whole[0]} and "
            f"{whole[1] if len(whole) > 1 else f'a folder {table.name}/'}: keep the one that is "
            "to be read."
        )
    if not parts:
        raise InputError(
            f"{table.name}: no such table in {root}: it is to be a file "
            f"{table.name}.csv, .parquet or .jsonl, or a folder {table.name}/ of such parts."
        )
    return parts


def _selects(
    connection: DuckDBPyConnection, table: TrackerTable, root: str, parts: list[str]
) -> Iterator[str]:
    """Yield one query per run of parts that are alike; the parts' order is kept."""
    runs: list[tuple[str, Schema, list[str]]] = []
    for part in parts:
        ending = Path(part).suffix
        path = _glob_literal(f"{root}/{part}")
        try:
            schema = _SCHEMA_OF[ending](connection, table, path)
        except InputError as error:
            raise InputError(f"{table.name}: {part} {error}") from error
        except Exception as error:
            raise InputError(f"{table.name}: {part} cannot be read: {reason(error)}") from error
        table.check(part, [name for name, _ in schema])
        if runs and runs[-1][:2] == (ending, schema):
            runs[-1][2].append(path)
        else:
            runs.append((ending, schema, [path]))
    # One part whose ids are text, and a uuid would be a wrong type for the others' too.
    uuids = {name for name in table.all_columns if all((name, "UUID") in run[1] for run in runs)}
    for ending, schema, paths in runs:
        columns = ",\n".join(
            name if name in uuids else _column(table, name, dict(schema))
            for name in table.all_columns
        )
        yield (
            f"select {columns},\nsubstr(filename, {len(root) + 2}) as _part\n"
            f"from {_reader(ending, schema, paths)}"
        )


def _csv_schema(connection: DuckDBPyConnection, _table: TrackerTable, path: str) -> Schema:
    """Return the names in a CSV file's first line; every type is text."""
    line = connection.execute(
        "select line from read_csv(?, auto_detect = false, header = false, delim = '\x01',"
        " quote = '', escape = '', columns = {'line': 'VARCHAR'}, strict_mode = false) limit 1",
        [path],
    ).fetchone()
    if line is None or not line[0]:
        raise InputError("is empty: a CSV file begins with a header line.")
    names = next(csv.reader([line[0]]))
    repeated = [name for name in names if names.count(name) > 1]
    if repeated:
        raise InputError(f"has two columns named {repeated[0]!r}.")
    return tuple((name, "VARCHAR") for name in names)


def _parquet_schema(connection: DuckDBPyConnection, _table: TrackerTable, path: str) -> Schema:
    """Return the columns and types of a Parquet file."""
    rows = connection.execute("describe select * from read_parquet(?)", [path]).fetchall()
    return tuple((row[0], row[1]) for row in rows)


def _jsonl_schema(connection: DuckDBPyConnection, table: TrackerTable, path: str) -> Schema:
    """Return the columns of `table` that some line of a JSON lines file has; every type is text.

    Exporters may leave out a key whose value is null, so one line's lack of it means nothing. A
    file without any line lacks nothing.
    """
    keys = "select distinct unnest(json_keys(json)) from (select json from {lines})"
    found: set[str] = set()
    for lines in ("read_ndjson_objects(?) limit 1", "read_ndjson_objects(?)"):
        found = {row[0] for row in connection.execute(keys.format(lines=lines), [path]).fetchall()}
        if not found or found.issuperset(table.columns):
            found.update(table.all_columns)
            break
    return tuple((name, "VARCHAR") for name in table.all_columns if name in found)


_SCHEMA_OF: Mapping[str, Callable[[DuckDBPyConnection, TrackerTable, str], Schema]] = {
    ".csv": _csv_schema,
    ".parquet": _parquet_schema,
    ".jsonl": _jsonl_schema,
}


def _reader(ending: str, schema: Schema, paths: list[str]) -> str:
    """Return the table function that reads parts of one schema, with a column `filename`."""
    files = "[" + ", ".join(literal(path) for path in paths) + "]"
    if ending == ".parquet":
        return f"read_parquet({files}, filename = true)"
    columns = _struct(dict(schema))
    if ending == ".csv":
        return f"read_csv({files}, {CSV_DIALECT}, columns = {columns}, filename = true)"
    return f"read_json({files}, format = 'newline_delimited', columns = {columns}, filename = true)"


def _column(table: TrackerTable, name: str, schema: Mapping[str, str]) -> str:
    """Return the expression that reads one column: an instant where the file says so, else text."""
    kind = schema.get(name)
    if kind is None:
        return f"cast(null as varchar) as {name}"
    if kind == "BLOB" or kind.endswith("]") or kind.startswith(("STRUCT", "MAP", "UNION")):
        raise InputError(
            f"{table.name}: column {name} has the type {kind}; refsync reads text, numbers and "
            "timestamps there."
        )
    if name in table.timestamps:
        if kind == "TIMESTAMP WITH TIME ZONE":
            return name
        if kind == "DATE" or kind.startswith("TIMESTAMP"):
            # A time without a zone is UTC: so the tracker's SQLite and exporters write it.
            return f"timezone('UTC', cast({name} as timestamp)) as {name}"
    return f"cast({name} as varchar) as {name}"


def _struct(types: Mapping[str, str]) -> str:
    return "{" + ", ".join(f"{literal(name)}: '{kind}'" for name, kind in types.items()) + "}"


def _glob_literal(path: str) -> str:
    """Return `path` so that DuckDB, which takes every path as a pattern, finds just that file."""
    return re.sub(r"([*?\[])", r"[\1]", path)
