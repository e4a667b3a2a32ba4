"""The files of a folder, or of an S3 prefix: which table each is a part of, and its version.

This module walks a local folder itself, because DuckDB's patterns skip folders that they cannot
enter. Links are followed. Names that begin with a dot or an underscore are ignored, as in many
tools. Any other file that is no export is an error that names it.
"""

from __future__ import annotations

import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from .environment import hint_of_env_file, refuse_secret
from .schema import InputError, TrackerTable, load_extension, printable, reason

if TYPE_CHECKING:
    from collections.abc import Iterator

    from duckdb import DuckDBPyConnection

S3 = "s3://"

READ = ".csv, .parquet or .jsonl"
"""The endings that an error names; the others are spellings of these."""

_ENDING = re.compile(
    r"(?:[.](?P<csv>csv)|[.](?P<json>jsonl?|ndjson))(?:[.](?P<compression>gz|zst))?$"
    r"|[.](?P<parquet>parquet|parq|pq)$",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Kind:
    """The kind of a file, by its name.

    Attributes:
        format: `csv`, `json` or `parquet`.
        compression: DuckDB's word for its compression: `uncompressed`, `gzip` or `zstd`.
    """

    format: str
    compression: str


def kind_of(name: str) -> Kind | None:
    """Return the kind of a file by its name, or None if it is no export."""
    found = _ENDING.search(name)
    if found is None:
        return None
    written = next(key for key in ("csv", "json", "parquet") if found[key])
    ending = (found["compression"] or "").lower()
    return Kind(written, {"": "uncompressed", "gz": "gzip", "zst": "zstd"}[ending])


def real_root(raw_dir: str) -> str:
    """Return the folder of `REFSYNC_RAW_DIR`: an absolute path without links, or an S3 prefix.

    Raises:
        InputError: It is no folder. The sentence does not repeat a value that names nothing: it may
            be another setting's, such as a key.
    """
    if not raw_dir:
        raise InputError(
            "REFSYNC_RAW_DIR is not set: set it to the folder with the tracker's tables, "
            "or build the bundled sample with `--target sample`."
            f"{hint_of_env_file('REFSYNC_RAW_DIR')}"
        )
    refuse_secret("REFSYNC_RAW_DIR", raw_dir)
    if raw_dir.startswith(S3) and "@" not in raw_dir:
        return raw_dir.rstrip("/")
    if "://" in raw_dir and not Path(raw_dir).is_dir():
        raise InputError(
            "REFSYNC_RAW_DIR is a URL that the target `files` does not read: set it to a folder or "
            "to s3://bucket/prefix. A database's URL belongs in REFSYNC_TRACKER_URL."
        )
    try:
        root = os.path.realpath(raw_dir, strict=True)
        if not _is_utf_8(root):
            raise InputError(
                f"REFSYNC_RAW_DIR: the name of {printable(root)} is not UTF-8: rename it."
            )
        if not Path(root).is_dir():
            raise InputError(
                f"REFSYNC_RAW_DIR: {printable(root)} is a file: set it to the folder with "
                "the tracker's tables."
            )
    except PermissionError as error:
        raise InputError(
            "REFSYNC_RAW_DIR: this user may not enter a folder above it: grant access to "
            "every folder on its path."
        ) from error
    except (OSError, ValueError) as error:
        seen = "" if Path(raw_dir).is_absolute() else f", seen from {printable(str(Path.cwd()))}"
        hint = " A leading ~ is not expanded." if raw_dir.startswith("~") else ""
        raise InputError(
            f"REFSYNC_RAW_DIR: the folder that it names does not exist{seen}: set it to the folder "
            f"with the tracker's tables.{hint}"
        ) from error
    return root


def find_parts(connection: DuckDBPyConnection, root: str, table: TrackerTable) -> dict[str, str]:
    """Return `{part: version}` of a table, by name; a part is a file's path below the root.

    Raises:
        InputError: There is no export, more than one, or a file that cannot be read.
    """
    listed = _on_s3(connection, root, table) if root.startswith(S3) else _in_folder(root, table)
    parts = dict(sorted(listed))
    for name in parts:
        if kind_of(name) is None:
            raise InputError(
                f"{table.name}: {printable(name)} is not a file that refsync reads: parts end in "
                f"{READ}, and text may be compressed as .gz or .zst; move it out of the folder."
            )
    whole = [name for name in parts if "/" not in name]
    if whole and len(parts) > 1:
        other = whole[1] if len(whole) > 1 else f"a folder {table.name}/"
        raise InputError(
            f"{table.name}: {printable(root)} holds both {printable(whole[0])} and "
            f"{printable(other)}: keep one of them."
        )
    if not parts:
        raise InputError(
            f"{table.name}: no such table in {printable(root)}: export it as a file "
            f"{table.name}{READ.replace(', ', f', {table.name}')}, or as a folder {table.name}/ "
            "of such parts."
        )
    return parts


def _in_folder(root: str, table: TrackerTable) -> Iterator[tuple[str, str]]:
    """Yield (part, version) of a table's files in a folder.

    A new file with the same size and time still has another change time or inode.
    """
    for entry in _entries(table, Path(root), "."):
        if entry.lower() == table.name:
            found = _stat(table, Path(root, entry), entry)
            if not stat.S_ISDIR(found.st_mode):
                raise InputError(
                    f"{table.name}: {printable(entry)} is a file without an ending: add its "
                    f"format's, which is {READ}."
                )
            yield from _below(table, Path(root, entry), entry, ())
        elif entry.lower().startswith(f"{table.name}."):
            found = _stat(table, Path(root, entry), entry)
            if stat.S_ISDIR(found.st_mode):
                raise InputError(
                    f"{table.name}: {printable(entry)} is a folder: name it {table.name} if the "
                    "table's parts are in it."
                )
            yield entry, _version(found)


def _below(
    table: TrackerTable, folder: Path, name: str, above: tuple[tuple[int, int], ...]
) -> Iterator[tuple[str, str]]:
    """Yield (part, version) of the files in a folder and in those below it.

    Args:
        table: The table of these parts.
        folder: The folder's path.
        name: Its path below the root.
        above: The devices and inodes of the folders above it.
    """
    found = _stat(table, folder, name)
    here = (found.st_dev, found.st_ino)
    if here in above:
        raise InputError(
            f"{table.name}: {printable(name)} is a link to a folder above it: remove the link."
        )
    for entry in _entries(table, folder, name):
        part = f"{name}/{entry}"
        found = _stat(table, folder / entry, part)
        if stat.S_ISDIR(found.st_mode):
            within = list(_below(table, folder / entry, part, (*above, here)))
            if not within and kind_of(entry):
                raise InputError(
                    f"{table.name}: {printable(part)} is a folder without a part, though it is "
                    "named like a file: remove it, or put the file in its place."
                )
            yield from within
        else:
            yield part, _version(found)


def _entries(table: TrackerTable, folder: Path, name: str) -> list[str]:
    """Return the names in a folder that are not ignored."""
    try:
        return [
            entry
            for entry in sorted(path.name for path in folder.iterdir())
            if not entry.startswith((".", "_"))
        ]
    except OSError as error:
        raise _unreadable(table, name, error) from error


def _stat(table: TrackerTable, path: Path, name: str) -> os.stat_result:
    """Return the status of the folder or file at a path."""
    if not _is_utf_8(name):
        raise InputError(f"{table.name}: the name of {printable(name)} is not UTF-8: rename it.")
    try:
        found = path.stat()
    except FileNotFoundError as error:
        raise InputError(
            f"{table.name}: {printable(name)} is a link to nothing: remove it, or restore its "
            "target."
        ) from error
    except OSError as error:
        raise _unreadable(table, name, error) from error
    if not (stat.S_ISDIR(found.st_mode) or stat.S_ISREG(found.st_mode)):
        raise InputError(
            f"{table.name}: {printable(name)} is neither a file nor a folder, but a pipe, socket "
            "or device: remove it."
        )
    return found


def _is_utf_8(name: str) -> bool:
    """Whether a path is text; Python has surrogates for the bytes of another encoding."""
    return not any("\ud800" <= char <= "\udfff" for char in name)


def _unreadable(table: TrackerTable, name: str, error: OSError) -> InputError:
    place = "the folder REFSYNC_RAW_DIR" if name == "." else printable(name)
    return InputError(
        f"{table.name}: {place} cannot be read: {(error.strerror or 'no reason').lower()}."
    )


def _version(found: os.stat_result) -> str:
    return f"{found.st_size}-{found.st_mtime_ns}-{found.st_ctime_ns}-{found.st_ino}"


def _on_s3(
    connection: DuckDBPyConnection, root: str, table: TrackerTable
) -> Iterator[tuple[str, str]]:
    """Yield (part, version) of a table's files below an S3 prefix; a key that ends in / is none.

    DuckDB shows no ETag, but S3 keeps the time of every upload, and nobody can set it.
    """
    for pattern in (f"{table.name}.*", f"{table.name}/**"):
        try:
            rows = connection.execute(
                "select filename, size, epoch_us(last_modified) from read_blob(?)",
                [f"{glob_pattern(root)}/{pattern}"],
            ).fetchall()
        except Exception as error:
            if "No files found" in str(error) or "404" in str(error):
                continue
            raise InputError(
                f"REFSYNC_RAW_DIR: {printable(root)} cannot be read: {reason(error)} Check the "
                "prefix and the AWS_ variables of the environment."
            ) from error
        for path, size, time in rows:
            name = path[len(root) + 1 :]
            hidden = any(step.startswith((".", "_")) for step in name.split("/"))
            if not hidden and not name.endswith("/"):
                yield name, f"{size}-{time}"


def load_httpfs(connection: DuckDBPyConnection) -> None:
    """Load httpfs, and set the store's address.

    httpfs itself reads AWS_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN.
    It does not read AWS_ENDPOINT_URL, which names a store that is not Amazon's.
    """
    load_extension(connection, "httpfs", "s3")
    endpoint = urlsplit(os.environ.get("AWS_ENDPOINT_URL", ""))
    if endpoint.netloc:
        connection.execute("set global s3_endpoint = ?", [endpoint.netloc])
        connection.execute("set global s3_use_ssl = ?", [endpoint.scheme == "https"])
        connection.execute("set global s3_url_style = 'path'")


def glob_pattern(path: str) -> str:
    """Return the pattern for one path; to DuckDB every path is a pattern."""
    return re.sub(r"([*?\[])", r"[\1]", path)
