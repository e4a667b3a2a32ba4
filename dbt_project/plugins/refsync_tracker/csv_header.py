"""The beginning of a CSV file: its separator and columns, or what the file is instead."""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

from .schema import InputError, TrackerTable, literal, printable

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}

_HEAD_BYTES = 1 << 16

_OTHER_FORMATS = (
    ((b"\xff\xfe", b"\xfe\xff"), "is UTF-16: save it as CSV UTF-8."),
    ((b"PAR1",), "is a Parquet file: name it .parquet."),
    (
        (b"PK\x03\x04", b"\xd0\xcf\x11\xe0"),
        "is an Excel workbook or a ZIP archive: save it as CSV UTF-8.",
    ),
    ((b"\x1f\x8b",), "is compressed with gzip: name it .csv.gz."),
    ((b"\x28\xb5\x2f\xfd",), "is compressed with zstd: name it .csv.zst."),
    ((b"{", b"["), "is JSON: name it .jsonl."),
    ((b"<",), "is HTML or XML, perhaps an error page: export the table again as CSV."),
)


def read_head(connection: DuckDBPyConnection, path: str, pattern: str, compression: str) -> bytes:
    """Return the first lines of a file, as bytes.

    DuckDB reads what Python cannot. It decodes the file, so it may refuse one that is not text.

    Args:
        connection: A connection that reads the pattern.
        path: The file's path or URL.
        pattern: The pattern by which DuckDB reads this file only.
        compression: DuckDB's word for its compression.

    Raises:
        InputError: It is damaged, or not text; the sentence lacks its subject.
    """
    if "://" not in path and compression != "zstd":
        try:
            with Path(path).open("rb") as file:
                if compression != "gzip":
                    return file.read(_HEAD_BYTES)
                with gzip.open(file) as unpacked:
                    return unpacked.read(_HEAD_BYTES)
        except (gzip.BadGzipFile, EOFError, zlib.error) as error:
            raise InputError(
                "is not compressed with gzip, or is cut short or damaged: copy it again."
            ) from error
    for encoding in ("latin-1", "utf-8"):
        try:
            rows = connection.execute(
                f"select line from read_csv({literal(pattern)}, auto_detect = false, "
                "header = false, delim = '\x01', quote = '', escape = '', strict_mode = false, "
                "columns = {'line': 'VARCHAR'}, "
                f"compression = '{compression}', encoding = '{encoding}') limit 2"
            ).fetchall()
        except Exception as error:
            text = str(error)
            if encoding == "latin-1" and "latin-1" in text:
                continue  # some bytes of UTF-8 are not in Latin-1
            if "unicode" in text or "utf-8" in text:
                raise InputError("is not UTF-8: save it as CSV UTF-8.") from error
            raise
        return "".join(f"{line or ''}\n" for (line,) in rows).encode(encoding)
    return b""


def read_layout(table: TrackerTable, part: str, head: bytes) -> tuple[str, list[str]]:
    """Return a CSV file's separator and the names in its header.

    The separator is the one that finds most of our columns. An empty last name is left out if the
    next row has no value for it.

    Raises:
        InputError: It is no CSV file that can be read; the sentence lacks its subject.
    """
    for beginnings, sentence in _OTHER_FORMATS:
        if head.startswith(beginnings):
            raise InputError(sentence)
    whole = head[: head.rfind(b"\n") + 1] or head
    if b"\x00" in whole.split(b"\n", 1)[0]:
        raise InputError("is UTF-16 or no text at all: save it as CSV UTF-8.")
    try:
        text = whole.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError("is not UTF-8: save it as CSV UTF-8.") from error
    first = text.split("\n", 1)[0].strip()
    if not first:
        raise InputError(
            "begins with an empty line: remove it, so that the header is the first line."
            if text
            else "is empty: a CSV file begins with a header line."
        )
    if first.lower().startswith("sep="):
        raise InputError(f"begins with Excel's line {printable(first)!r}: remove that line.")
    found = {delimiter: _rows(text, delimiter) for delimiter in DELIMITERS}
    delimiter = max(found, key=lambda candidate: _count_ours(table, found[candidate][0]))
    names, second = found[delimiter]
    while len(names) > 1 and not names[-1].strip() and 0 < len(second) < len(names):
        names = names[:-1]
    table.find(part, names)
    return delimiter, names


def _rows(text: str, delimiter: str) -> tuple[list[str], list[str]]:
    """Return the first two rows of a text."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True)
    try:
        return next(reader), next(reader, [])
    except csv.Error as error:
        raise InputError(f"does not begin with a header line: {error}.") from error


def _count_ours(table: TrackerTable, names: list[str]) -> int:
    return len({name.strip().lower() for name in names} & {*table.all_columns})
