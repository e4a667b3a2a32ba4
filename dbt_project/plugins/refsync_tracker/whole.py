"""Whether a compressed file is whole: DuckDB reads one that is cut short as far as it goes.

A file of gzip is unpacked once, because its checksum and its length stand at its end. Python has no
reader of zstd before 3.14, so a file of zstd is measured by the lengths that its frames and blocks
begin with; DuckDB itself compares the checksum of a frame that is whole.
"""

from __future__ import annotations

import io
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import duckdb

from .listing import glob_pattern
from .schema import reason

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from .listing import Kind

_PIECE = 1 << 20
"""How many bytes are read at once, and about how many are unpacked at once."""

_ZSTD = 0xFD2FB528
_SKIPPABLE = 0x184D2A50
"""The numbers that a frame begins with, the second one with any last digit: RFC 8878."""

_RLE, _RESERVED = 1, 3
"""Types of blocks: of one repeated byte, and none."""


class _CutShortError(Exception):
    """The file ends too early, or has something else where a frame should begin."""


def fault_of(connection: DuckDBPyConnection, path: str, kind: Kind) -> str | None:
    """Return what is wrong with a compressed file as a sentence without its subject, or None.

    Args:
        connection: A connection that reads the path, if it is a URL.
        path: The file's path or URL.
        kind: Its format and compression.
    """
    check = {"gzip": _check_gzip, "zstd": _check_zstd}.get(kind.compression)
    if check is None:
        return None
    try:
        if "://" in path:
            rows = connection.execute(
                "select content from read_blob(?)", [glob_pattern(path)]
            ).fetchall()
            check(io.BytesIO(b"".join(content for (content,) in rows)))
        else:
            with Path(path).open("rb") as file:
                check(file)
    except (_CutShortError, zlib.error):
        return (
            f"is not compressed with {kind.compression}, or is cut short or damaged: copy it again."
        )
    except OSError as error:
        return f"cannot be read: {(error.strerror or 'no reason was given').lower()}."
    except duckdb.Error as error:
        return f"cannot be read: {reason(error)}"
    return None


def _check_gzip(file: BinaryIO) -> None:
    """Unpack all members; zlib compares the checksum and length of each."""
    packed = file.read(_PIECE)
    if not packed:
        raise _CutShortError
    while packed:
        member = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
        while not member.eof:
            member.decompress(packed, _PIECE)
            packed = member.unused_data if member.eof else member.unconsumed_tail
            packed = packed or file.read(_PIECE)
            if not packed and not member.eof:
                member.flush()
                if not member.eof:
                    raise _CutShortError
        while packed and not packed.strip(b"\0"):  # some writers fill the last block up
            packed = file.read(_PIECE)
        packed = packed.lstrip(b"\0")


def _check_zstd(file: BinaryIO) -> None:
    """Follow the lengths of all frames and blocks to the end of the file."""
    size = file.seek(0, io.SEEK_END)
    file.seek(0)
    if not size:
        raise _CutShortError
    while file.tell() < size:
        magic = _number(file, 4)
        if magic & ~0xF == _SKIPPABLE:
            _skip(file, size, _number(file, 4))
        elif magic == _ZSTD:
            _follow_frame(file, size)
        else:
            raise _CutShortError


def _follow_frame(file: BinaryIO, size: int) -> None:
    descriptor = _number(file, 1)
    is_single = descriptor >> 5 & 1
    has_checksum = descriptor >> 2 & 1
    content_size = (is_single, 2, 4, 8)[descriptor >> 6]
    dictionary = (0, 1, 2, 4)[descriptor & 3]
    _skip(file, size, (not is_single) + dictionary + content_size)
    is_last = 0
    while not is_last:
        header = _number(file, 3)
        is_last, kind, length = header & 1, header >> 1 & 3, header >> 3
        if kind == _RESERVED:
            raise _CutShortError
        _skip(file, size, 1 if kind == _RLE else length)
    _skip(file, size, 4 * has_checksum)


def _number(file: BinaryIO, length: int) -> int:
    read = file.read(length)
    if len(read) < length:
        raise _CutShortError
    return int.from_bytes(read, "little")


def _skip(file: BinaryIO, size: int, length: int) -> None:
    if file.seek(length, io.SEEK_CUR) > size:
        raise _CutShortError
