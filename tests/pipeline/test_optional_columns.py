"""Columns that not every tracker has: unknown where they are missing, and never guessed."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from typing import TYPE_CHECKING

import psycopg
import pytest

from tests.pipeline.databases import PostgresTracker, SqliteTracker, held, read
from tests.pipeline.exports import CLICKS, LINKS, SIGNUPS, Export

if TYPE_CHECKING:
    from pathlib import Path

    from tests.pipeline.oracle import SourceRow

LINK = {"id": "l1", "officer_id": "o1", "campaign_id": "k1"}
CLICK = {"id": "c1", "referral_link_id": "l1", "timestamp": "2026-03-30 08:00:00"}
SIGNUP = {**CLICK, "id": "s1", "click_event_id": "c1"}

PLAIN = {"clicks": (CLICKS, CLICK), "signups": (SIGNUPS, SIGNUP), "referral_links": (LINKS, LINK)}

NUMBERS = {
    "7": 7.0,
    "7.0": 7.0,
    " 7.25 ": 7.25,
    "-1": -1.0,
    "+3": 3.0,
    ".5": 0.5,
    "1E1": 10.0,
    "1e-400": 0.0,
    "007": 7.0,
}

NO_NUMBERS = (
    *("high", "true", "NaN", "nan", "inf", "-Infinity", "1e999", "7_000", "7d", "0x7", "7,5"),
    *("7%", "1 000", "--1", "2026-03-30", "\u0667", "fraud_score"),
)

TRUTHS = {
    **dict.fromkeys(("true", "True", "t", "1", "1.0", "yes", " Y ", "on"), True),
    **dict.fromkeys(("false", "FALSE", "f", "0", "0.0", "no", "N", "off"), False),
}


def csv(rows: list[dict[str, str]]) -> str:
    """Return rows as a CSV file."""
    return "".join(f"{','.join(line)}\n" for line in (rows[0], *(row.values() for row in rows)))


@pytest.mark.parametrize("model", PLAIN)
def test_a_missing_column_and_an_empty_value_are_unknown(export: Export, model: str) -> None:
    table, row = PLAIN[model]
    columns = {
        "clicks": ["fraud_score"],
        "signups": ["conversion_minutes", "fraud_score"],
        "referral_links": ["ref_code", "created_at", "is_active", "revoke_at"],
    }[model]
    export.only(f"{table}/1.csv", csv([row]))
    export.put(f"{table}/2.csv", csv([row | dict.fromkeys(columns, "")]))
    export.put(f"{table}/3.jsonl", json.dumps(row | dict.fromkeys(columns)))
    export.put(f"{table}/4.jsonl", json.dumps(row))
    for column in columns:
        assert export.column(model, column) == [None] * 4


def test_a_number_is_read_however_it_is_written(export: Export) -> None:
    rows = [CLICK | {"fraud_score": text} for text in NUMBERS]
    export.only(f"{CLICKS}/1.csv", csv(rows))
    export.put(f"{CLICKS}/2.jsonl", json.dumps(CLICK | {"fraud_score": 7.1}))
    expected = [*NUMBERS.values(), 7.1]
    assert export.column("clicks", "fraud_score") == expected
    columns = ", ".join(f"'{value}' as {key}" for key, value in CLICK.items())
    types = ("double", "float", "int", "hugeint", "utinyint", "decimal(9, 2)", "varchar")
    for kind in types:
        name = f"{CLICKS}/3 {kind}.parquet"
        export.parquet(name, f"select {columns}, cast(7.1 as {kind}) as fraud_score")
        whole = kind.endswith("int")
        expected.append(7.0 if whole else 7.1)
    assert sorted(export.column("clicks", "fraud_score")) == sorted(expected)
    export.only(f"{CLICKS}/1.parquet", b"")
    export.parquet(f"{CLICKS}/1.parquet", f"select {columns}")
    export.parquet(f"{CLICKS}/2.parquet", f"select {columns}, 8::double as fraud_score")
    assert export.column("clicks", "fraud_score") == [None, 8.0]


@pytest.mark.parametrize("text", NO_NUMBERS)
def test_what_is_no_number_is_named(export: Export, text: str) -> None:
    export.only(f"{CLICKS}/1.jsonl", json.dumps(CLICK | {"fraud_score": text}))
    assert export.problem() == (
        f"{CLICKS}: the fraud_score '{text}' in {CLICKS}/1.jsonl is not a number such as 7.5; "
        "correct it at the source, or leave it empty."
    )
    if text.isascii() and "," not in text:
        export.only(f"{SIGNUPS}.csv", csv([SIGNUP | {"conversion_minutes": text}]))
        assert f"the conversion_minutes '{text}'" in export.problem("signups")


@pytest.mark.parametrize("value", ["'nan'::double", "'inf'::float", "true", "date '2026-03-30'"])
def test_a_number_of_parquet_that_is_none_is_named(export: Export, value: str) -> None:
    columns = ", ".join(f"'{text}' as {key}" for key, text in CLICK.items())
    export.only(f"{CLICKS}/1.parquet", b"")
    export.parquet(f"{CLICKS}/1.parquet", f"select {columns}, {value} as fraud_score")
    assert "the fraud_score" in (problem := export.problem())
    assert "is not a number" in problem


def test_true_and_false_are_read_however_they_are_written(export: Export) -> None:
    rows = [LINK | {"is_active": text} for text in TRUTHS]
    export.only(f"{LINKS}/1.csv", csv(rows))
    export.put(f"{LINKS}/2.jsonl", json.dumps(LINK | {"is_active": True}))
    columns = ", ".join(f"'{text}' as {key}" for key, text in LINK.items())
    export.parquet(f"{LINKS}/3.parquet", f"select {columns}, false as is_active")
    assert export.column("referral_links", "is_active") == [*TRUTHS.values(), True, False]


@pytest.mark.parametrize("text", ["maybe", "2", "NaN", "-1", "truee", "is_active"])
def test_what_is_neither_true_nor_false_is_named(export: Export, text: str) -> None:
    export.only(f"{LINKS}.csv", csv([LINK | {"is_active": text}]))
    assert export.problem("referral_links") == (
        f"{LINKS}: the is_active '{text}' in {LINKS}.csv is not true or false; correct it at the "
        "source, or leave it empty."
    )


@pytest.mark.parametrize("column", ["created_at", "revoke_at"])
def test_a_link_has_times(export: Export, column: str) -> None:
    export.only(f"{LINKS}.csv", csv([LINK | {column: "2026-03-30 10:00+02"}]))
    eight = datetime(2026, 3, 30, 8, tzinfo=timezone.utc)
    assert export.column("referral_links", column) == [eight]
    export.only(f"{LINKS}.csv", csv([LINK | {column: "30/03/26"}]))
    assert f"{LINKS}: the {column} '30/03/26' in {LINKS}.csv" in export.problem("referral_links")


# Databases.

UUID = "00000000-0000-4000-8000-00000000000a"
MOMENT = "2026-03-30 08:00:00+00:00"
IN_DATABASE: dict[str, SourceRow] = {
    "auth_service_user": {"id": UUID, "full_name": "Ana"},
    "auth_service_officer": {"id": UUID, "user_id": UUID},
    "dashboard_service_campaign": {"id": UUID, "name": "Spring", "start_date": MOMENT},
    LINKS: {
        **dict.fromkeys(LINK, UUID),
        "ref_code": "ana",
        "created_at": MOMENT,
        "is_active": "true",
        "revoke_at": MOMENT,
    },
    CLICKS: {"id": UUID, "referral_link_id": UUID, "timestamp": MOMENT, "fraud_score": "7.1"},
    SIGNUPS: {
        **dict.fromkeys(("id", "click_event_id", "referral_link_id"), UUID),
        "timestamp": MOMENT,
        "conversion_minutes": "59",
        "fraud_score": "8",
    },
}

TRACKER = {table: [[held(table, row)]] for table, row in IN_DATABASE.items()}

OPTIONAL = {
    LINKS: ("ref_code", "created_at", "is_active", "revoke_at"),
    CLICKS: ("fraud_score",),
    SIGNUPS: ("conversion_minutes", "fraud_score"),
}


def test_postgres_has_them_or_not(postgres_database: str) -> None:
    PostgresTracker(postgres_database).fill(TRACKER)
    [link], [click], [signup] = (read(postgres_database)[table] for table in OPTIONAL)
    assert (link["ref_code"], link["is_active"]) == ("ana", "true")
    assert (link["created_at"], link["revoke_at"]) == ("2026-03-30 08:00:00+00",) * 2
    assert (click["fraud_score"], signup["fraud_score"]) == ("7.1", "8.0")
    assert signup["conversion_minutes"] == "59.0"
    with psycopg.connect(postgres_database, autocommit=True) as connection:
        connection.execute(f"alter table {CLICKS} alter fraud_score type real using 7.1")
        (click,) = read(postgres_database)[CLICKS]
        assert click["fraud_score"] == "7.1"
        for table, columns in OPTIONAL.items():
            for column in columns:
                connection.execute(f"alter table {table} drop {column}")
    for table, columns in OPTIONAL.items():
        (row,) = read(postgres_database)[table]
        assert [row[column] for column in columns] == [None] * len(columns)


def test_sqlite_has_them_or_not(tmp_path: Path) -> None:
    tracker = SqliteTracker(tmp_path / "db.sqlite3")
    tracker.fill(TRACKER)
    [link], [click], [signup] = (read(tracker.url)[table] for table in OPTIONAL)
    assert (link["ref_code"], link["is_active"]) == ("ana", "1")
    assert (link["created_at"], link["revoke_at"]) == ("2026-03-30 08:00:00",) * 2
    assert (click["fraud_score"], signup["conversion_minutes"]) == ("7.1", "59")
