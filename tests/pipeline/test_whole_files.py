"""Compressed files that are cut short or damaged: DuckDB would read what is before the cut."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING

import duckdb
import pytest

from refsync_tracker import files, listing
from refsync_tracker.listing import Kind
from refsync_tracker.read_errors import explain
from refsync_tracker.schema import InputError
from refsync_tracker.whole import fault_of
from tests.pipeline.exports import CLICKS, HEADER, USERS, fill, tracker_catalog

if TYPE_CHECKING:
    from pathlib import Path

ROWS = [{"id": f"c{n}", "referral_link_id": "l1", "timestamp": "2026-03-30"} for n in range(99_999)]

SKIPPABLE = b"\x53\x2a\x4d\x18\x03\x00\x00\x00abc"
"""A frame that a reader of zstd skips."""


def packed(folder: Path, kind: str, compression: str) -> bytes:
    """Return a file of clicks."""
    if kind == "csv":
        lines = [",".join(ROWS[0]), *(",".join(row.values()) for row in ROWS)]
    else:
        lines = [json.dumps(row) for row in ROWS]
    text = "\n".join(lines) + "\n"
    if compression == "gz":
        return gzip.compress(text.encode())
    plain, path = folder / "packed.txt", folder / "packed.zst"
    plain.write_text(text, encoding="utf-8")
    # DuckDB writes zstd here; each of its lines is one of ours.
    duckdb.execute(
        f"copy (from read_csv('{plain}', columns = {{'line': 'varchar'}}, header = false, "
        "quote = '', escape = '', delim = '\x01')) "
        f"to '{path}' (format csv, header false, quote '', escape '', delim '\x01', "
        "compression zstd)"
    )
    content = path.read_bytes()
    path.unlink()
    plain.unlink()
    return content


def build(
    folder: Path, changed: str = "select event_type, part as part_name, true as is_there"
) -> int:
    """Do what a build does with files before it reads events; return how many clicks there are."""
    with tracker_catalog() as connection:
        root = listing.real_root(str(folder))
        found = files.create_views(connection, root)
        files.show_new(connection, root, found, f"{changed} from tracker.parts")
        [(count,)] = connection.execute(f"select count(*) from tracker.{CLICKS}").fetchall()
        return int(count)


CUTS = (-1, -4, -8, -9, -500, -5000)


@pytest.mark.parametrize("kind", ["csv", "jsonl"])
@pytest.mark.parametrize("compression", ["gz", "zst"])
def test_a_file_that_is_cut_short_is_named(tmp_path: Path, kind: str, compression: str) -> None:
    fill(tmp_path)
    name = f"{CLICKS}/a.{kind}.{compression}"
    whole = packed(tmp_path, kind, compression)
    (tmp_path / name).write_bytes(whole)
    others = build(tmp_path) - len(ROWS)
    (tmp_path / name).write_bytes(whole * 2)
    assert build(tmp_path) == 2 * len(ROWS) + others + (kind == "csv")  # a header among the rows
    for content in [*(whole[:cut] for cut in CUTS), whole + whole[:99]]:
        (tmp_path / name).write_bytes(content)
        with pytest.raises(InputError) as refusal:
            build(tmp_path)
        assert str(refusal.value).startswith(f"{CLICKS}: {name} is not compressed with ")
        assert str(refusal.value).endswith("or is cut short or damaged: copy it again.")


def test_a_file_that_has_been_counted_is_not_checked_again(tmp_path: Path) -> None:
    fill(tmp_path)
    damaged = packed(tmp_path, "csv", "gz")[:-9]
    (tmp_path / CLICKS / "a.csv.gz").write_bytes(damaged)
    assert build(tmp_path, "select event_type, part as part_name, false as is_there") > 0


def test_a_damaged_file_of_gzip_is_named(tmp_path: Path) -> None:
    fill(tmp_path)
    damaged = bytearray(packed(tmp_path, "csv", "gz"))
    damaged[-6] ^= 1  # its checksum
    (tmp_path / CLICKS / "a.csv.gz").write_bytes(damaged)
    with pytest.raises(InputError, match=f"{CLICKS}: {CLICKS}/a.csv.gz is not .* or damaged"):
        build(tmp_path)


def test_a_table_that_describes_is_whole_too(tmp_path: Path) -> None:
    fill(tmp_path)
    (tmp_path / f"{USERS}.csv").unlink()
    people = "id,full_name\n" + "".join(f"u{number},Somebody\n" for number in range(99_999))
    (tmp_path / f"{USERS}.csv.gz").write_bytes(gzip.compress(people.encode())[:-9])
    with pytest.raises(
        InputError, match=f"{USERS}: {USERS}.csv.gz is not compressed with gzip, or"
    ):
        build(tmp_path)


@pytest.mark.parametrize(
    "content",
    [
        gzip.compress(HEADER.encode()),
        gzip.compress(b""),
        gzip.compress(HEADER.encode()) * 3,
        gzip.compress(bytes(9_999_999)) + gzip.compress(b"x"),
        gzip.compress(HEADER.encode()) + bytes(2_000_000),
    ],
    ids=["one", "empty", "three", "dense", "filled up"],
)
def test_whole_files_of_gzip(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.csv.gz").write_bytes(content)
    assert fault_of(duckdb.connect(), str(tmp_path / "a.csv.gz"), Kind("csv", "gzip")) is None


def frame(
    *, checksum: bytes = b"", blocks: bytes = b"\x19\x00\x00abc", start: bytes = b""
) -> bytes:
    """Return a frame of one block, of three bytes as they are."""
    descriptor = bytes([4 * bool(checksum)])
    return b"\x28\xb5\x2f\xfd" + (start or descriptor + b"\x58") + blocks + checksum


@pytest.mark.parametrize(
    "content",
    [
        frame(),
        frame(checksum=b"1234"),
        frame() + SKIPPABLE + frame(),
        frame(blocks=b"\x02\xff\xff\x07" + b"\x19\x00\x00abc"),  # a byte, repeated
        frame(start=b"\x20\x03"),  # one segment, of 3 bytes
        frame(start=b"\x63\x01\x02\x03\x04\x00\x00"),  # a dictionary
        frame(start=b"\xc0\x58" + bytes(8)),
    ],
)
def test_whole_files_of_zstd(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.csv.zst"
    path.write_bytes(content)
    zstd = Kind("csv", "zstd")
    connection = duckdb.connect()
    assert fault_of(connection, str(path), zstd) is None
    for cut in range(len(content)):
        path.write_bytes(content[:cut])
        is_whole = content[:cut] in (frame(), frame() + SKIPPABLE)
        assert (fault_of(connection, str(path), zstd) is None) == is_whole


@pytest.mark.parametrize("kind", ["csv", "jsonl", "parquet"])
def test_a_file_that_is_removed_during_a_build_is_named(tmp_path: Path, kind: str) -> None:
    fill(tmp_path)
    path = tmp_path / CLICKS / f"a [1].{kind}"
    query = "select 'c' as id, 'l1' as referral_link_id, '2026-03-30' as timestamp"
    duckdb.sql(f"copy ({query}) to '{path}' (format {kind.replace('jsonl', 'json')})")
    with tracker_catalog() as connection:
        root = listing.real_root(str(tmp_path))
        files.create_views(connection, root)
        path.unlink()
        with pytest.raises(duckdb.Error) as raised:
            connection.execute(f"from tracker.{CLICKS}").fetchall()
    assert str(explain(raised.value, root)) == (
        f"{CLICKS}: {CLICKS}/a [1].{kind} was removed while this build ran: run it again when the "
        "export is complete."
    )


def test_what_duckdb_says_of_a_damaged_frame() -> None:
    error = duckdb.IOException("IO Error: Restored data doesn't match checksum")
    assert "ends in .zst is damaged" in str(explain(error, "/exports"))
    assert explain(error, "") is None
