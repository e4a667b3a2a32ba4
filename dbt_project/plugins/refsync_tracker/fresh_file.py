"""The DuckDB file rewritten, so that its bytes have no deleted or replaced row.

DuckDB marks the blocks of such a row as free and keeps their bytes, also after `checkpoint` and
`vacuum`. So at the end of a run the tables are copied to a fresh file, which replaces the old one
in one step. After a killed run, the old or the new file is there.
"""

from __future__ import annotations

import os
import shutil
import time
from contextlib import suppress
from typing import TYPE_CHECKING

import duckdb

from .schema import InputError, literal, quoted, reason

if TYPE_CHECKING:
    from pathlib import Path

ATTEMPTS = 50
"""How often the file is opened again, every 0.1 s, while a push is reading it."""


def remove_leftovers(path: Path) -> None:
    """Remove the files that a killed run left: a half-written copy and spilled rows.

    This process has the DuckDB file open now, so no other run is using them.

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
    """Replace the file of an attached catalog by a copy without freed blocks.

    Other connections of this process see the same catalog before and after. None of them may have a
    transaction open.

    Args:
        connection: A connection with this catalog and the catalog `tracker`.
        catalog: The catalog's name.
        path: The file's path; if it is a link, its target is replaced.

    Raises:
        InputError: The copy could not be written, and the file is as it was; or another process
            opened the file meanwhile.
    """
    path = path.resolve()
    fresh = _beside(path, ".fresh")
    with connection.cursor() as cursor:
        try:
            _copy(cursor, catalog, path, fresh)
            # A connection cannot detach the catalog that it uses.
            cursor.execute("use tracker")
            try:
                cursor.execute(f"detach {quoted(catalog)}")
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
    """Copy all tables and views into a new file with the same permissions."""
    _remove(fresh)
    umask = os.umask(0o077)
    try:
        cursor.execute(f"attach {literal(str(fresh))} as refsync_fresh")
    finally:
        os.umask(umask)
    try:
        shutil.copymode(path, fresh)
        _keep_owner(path, fresh)
        cursor.execute(f"copy from database {quoted(catalog)} to refsync_fresh")
        cursor.execute("checkpoint refsync_fresh")
    except BaseException:
        with suppress(duckdb.Error):  # on a full disk, it says less than the error before it
            cursor.execute("detach refsync_fresh")
        raise
    cursor.execute("detach refsync_fresh")


def _check_that_none_is_in_use(*paths: Path) -> None:
    """A log beside a database has rows that are not in the database's file yet."""
    for path in paths:
        if _beside(path, ".wal").exists():
            raise OSError(f"{path} is in use.")


def _keep_owner(path: Path, fresh: Path) -> None:
    """Give the copy the file's owner, in case root builds the file of another user."""
    if hasattr(os, "chown"):
        owner = path.stat()
        with suppress(OSError):
            os.chown(fresh, owner.st_uid, owner.st_gid)


def _attach(cursor: duckdb.DuckDBPyConnection, catalog: str, path: Path) -> None:
    for _ in range(ATTEMPTS):
        with suppress(duckdb.IOException):
            cursor.execute(f"attach if not exists {literal(str(path))} as {quoted(catalog)}")
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
