"""Tracker tables as files, written in the ways that export tools write them."""

from __future__ import annotations

import csv
import json
import shutil
import tempfile
from dataclasses import dataclass, field, replace
from io import StringIO
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import duckdb

from tests.pipeline import oracle, tracker_data

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.pipeline.tracker_data import Part, Parts

NUMBERS = {
    "click_count": "integer",
    "signup_count": "integer",
    "conversion_minutes": "integer",
    "fraud_score": "double",
    "is_active": "boolean",
}


def read_csv(path: Path) -> list[oracle.SourceRow]:
    """Return the rows of a CSV file; an empty field is a null."""
    with path.open(encoding="utf-8", newline="") as file:
        return [{key: value or None for key, value in row.items()} for row in csv.DictReader(file)]


def read_csv_folder(folder: Path) -> oracle.Tracker:
    """Return the six tables of a folder of CSV files and folders of them."""
    return {
        table: [
            read_csv(path)
            for path in sorted((folder / table).glob("*.csv")) or [folder / f"{table}.csv"]
        ]
        for table in oracle.TABLES
    }


def write(folder: Path, parts: Parts, random: Random) -> None:
    """Write each table's parts; `random` draws the variant of each part's format."""
    writers = {"csv": write_csv, "jsonl": write_jsonl, "parquet": write_parquet}
    for table, files in parts.items():
        for part in files:
            path = folder / table / part.name if part.name else folder / table
            path = path.with_name(f"{path.name}.{part.format}")
            path.parent.mkdir(parents=True, exist_ok=True)
            columns = list(part.columns or columns_of(table))
            random.shuffle(columns)
            writers[part.format](path, part, columns, random)


@dataclass
class GrowingExport:
    """Exports over time: parts come, are written again with other rows, and go; their rows overlap.

    Attributes:
        folder: Their folder.
        everything: All parts that there ever are, with all their rows.
        random: Draws what happens.
        untouched: How many files the last arrival left as they were.
    """

    folder: Path
    everything: Parts
    random: Random
    untouched: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        self.versions = {table: list(files) for table, files in self.everything.items()}

    def arrive(self) -> oracle.Tracker:
        """Change the folder to its next state; return its contents."""
        for table, files in self.everything.items():
            for place, part in enumerate(files):
                if self.random.random() < 0.2:
                    some = [row for row in part.rows if self.random.random() < 0.7]
                    self.versions[table][place] = replace(part, rows=some)
        present = {
            table: [part for part in files if self.random.random() < 0.8] or [files[0]]
            for table, files in self.versions.items()
        }
        with tempfile.TemporaryDirectory() as temporary:
            for table, files in present.items():
                for part in files:
                    # Drawn by its name, so that a part is always the same file.
                    write(Path(temporary), {table: [part]}, Random(f"{table}/{part.name}"))
            self._become(Path(temporary))
        return tracker_data.rows(present)

    def _become(self, other: Path) -> None:
        """Copy another folder's contents, without touching files that are equal."""
        wanted = {path.relative_to(other) for path in other.rglob("*") if path.is_file()}
        there = {path.relative_to(self.folder) for path in self.folder.rglob("*") if path.is_file()}
        for path in there - wanted:
            (self.folder / path).unlink()
        self.untouched = 0
        for path in wanted:
            ours, theirs = self.folder / path, other / path
            if path in there and ours.read_bytes() == theirs.read_bytes():
                self.untouched += 1
            else:
                ours.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(theirs, ours)


def columns_of(table: str) -> Sequence[str]:
    """Return the columns of a table without a row, as far as refsync reads them."""
    event = ("id", "referral_link_id", "timestamp")
    return {
        oracle.CLICKS: (*event, "ip", "user_agent"),
        oracle.SIGNUPS: (*event, "click_event_id"),
        oracle.LINKS: ("id", "officer_id", "campaign_id", "updated_at"),
    }[table]


def write_csv(path: Path, part: Part, columns: list[str], random: Random) -> None:
    """Write CSV, with or without CRLF, a byte order mark, quotes everywhere, a foreign column."""
    extra = ["a column, of ours"] if random.random() < 0.3 else []
    text = StringIO()
    writer = csv.writer(
        text,
        lineterminator="\r\n" if random.random() < 0.3 else "\n",
        quoting=csv.QUOTE_ALL if random.random() < 0.3 else csv.QUOTE_MINIMAL,
    )
    writer.writerow(columns + extra)
    writer.writerows([row[key] for key in columns] + ["x"] * len(extra) for row in part.rows)
    encoding = "utf-8-sig" if random.random() < 0.3 else "utf-8"
    content = text.getvalue().rstrip("\r\n") if random.random() < 0.3 else text.getvalue()
    path.write_bytes(content.encode(encoding))


def write_jsonl(path: Path, part: Part, columns: list[str], random: Random) -> None:
    """Write JSON lines: numbers as numbers, with a nested value of our own, escaped or not.

    Some exporters leave out a key whose value is null; here the first line says all of them.
    """
    escaped = random.random() < 0.5
    without_nulls = random.random() < 0.5
    lines: list[str] = []
    for row in part.rows:
        values: dict[str, Any] = {key: row[key] for key in columns}
        for key in NUMBERS.keys() & row.keys():
            values[key] = json.loads(row[key] or "null")
        if without_nulls and lines:
            values = {key: value for key, value in values.items() if value is not None}
        values["of ours"] = {"nested": [1, None]}
        lines.append(json.dumps(values, ensure_ascii=escaped) + "\n")
    path.write_text("".join(lines), encoding="utf-8", newline="")


def write_parquet(path: Path, part: Part, columns: list[str], random: Random) -> None:
    """Write Parquet: text throughout, or typed, with uuids where every id is one."""
    moment_type = pick(random, "varchar", "timestamptz", "timestamp", "timestamp_ns")
    all_uuids = all(
        oracle.UUID.fullmatch((row[key] or "0" * 32).lower())
        for row in part.rows
        for key in columns
        if is_id(key)
    )
    id_type = pick(random, "varchar", "uuid") if all_uuids else "varchar"

    def kind(key: str) -> str:
        if is_moment(key):
            return moment_type
        return id_type if is_id(key) else NUMBERS.get(key, "varchar")

    plain = path.with_suffix(".rows")
    rows = ({key: typed(row, key, moment_type) for key in columns} for row in part.rows)
    plain.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    values = ", ".join(f'cast("{key}" as {kind(key)}) as "{key}"' for key in columns)
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        source = connection.read_json(
            str(plain), columns=dict.fromkeys(columns, "varchar"), format="newline_delimited"
        )
        source.project(values).write_parquet(str(path))
    plain.unlink()


def pick(random: Random, *choices: str) -> str:
    """Return one of the choices."""
    return choices[int(random.random() * len(choices))]


def is_id(key: str) -> bool:
    """Whether a column has ids."""
    return key == "id" or key.endswith("_id")


def is_moment(key: str) -> bool:
    """Whether a column has times."""
    return key.endswith(("_at", "_date", "timestamp"))


def typed(row: oracle.SourceRow, key: str, moment_type: str) -> str | None:
    """Return a value that DuckDB casts to its type without rounding or guessing."""
    value = row[key]
    if moment_type == "varchar" or not is_moment(key):
        return value
    moment = oracle.timestamp(value)
    if moment is None:
        return None
    text = moment.replace(tzinfo=None).isoformat(sep=" ", timespec="microseconds")
    return text + {"timestamptz": "+00", "timestamp_ns": "789"}.get(moment_type, "")
