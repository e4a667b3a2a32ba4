"""The key of the hashes of e-mail addresses, REFSYNC_EMAIL_KEY.

HMAC-SHA256 (RFC 2104) hashes a text between two blocks made from the key. DuckDB's SQL reads them
as variables of its session, so the key is in no SQL, no log, and no file of dbt's or DuckDB's.
"""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING

from .schema import InputError

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

VARIABLE = "REFSYNC_EMAIL_KEY"

MIN_CHARACTERS = 16

MIN_DISTINCT = 6
"""A key of fewer different characters is a placeholder, such as `xxxxxxxxxxxxxxxx`."""

BLOCK = 64
"""Bytes of a block of SHA-256."""


def read_key() -> bytes:
    """Return the key, without the spaces and line ends around it; empty if there is none.

    Raises:
        InputError: The key can be guessed. The sentence does not repeat it.
    """
    value = os.environ.get(VARIABLE, "")
    key = value.strip()
    if value and (len(key) < MIN_CHARACTERS or len(set(key)) < MIN_DISTINCT):
        raise InputError(
            f"{VARIABLE} is too easy to guess: set it to at least {MIN_CHARACTERS} random "
            "characters, such as the output of `openssl rand -hex 32`, or unset it for hashes "
            "without a key."
        )
    return os.fsencode(key)


def set_blocks(cursor: DuckDBPyConnection, key: bytes) -> None:
    """Set the session's variables that the macro `email_hash` reads, if there is a key."""
    if not key:
        return
    if len(key) > BLOCK:
        key = hashlib.sha256(key).digest()
    padded = key.ljust(BLOCK, b"\0")
    for name, byte in (("inner", 0x36), ("outer", 0x5C)):
        block = bytes(each ^ byte for each in padded)
        cursor.execute(f"set variable refsync_email_{name} = ?::blob", [block])
