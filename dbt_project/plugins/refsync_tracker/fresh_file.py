"""The DuckDB file rewritten, so that no row that was deleted or replaced is left in its bytes.

DuckDB marks the blocks of such a row as free and leaves their bytes as they are, `checkpoint` and
`vacuum` included. So at the end of a run the tables are copied into a fresh file, which then takes
the place of the old one in one step: a run that is killed leaves the old file or the new one.
"""

from __future__ import annotations

import os
import shutil
import time
from contextlib import suppress
from typing import TYPE_CHECKING

import duckdb

from .schema import InputError, literal, reason

if TYPE_CHECKING:
    from pathlib import Path

ATTEMPTS = 50
"""How often the file is opened again, 0.1 s apart, while a push that read it meanwhile has it."""


def remove_leftovers(path: Path) -> None:
    """Remove what a run that was killed left beside the file: a half-written copy and spilled rows.

    Called while this process has the file open, so no other run is using them.

    Raises:
        InputError: One of them cannot be removed.
    """
    path = path.resolve()
    try:
        _remove(_beside(path, ".fresh"))
        for spilled in _beside(path, ".tmp").glob("duckdb_temp_*"):
            spilled.unlink(missing_ok=True)
    except OSError as error:
        raise InputError(
            f"{error.filename} was left by a build that was stopped, and cannot be removed "
            f"({error.strerror}): delete it."
        ) from error


def rewrite(connection: duckdb.DuckDBPyConnection, catalog: str, path: Path) -> None:
    """Put a copy without freed blocks in the place of the file that is attached as a catalog.

    Other connections of this process see the same catalog before and after; none of them may have
    a transaction open.

    Args:
        connection: One that has the catalog, and the catalog `tracker`, attached.
        catalog: The name that the file is attached as.
        path: The file's path; of a link, the file that it leads to is replaced.

    Raises:
        InputError: The copy could not be written, and the file is as it was; or another process
            opened the file meanwhile.
    """
    path = path.resolve()
    fresh = _beside(path, ".fresh")
    with connection.cursor() as cursor:
        try:
            _copy(cursor, catalog, path, fresh)
            # No connection may detach the catalog that it is in.
            cursor.execute("use tracker")
            cursor.execute(f"detach {_quoted(catalog)}")
            try:
                _check_that_none_is_in_use(path, fresh)
                fresh.replace(path)
            finally:
                _attach(cursor, catalog, path)
        except (OSError, duckdb.Error) as error:
            words = getattr(error, "strerror", None)
            raise InputError(
                f"{path} could not be rewritten without the rows that are gone: "
                f"{f'{words}.' if words else reason(error)} Check that its folder can be written "
                "and has room for a second copy, then run `dbt build` again."
            ) from error
        finally:
            with suppress(OSError):
                _remove(fresh)


def _copy(cursor: duckdb.DuckDBPyConnection, catalog: str, path: Path, fresh: Path) -> None:
    """Copy all tables and views into a new file that the same people may read."""
    _remove(fresh)
    umask = os.umask(0o077)
    try:
        cursor.execute(f"attach {literal(str(fresh))} as refsync_fresh")
    finally:
        os.umask(umask)
    try:
        shutil.copymode(path, fresh)
        _keep_owner(path, fresh)
        cursor.execute(f"copy from database {_quoted(catalog)} to refsync_fresh")
        cursor.execute("checkpoint refsync_fresh")
    finally:
        cursor.execute("detach refsync_fresh")


def _check_that_none_is_in_use(*paths: Path) -> None:
    """A log beside a database has rows that are not in the database's file yet."""
    for path in paths:
        if _beside(path, ".wal").exists():
            raise OSError(f"{path} is in use.")


def _keep_owner(path: Path, fresh: Path) -> None:
    """Give the copy the file's owner, for root that builds what another account built before."""
    if hasattr(os, "chown"):
        owner = path.stat()
        with suppress(OSError):
            os.chown(fresh, owner.st_uid, owner.st_gid)


def _attach(cursor: duckdb.DuckDBPyConnection, catalog: str, path: Path) -> None:
    for _ in range(ATTEMPTS):
        with suppress(duckdb.IOException):
            cursor.execute(f"attach {literal(str(path))} as {_quoted(catalog)}")
            return
        time.sleep(0.1)
    raise InputError(
        f"{path} was opened by another process while this build rewrote it: wait until that "
        "process has ended, then run `dbt build` again."
    )


def _remove(fresh: Path) -> None:
    for part in (fresh, _beside(fresh, ".wal")):
        part.unlink(missing_ok=True)


def _beside(path: Path, suffix: str) -> Path:
    return path.with_name(path.name + suffix)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
