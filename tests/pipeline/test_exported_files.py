"""Exported files as staging sees them: the right rows, or one sentence that names table and file.

dbt compiled staging when it built the sample. Each test reads files of its own through it, in
milliseconds.
"""

from __future__ import annotations

import gzip
import json
import os
import re
import shutil
import subprocess
import sys
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

import duckdb
import pytest

from tests.conftest import ROOT
from tests.pipeline.exports import (
    APRIL,
    CAMPAIGNS,
    CLICKS,
    HEADER,
    LINKS,
    MARCH,
    OFFICERS,
    SIGNUPS,
    USERS,
    Export,
)
from tests.projects import as_an_ordinary_user

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ROW = "c9,l1,2026-03-30 08:00:00,192.0.2.1,browser"


def click(**values: str) -> str:
    """Return a CSV file of one click."""
    row = dict(zip(HEADER.split(","), ROW.split(","), strict=True)) | values
    return f"{HEADER}\n{','.join(row.values())}\n"


# Times.

EIGHT = datetime(2026, 3, 30, 8, tzinfo=timezone.utc)
MICROSECOND = timedelta(microseconds=1)

TIMES = {
    "2026-03-30 08:00:00": EIGHT,
    "2026-03-30T08:00:00Z": EIGHT,
    "2026-03-30t08:00:00z": EIGHT,
    "2026-03-30 08:00": EIGHT,
    "2026-03-30 08:00Z": EIGHT,
    "2026-03-30 08:00:00 UTC": EIGHT,
    "2026-03-30 10:00:00.000 +0200": EIGHT,
    "2026-03-30 10:00+02:00": EIGHT,
    "2026-03-30T10:00 +02": EIGHT,
    "2026-03-30 10:00:00+02": EIGHT,
    "2026-03-30 13:45:00+0545": EIGHT,
    " 2026-03-30 08:00:00 ": EIGHT,
    "2026-03-30 08:00:00.1": EIGHT + 100_000 * MICROSECOND,
    "2026-03-30 08:00:00.123456789 +00:00": EIGHT + 123_456 * MICROSECOND,
    "2026-03-30": EIGHT - timedelta(hours=8),
    "2026-03-29 24:00:00": EIGHT - timedelta(hours=8),
    "1999-12-31 23:59:59-01:00": datetime(2000, 1, 1, 0, 59, 59, tzinfo=timezone.utc),
    "0001-01-01 00:00:00": datetime(1, 1, 1, tzinfo=timezone.utc),
    "9999-12-31 23:59:59.999999": datetime(9999, 12, 31, 23, 59, 59, 999_999, timezone.utc),
}

NO_TIMES = (
    *("30/03/26 08:00", "3/9/26 8:00", "26-03-30", "26-03-30 08:00:00+00", "030-03-26 08:00:00"),
    *("30.03.2026 08:00", "2026/03/30 08:00:00", "20260330", "20260330T080000Z", "2026-3-30 8:00"),
    *("2026-13-01 00:00:00", "2026-06-31 00:00:00", "2026-02-29", "2026-03-30 25:00:00+00"),
    *("2026-03-30 08:60:00", "2026-03-30 08:00:60", "2026-03-30 24:00:01+24", "08:00:00", "2026"),
    *("2026-03", "2026-W14-1", "2026-089", "46111.333", "1774857600", "1774857600000", "1.7e9"),
    *("now", "today", "epoch", "infinity", "-infinity", "null", "NaT", "timestamp", "2026-03-30 8"),
    *("10000-01-01 00:00:00", "12026-03-30 08:00:00", "0000-01-01", "9999-12-31 23:59:59-01"),
    *("2026-03-30 (BC)", "2026-03-30 08:00:00 PST", "2026-03-30 08:00:00 Europe/Berlin"),
    *("2026-03-30 08:00:00+99:00", "2026-03-30 08:00:00+02:00:30", "2026-03-30 08:00:00."),
    *("Mon Mar 30 2026", "2026-03-30 08:00:00 AM", "-2026-03-30 08:00:00", "+2026-03-30 08:00"),
)


def test_every_unambiguous_time_is_read(export: Export) -> None:
    rows = [f"c{number},l1,{text},,\n" for number, text in enumerate(TIMES)]
    export.only(f"{CLICKS}.csv", f"{HEADER}\n{''.join(rows)}")
    assert export.column("clicks", "clicked_at") == [*TIMES.values()]


@pytest.mark.parametrize("text", NO_TIMES)
def test_what_is_no_time_is_named(export: Export, text: str) -> None:
    export.put(MARCH, click(timestamp=text))
    assert export.problem() == (
        f"{CLICKS}: the timestamp '{text}' in {MARCH} is not a date and time such as "
        "2026-03-31 08:15:00+00:00; correct it at the source."
    )


@pytest.mark.parametrize("kind", ["csv", "jsonl"])
def test_a_campaign_has_times_too(export: Export, kind: str) -> None:
    row = {"id": "k1", "name": "Spring", "start_date": "30/03/26", "end_date": "2026-04-01"}
    lines = {"csv": ",".join(row) + "\n" + ",".join(row.values()), "jsonl": json.dumps(row)}
    export.only(f"{CAMPAIGNS}.{kind}", lines[kind] + "\n")
    assert f"{CAMPAIGNS}: the start_date '30/03/26' in" in export.problem("campaigns")


@pytest.mark.parametrize(
    "value",
    [
        *("timestamptz '58201-03-01'", "timestamptz 'infinity'", "timestamptz '0044-01-01 (BC)'"),
        *("timestamp '58201-03-01'", "timestamp '-infinity'"),
        *("1774857600::bigint", "46111.3::double"),
    ],
)
def test_a_parquet_time_outside_the_calendar_is_named(export: Export, value: str) -> None:
    name = f"{CLICKS}/2026-05.parquet"
    export.parquet(name, f"select 'c3' as id, 'l1' as referral_link_id, {value} as timestamp")
    assert re.match(f"{CLICKS}: the timestamp '.*' in {name} is not a date", export.problem())


def test_a_parquet_time_in_the_calendar_is_read(export: Export) -> None:
    times = ("timestamptz '9999-12-31 23:59:59.999999+00'", "timestamp_ns '2026-03-30 08:00:00'")
    for number, value in enumerate((*times, "date '2026-03-30'")):
        query = f"select 'p{number}' as id, 'l1' as referral_link_id, {value} as timestamp"
        export.parquet(f"{CLICKS}/p{number}.parquet", query)
    assert export.column("clicks", "clicked_at")[-3:] == [
        datetime(9999, 12, 31, 23, 59, 59, 999_999, timezone.utc),
        EIGHT,
        EIGHT - timedelta(hours=8),
    ]


def test_a_value_cannot_command_a_terminal_or_a_runner(export: Export) -> None:
    export.put(MARCH, click(timestamp='"\x1b[31m\n::error::\u202e' + "x" * 300 + '"'))
    sentence = export.problem()
    assert "'?[31m?::error::?xxx" in sentence
    assert len(sentence) < 350


# Ids.

UUID = "0b3c2c1e-8f5a-4d7e-9a39-0000000000ab"

IDS = {
    "11": "11",
    "11.0": "11",
    "11.00": "11",
    "11.": "11",
    " 11 ": "11",
    "007": "007",
    "1.2.3": "1.2.3",
    "a+b": "a+b",
    "1e3": "1e3",
    UUID.upper(): UUID,
    UUID.replace("-", ""): UUID,
    f"{{{UUID}}}": UUID,
    f" {UUID} ": UUID,
    "": None,
    "  ": None,
}


def test_an_id_is_the_same_however_it_is_written(export: Export) -> None:
    rows = [f"c{number},{text},2026-03-30,,\n" for number, text in enumerate(IDS)]
    export.only(f"{CLICKS}.csv", f"{HEADER}\n{''.join(rows)}")
    assert export.column("clicks", "referral_link_id") == [*IDS.values()]


@pytest.mark.parametrize("text", ["11.5", "1e+16", "1.0E16", "1234567890123456.0", "-.5", "1E+03"])
def test_a_number_that_is_no_id_is_named(export: Export, text: str) -> None:
    export.put(MARCH, click(referral_link_id=text))
    assert export.problem() == (
        f"{CLICKS}: the referral_link_id '{text}' in {MARCH} is no whole number; export ids as "
        "text or as whole numbers."
    )


@pytest.mark.parametrize(
    ("kind", "written"),
    [
        ("bigint", "11"),
        ("double", "11"),
        ("decimal(9, 2)", "11"),
        ("varchar", "11"),
        ("hugeint", "11"),
    ],
)
def test_ids_of_parquet_match_whatever_their_type(export: Export, kind: str, written: str) -> None:
    for name, value in (("a", "11"), ("b", "null"), ("c", "'NaN'" if kind == "double" else "null")):
        query = f"'{name}' as id, cast({value} as {kind}) as referral_link_id, now() as timestamp"
        export.parquet(f"{CLICKS}/{name}.parquet", f"select {query}")
    assert export.column("clicks", "referral_link_id")[-3:] == [written, None, None]


def test_ids_that_lost_digits_are_named(export: Export) -> None:
    export.parquet(f"{USERS}/a.parquet", "select 11::float as id, 'Ana' as full_name")
    (export.folder / f"{USERS}.csv").unlink()
    assert export.problem("users").startswith(f"{USERS}: column id has the type FLOAT")


@pytest.mark.parametrize(
    ("model", "name", "content"),
    [
        ("users", f"{USERS}.csv", "id,full_name\nu1,Ana\nid,full_name\nu2,Bo\n"),
        ("officers", f"{OFFICERS}.csv", "ID,User_ID\no1,u1\nID,User_ID\n"),
        (
            "referral_links",
            f"{LINKS}.csv",
            "id,officer_id,campaign_id\nid,officer_id,campaign_id\n",
        ),
        ("campaigns", f"{CAMPAIGNS}.csv", "id,name,start_date\nid,name,start_date\n"),
        ("clicks", MARCH, f"{HEADER}\n{HEADER}\n"),
    ],
)
def test_a_header_among_the_rows_is_named(
    export: Export, model: str, name: str, content: str
) -> None:
    export.only(name, content)
    table = re.split("[./]", name)[0]
    assert export.problem(model) == (
        f"{table}: a row of {name} repeats the header; correct it at the source."
    )


# Columns.


@pytest.mark.parametrize(
    "content",
    [
        f",{HEADER}\n0,{ROW}\n",
        f"{HEADER},\n{ROW},\n",
        f"{HEADER},\n{ROW}\n",
        f"{HEADER},\n{ROW},x\n",
        f"{HEADER},filename,_part,_row,ID\n{ROW},f,p,7,99\n",
        f"ID,{HEADER}\n99,{ROW}\n",
        f"{HEADER.upper()}\n{ROW}\n",
        f"{HEADER.replace(',', ' , ').title()}\n{ROW}\n",
        f'"{HEADER.replace(",", chr(34) + ", " + chr(34))}"\n{ROW}\n',
        f"{HEADER},a,a,,\n{ROW},1,2,3,4\n",
        f'{HEADER},"two\nlines"\n{ROW},x\n',
        f"\ufeff{HEADER}\r\n{ROW}\r\n",
        f"{HEADER}\n{ROW}",
        f"{HEADER.replace(',', ';')}\n{ROW.replace(',', ';')}\n",
        f"{HEADER.replace(',', chr(9))}\n{ROW.replace(',', chr(9))}\n",
        f"{HEADER.replace(',', '|')}\n{ROW.replace(',', '|')}\n",
        f"{HEADER},note\n{ROW},{'x' * 2_500_000}\n",
        f"{HEADER}\n\n{ROW}\n\n",
    ],
    ids=lambda content: content[:60],
)
def test_our_columns_are_found_whatever_is_beside_them(export: Export, content: str) -> None:
    export.only(MARCH, content)
    (row,) = export.rows("clicks")
    assert row == {
        "click_id": "c9",
        "referral_link_id": "l1",
        "clicked_at": EIGHT,
        "ip": "192.0.2.1",
        "user_agent": "browser",
        "fraud_score": None,
        "part_name": MARCH,
    }


def test_columns_of_parquet_are_found_by_name(export: Export) -> None:
    other = "'f' as filename, 'p' as _part, 7 as _row, 1 as \"refsync\", {'id': 9} as nested"
    mine = '\'c9\' as "Id", \'l1\' as " referral_link_id ", now() as "TIMESTAMP"'
    export.only(MARCH, f"{HEADER}\n")
    export.parquet(f"{CLICKS}/a.parquet", f"select {other}, {mine}")
    (row,) = export.rows("clicks")
    assert (row["click_id"], row["referral_link_id"], row["ip"]) == ("c9", "l1", None)
    assert row["part_name"] == f"{CLICKS}/a.parquet"


@pytest.mark.parametrize(
    ("name", "content", "named"),
    [
        (MARCH, f"{HEADER},ip\n", "two columns for ip, named 'ip' and 'ip'"),
        (MARCH, "Id,ID,referral_link_id,timestamp\n", "two columns for id, named 'Id' and 'ID'"),
        (f"{USERS}.jsonl", '{"Id": 1, "full_name": ""}\n{"ID": 2}\n', "two columns for id"),
        (MARCH, "id,referral_link_id,time\n", "has no column timestamp; its columns are id, ref"),
        (f"{USERS}.json", '{"data": [{"id": 1}]}', "no column id and no column full_name"),
    ],
)
def test_columns_that_are_missing_or_doubtful_are_named(
    export: Export, name: str, content: str, named: str
) -> None:
    export.only(name, content)
    sentence = export.problem("users" if USERS in name else "clicks")
    assert sentence.startswith(f"{re.split('[./]', name)[0]}: {name} has ")
    assert named in sentence


def test_names_of_parquet_that_differ_in_case_alone_are_named(
    export: Export,
) -> None:
    """Other tools write such files; DuckDB renames one of the columns as it reads them."""
    query = "'l1' as referral_link_id, now() as timestamp, 'a' as \"Id\", 'b' as \"ZD\""
    export.parquet(f"{CLICKS}/a.parquet", f"select {query}")
    path = export.folder / CLICKS / "a.parquet"
    path.write_bytes(path.read_bytes().replace(b"ZD", b"ID"))
    assert "two columns for id, named 'Id' and 'ID'" in export.problem()


def test_a_nullable_column_that_is_missing_is_null(export: Export) -> None:
    export.put(APRIL, "timestamp,referral_link_id,id\n2026-03-30 08:00,l1,c2\n")
    export.only(f"{CAMPAIGNS}.jsonl", '{"id": "k1", "name": "Spring", "start_date": "2026-03-30"}')
    export.only(f"{LINKS}.csv", "id,officer_id,campaign_id\nl1,o1,k1\n")
    april = export.rows("clicks")[-1]
    assert (april["click_id"], april["ip"], april["user_agent"]) == ("c2", None, None)
    (campaign,) = export.rows("campaigns")
    assert (campaign["ends_at"], campaign["updated_at"]) == (None, None)
    assert export.column("referral_links", "updated_at") == [None]


# Formats.

CLICK = {"id": "c9", "referral_link_id": "l1", "timestamp": "2026-03-30 08:00", "ip": "::1"}
LINES = f"{json.dumps(CLICK)}\n"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv.gz", gzip.compress(click().encode())),
        ("a.CSV", click()),
        ("a.Csv.GZ", gzip.compress(click().encode())),
        ("a.ndjson", LINES),
        ("a.json", LINES),
        ("a.jsonl.gz", gzip.compress(LINES.encode())),
        ("a.json", json.dumps([CLICK])),
        ("a.json", json.dumps([CLICK], indent=2)),
        ("a.jsonl", f"\ufeff{LINES}"),
        ("a.jsonl", LINES.replace('"id"', '"ID"')),
    ],
    ids=lambda value: value[:30] if isinstance(value, str) else "",
)
def test_every_usual_format_is_read(export: Export, name: str, content: str | bytes) -> None:
    export.only(f"{CLICKS}/{name}", content)
    (row,) = export.rows("clicks")
    assert (row["click_id"], row["clicked_at"]) == ("c9", EIGHT)
    export.only(f"{CLICKS}{name[1:]}", content)
    assert export.column("clicks", "part_name") == [f"{CLICKS}{name[1:]}"]


@pytest.mark.parametrize("name", ["a.parquet", "a.parq", "a.PQ"])
def test_parquet_has_more_than_one_ending(export: Export, name: str) -> None:
    shutil.rmtree(export.folder / CLICKS)
    export.parquet(
        f"{CLICKS}/{name}", "select 'c9' as id, 'l1' as referral_link_id, now() as timestamp"
    )
    assert export.column("clicks", "click_id") == ["c9"]


@pytest.mark.parametrize("kind", ["csv", "json"])
def test_what_zstd_compressed_is_read(export: Export, kind: str) -> None:
    """DuckDB compresses here as the command `zstd` does."""
    shutil.rmtree(export.folder / CLICKS)
    path = export.put(f"{CLICKS}/a.{kind}.zst", b"")
    row = "'c9' as id, 'l1' as referral_link_id, '2026-03-30 08:00' as timestamp"
    header = ", header" if kind == "csv" else ""
    duckdb.sql(f"copy (select {row}) to '{path}' (format {kind}, compression zstd{header})")
    assert export.column("clicks", "clicked_at") == [EIGHT]


FAULTS: dict[str, tuple[str, str | bytes, str]] = {
    "a row too short": (
        "csv",
        f"{HEADER}\n{ROW}\nc,l,t\n",
        ", line 3: the row has 3 fields and the",
    ),
    "a row too long": ("csv", f"{HEADER}\n{ROW},x\n", ", line 2: the row has 6 fields and the"),
    "an open quote": ("csv", f'{HEADER}\n"{ROW}\n', ", line 2: a quoted text does not end where"),
    "text after a quote": ("csv", f'{HEADER}\n"c"9{ROW}\n', ", line 2: a quoted text does not end"),
    "mixed line ends": ("csv", f"{HEADER}\n{ROW}\r\n{ROW}\n", ": its lines end in different ways"),
    "mixed line ends the other way": ("csv", f"{HEADER}\r\n{ROW}\n{ROW}\r\n", ": its lines end in"),
    "Windows-1252": (
        "csv",
        f"{HEADER}\n{ROW}Köln €\n".encode("cp1252"),
        " is not UTF-8: save it as",
    ),
    "Latin-1 far below": (
        "csv",
        f"{HEADER}\n{(ROW + chr(10)) * 9999}{ROW}Köln\n".encode("latin-1"),
        ", line 10001: it is not UTF-8: save it as CSV UTF-8.",
    ),
    "UTF-16": ("csv", click().encode("utf-16"), " is UTF-16: save it as CSV UTF-8."),
    "UTF-16 without a mark": ("csv", click().encode("utf-16-le"), " is UTF-16 or no text at all"),
    "an Excel line": (
        "csv",
        f"sep=;\n{HEADER.replace(',', ';')}\n",
        " begins with Excel's line 'sep",
    ),
    "an Excel workbook": ("csv", b"PK\x03\x04\x00", " is an Excel workbook or a ZIP archive"),
    "Parquet": ("csv", b"PAR1\x00", " is a Parquet file: name it .parquet."),
    "gzip": ("csv", gzip.compress(b"id"), " is compressed with gzip: name it .csv.gz."),
    "no gzip": ("csv.gz", click(), " is not compressed with gzip, or is cut short or damaged"),
    "gzip cut short": ("csv.gz", gzip.compress(click().encode())[:-12], " is not compressed with"),
    "no zstd": ("csv.zst", click(), " "),
    "JSON": ("csv", LINES, " is JSON: name it .jsonl."),
    "an error page": ("csv", "<html>", " is HTML or XML"),
    "nothing": ("csv", "", " is empty: a CSV file begins with a header line."),
    "a mark alone": ("csv", "\ufeff", " is empty"),
    "an empty line first": ("csv", f"\n{click()}", " begins with an empty line: remove it"),
    "half a surrogate": (
        "jsonl",
        LINES + LINES.replace("::1", r"\ud800"),
        ", line 2: a text has half",
    ),
    "JSON cut short": ("jsonl", LINES + LINES[:-9], ", line 2: it is not JSON: "),
    "JSON that is no object": ("jsonl", LINES + "[1]\n", ", line 2: it is not a JSON object"),
    "a key twice": ("jsonl", '{"id": 1, ' + LINES[1:], ", line 1: the object has a key twice"),
    "JSON in Latin-1": (
        "jsonl",
        LINES.replace("::1", "ö").encode("latin-1"),
        ", row 1: it is not UTF-8",
    ),
    "JSON in UTF-16": (
        "json",
        LINES.encode("utf-16"),
        ", row 1: it is not UTF-8: save it as UTF-8",
    ),
    "an array of numbers": ("json", "[1, 2]", ", row 1: it is not a JSON object"),
    "no Parquet": ("parquet", "id", " cannot be read: "),
}


@pytest.mark.parametrize(("kind", "content", "said"), FAULTS.values(), ids=FAULTS)
def test_a_damaged_file_is_named(
    export: Export, kind: str, content: str | bytes, said: str
) -> None:
    export.put(f"{CLICKS}/2026-05.{kind}", content)
    sentence = export.problem()
    assert sentence.startswith(f"{CLICKS}: {CLICKS}/2026-05.{kind}{said}"), sentence
    assert sentence.endswith(".")
    assert "strict_mode" not in sentence


def test_a_table_without_rows_is_legal(export: Export) -> None:
    for name, header in {MARCH: HEADER, f"{USERS}.csv": "id,full_name"}.items():
        export.only(name, f"{header}\n")
    export.only(f"{SIGNUPS}.json", "[]")
    assert [export.rows(model) for model in ("clicks", "users", "signups")] == [[], [], []]


# Folders.


def test_folders_are_what_they_are_named(export: Export) -> None:
    """None of their names means a partition, a pattern, a quote, a home or a command."""
    names = "id=7/timestamp=2026-03-30/exports [acme]/a{b,c}*?/e'x\"p/é ü/~/x;y"
    before = [export.rows(model) for model in ("users", "signups")]
    moved = export.folder / "elsewhere" / names
    shutil.copytree(export.folder, moved, ignore=lambda *_: ["elsewhere"])
    shutil.move(moved / MARCH, moved / f"{CLICKS}/z.csv")
    shutil.copytree(moved / CLICKS, moved / CLICKS / "id=9" / "timestamp=2020-01-01 [x]")
    shutil.rmtree(export.folder / CLICKS)
    export.raw_dir = str(moved)
    assert [export.rows(model) for model in ("users", "signups")] == before
    clicks = export.rows("clicks")
    assert sorted(row["click_id"] for row in clicks) == ["c1", "c1", "c2", "c2"]
    assert {row["part_name"] for row in clicks} == {
        path.relative_to(moved).as_posix() for path in (moved / CLICKS).rglob("*.csv")
    }


@pytest.mark.parametrize(
    "spelled",
    ["exports [acme]", "./exports [acme]/", "a//../exports [acme]//", "exports [acme]/./", "link"],
)
def test_a_relative_folder_is_seen_from_here(
    export: Export, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spelled: str
) -> None:
    (tmp_path / "a").mkdir()
    shutil.move(export.folder, tmp_path / "exports [acme]")
    (tmp_path / "link").symlink_to("exports [acme]")
    monkeypatch.chdir(tmp_path)
    export.raw_dir = spelled
    assert export.column("clicks", "part_name") == [MARCH, APRIL]


def test_links_are_followed(export: Export, tmp_path: Path) -> None:
    other = tmp_path / "other [disk]"
    shutil.move(export.folder / CLICKS, other / "clicks")
    shutil.move(export.folder / f"{USERS}.csv", other / "people.csv")
    (export.folder / f"{USERS}.csv").symlink_to(other / "people.csv")
    (export.folder / CLICKS).mkdir()
    (export.folder / CLICKS / "linked").symlink_to(other / "clicks")
    (export.folder / CLICKS / "again.csv").symlink_to(other / "clicks" / "2026-04.csv")
    assert export.column("clicks", "click_id") == ["c2", "c1", "c2"]
    assert export.column("users", "full_name") == ["Ana"]


def broken_link(export: Export) -> None:
    (export.folder / CLICKS / "x.csv").symlink_to("nowhere.csv")


def loop(export: Export) -> None:
    (export.folder / CLICKS / "x").symlink_to("../" + CLICKS)


def link_to_itself(export: Export) -> None:
    (export.folder / CLICKS / "x.csv").symlink_to("x.csv")


def pipe(export: Export) -> None:
    os.mkfifo(export.folder / CLICKS / "x.csv")


def folder_like_a_file(export: Export) -> None:
    (export.folder / CLICKS / "x.csv").mkdir()


def notes(export: Export) -> None:
    export.put(f"{CLICKS}/x README.txt", "")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has other kinds of files")
@pytest.mark.parametrize(
    "damage", [broken_link, loop, link_to_itself, pipe, folder_like_a_file, notes]
)
def test_nothing_in_a_folder_of_parts_is_passed_over(
    export: Export, damage: Callable[[Export], None]
) -> None:
    damage(export)
    assert export.problem().startswith(f"{CLICKS}: {CLICKS}/x")


@pytest.mark.parametrize("hidden", [".DS_Store", "_SUCCESS", ".x.csv.crc", "_temporary/x.csv"])
def test_what_tools_leave_behind_is_no_part(export: Export, hidden: str) -> None:
    export.put(f"{CLICKS}/{hidden}", "what\x00ever")
    assert len(export.rows("clicks")) == 2


@pytest.mark.parametrize(
    "other",
    [
        *(f"{USERS}.csv.gz", f"{USERS}.JSON", f"{USERS}/a.csv", f"{USERS.upper()}.pq"),
        *(f"{USERS}.xlsx", f"{USERS}.csv.bz2", USERS),
    ],
)
def test_two_exports_of_one_table_are_named(export: Export, other: str) -> None:
    export.put(other, "id,full_name\n")
    sentence = export.problem()
    assert sentence.startswith(f"{USERS}: ")
    assert other.split("/", maxsplit=1)[0] in sentence


def test_a_table_that_is_a_folder_named_like_a_file_is_named(export: Export) -> None:
    (export.folder / f"{USERS}.csv").unlink()
    export.put(f"{USERS}.csv/part-0.csv", "id,full_name\nu1,Ana\n")
    assert export.problem().startswith(f"{USERS}: {USERS}.csv is a folder: name it {USERS} if")


@pytest.mark.parametrize("damage", ["file", "nothing", "url", "key", "empty"])
def test_a_folder_that_is_none_is_named_but_not_repeated(
    export: Export, damage: str, tmp_path: Path
) -> None:
    secrets = {
        "nothing": "sk-s3cret",
        "url": "postgresql://reader:s3cret@db/tracker",
        "key": '{"private_key": "s3cret"}',
    }
    (tmp_path / "empty").mkdir()
    existing = {"file": export.folder / f"{USERS}.csv", "empty": tmp_path / "empty"}
    export.raw_dir = secrets.get(damage) or str(existing[damage])
    sentence = export.problem()
    assert "s3cret" not in sentence
    if damage == "empty":
        assert sentence.startswith(
            f"{USERS}: no such table in {tmp_path}/empty: export it as a file"
        )
    else:
        assert sentence.startswith("REFSYNC_RAW_DIR")
        assert ": set it to " in sentence


LOCKED = {
    CLICKS: f"{CLICKS}: {CLICKS} cannot be read: permission denied.",
    MARCH: f"{CLICKS}: {MARCH} cannot be read: ",
    ".": f"{USERS}: the folder REFSYNC_RAW_DIR cannot be read: permission denied.",
    "..": "REFSYNC_RAW_DIR: this user may not enter a folder above it: ",
}

CREATE_VIEWS = """
import duckdb, sys
from refsync_tracker import files, listing
for folder in sys.argv[1:]:
    connection = duckdb.connect()
    connection.execute("attach ':memory:' as tracker")
    try:
        files.create_views(connection, listing.real_root(folder))
        print("no error")
    except Exception as error:
        print(type(error).__name__, error)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has other permissions")
def test_what_may_not_be_read_is_named(export: Export, tmp_path: Path) -> None:
    """One process, which has no more power than an ordinary user, tries all of them."""
    folders = [tmp_path / str(number) / "raw" for number in range(len(LOCKED))]
    locked = [folder / name for folder, name in zip(folders, LOCKED, strict=True)]
    for folder, path in zip(folders, locked, strict=True):
        shutil.copytree(export.folder, folder)
        path.chmod(0)
    try:
        done = subprocess.run(
            [sys.executable, "-c", CREATE_VIEWS, *map(str, folders)],
            env={**os.environ, "PYTHONPATH": str(ROOT / "dbt_project" / "plugins")},
            preexec_fn=as_an_ordinary_user,
            capture_output=True,
            text=True,
            check=True,
        )
    finally:
        for path in locked:
            path.chmod(0o700)
    for line, sentence in zip(done.stdout.splitlines(), LOCKED.values(), strict=True):
        assert line.startswith(f"InputError {sentence}")


@pytest.mark.parametrize("way", ["written again", "replaced", "link"])
def test_a_corrected_file_of_the_same_size_and_time_is_another_version(
    export: Export, way: str
) -> None:
    path = export.folder / MARCH
    if way == "link":
        path.rename(export.folder / "old")
        path.symlink_to(export.folder / "old")
    before, stat = export.rows("parts"), path.stat()
    content = path.read_bytes().replace(b"192.0.2.1", b"192.0.2.9")
    if way == "written again":
        path.write_bytes(content)
    else:
        corrected = export.put("new", content)
        os.utime(corrected, ns=(stat.st_atime_ns, stat.st_mtime_ns))
        if way == "link":
            path.unlink()
            path.symlink_to(corrected)
        else:
            corrected.replace(path)
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert (path.stat().st_size, path.stat().st_mtime_ns) == (stat.st_size, stat.st_mtime_ns)
    changed = {row["part_name"] for row in export.rows("parts") if row not in before}
    assert changed == {MARCH}
    assert export.rows("parts") == export.rows("parts")


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such names")
def test_a_name_that_is_not_utf_8_is_named(export: Export) -> None:
    (export.folder / MARCH).rename(export.folder / CLICKS / os.fsdecode(b"K\xf6ln.csv"))
    assert export.problem() == (
        f"{CLICKS}: the name of {CLICKS}/K\\udcf6ln.csv is not UTF-8: rename it."
    )
    export.raw_dir = str(export.folder.rename(export.folder.with_name(os.fsdecode(b"K\xf6ln"))))
    assert re.fullmatch(
        r"REFSYNC_RAW_DIR: the name of .*K\\udcf6ln is not UTF-8: rename it\.", export.problem()
    )
