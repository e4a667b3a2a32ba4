"""refsync's own DuckDB file, opened once before dbt opens it: an error is one sentence."""

from __future__ import annotations

import os
import re
import shutil
from contextlib import suppress
from pathlib import Path
from typing import Any

import duckdb

from .schema import InputError, printable

VARIABLE = "REFSYNC_DUCKDB_PATH"

MEMORY = re.compile(r"\d+(\.\d+)?\s*[KMGT]i?B", re.IGNORECASE | re.ASCII)

RESERVED = frozenset(
    {
        *("main", "temp", "system", "pg_catalog", "information_schema"),
        *("tracker", "tracker_database", "refsync_fresh"),
    }
)
"""Names that DuckDB, or this plugin, uses for something else than the file."""

PLAIN = re.compile(r"[^\x00-\x1f'\"`{}]+")
"""Names that dbt writes into SQL as they are."""

ERROR_SHARING_VIOLATION = 32
"""Windows' number for a file that another process has locked; the error's text is localised."""


def check(path: str, config: dict[str, Any]) -> None:
    """Open and close the file; create it if there is none. Only its owner may read it.

    Raises:
        InputError: It cannot be opened.
    """
    memory = str(config.get("memory_limit", "1GB"))
    if not MEMORY.fullmatch(memory.strip()) or not re.search("[1-9]", memory):
        raise InputError(
            "REFSYNC_MEMORY_LIMIT is not an amount of memory: set it to a number with a unit, such "
            "as 3GB."
        )
    if "://" in path or "\0" in path:
        raise InputError(f"{VARIABLE} is not the path of a file: set it to one.")
    if not path.strip() or path.startswith(":memory:"):
        raise InputError(
            f"{VARIABLE} names no file, so nothing would be kept: set it to a file such as "
            "refsync.duckdb."
        )
    target = Path(os.path.realpath(path))
    for name in (Path(path).name, target.name):
        if _catalog(name).lower() in RESERVED or not PLAIN.fullmatch(_catalog(name)):
            raise InputError(
                f"{VARIABLE}: a DuckDB file cannot be used here under the name {printable(name)}: "
                "choose another one, such as refsync.duckdb."
            )
    if Path(path).is_symlink() and _catalog(target.name) != _catalog(Path(path).name):
        raise InputError(
            f"{path} is a link to {target}, and DuckDB uses that name: set {VARIABLE} to that "
            "file, or give the link its name."
        )
    # Older versions left a copy of the tracker here if they were stopped.
    for leftover in (f"{path}.tracker", f"{path}.tracker-journal"):
        with suppress(OSError):
            Path(leftover).unlink()
    damaged = (
        f"{path} is damaged, or is not a DuckDB database: delete it or move it away, then run "
        "`dbt build`, which counts everything again."
    )
    if _is_foreign(Path(path)):
        raise InputError(damaged)
    # The file has addresses of people. DuckDB itself would create it for everybody.
    umask = os.umask(0o077)
    try:
        duckdb.connect(path, config=config).close()
    except duckdb.Error as error:
        sentence = _sentence(Path(path), str(error)) or damaged
        raise InputError(sentence) from None
    finally:
        os.umask(umask)


def protect_log(path: Path) -> None:
    """Let nobody read the log of the file's newest rows who may not read the file.

    DuckDB writes this log beside the file. It removes the log when the run ends well.
    """
    with suppress(OSError):
        shutil.copymode(path, path.with_name(f"{path.name}.wal"))


def _catalog(name: str) -> str:
    """Return the catalog's name in dbt and DuckDB for a file with this name."""
    return name.lstrip(".").partition(".")[0]


def _is_foreign(path: Path) -> bool:
    """Whether a file does not begin as DuckDB's do.

    DuckDB opens SQLite files too, and dbt would write into them.
    """
    with suppress(OSError), path.open("rb") as file:
        return file.read(12)[8:] != b"DUCK"
    return False


def _sentence(path: Path, message: str) -> str:
    """Return why a file cannot be opened; the empty text if it is damaged."""
    folder = path.absolute().parent
    if path.is_dir():
        return f"{path} is a folder: set {VARIABLE} to a file."
    if not folder.is_dir():
        return f"The folder {folder} does not exist: make it, or set {VARIABLE} to another place."
    if message.startswith("IO Error: Could not set lock on file") or _is_kept_by_another(path):
        return (
            f"{path} is in use by another process, such as a dbt build that still runs: wait until "
            "it has ended, then run this again."
        )
    if not os.access(path if path.exists() else folder, os.R_OK | os.W_OK):
        return (
            f"{path} cannot be written: let this user write to it and to its folder, or set "
            f"{VARIABLE} to another place."
        )
    if re.search("valid DuckDB database|Corrupt|enough bytes|[Ss]erializ|checksum", message):
        return ""
    words = message.splitlines()[0].split("Error: ", 1)[-1].rstrip(".")
    return f"{path} cannot be opened: {words}. Set {VARIABLE} to another file if it is not yours."


def _is_kept_by_another(path: Path) -> bool:
    try:
        path.open("rb").close()
    except OSError as error:
        return getattr(error, "winerror", None) == ERROR_SHARING_VIOLATION
    return False
