"""What PostgreSQL is asked for: one snapshot of all marts, and values that no driver spoils."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from unittest.mock import Mock

import psycopg
import pytest

from refsync.marts.cells import as_cells
from refsync.marts.dialects import PostgreSQL
from refsync.worksheet.table import Column, Format

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

Connection = psycopg.Connection[Any]
DIALECT = PostgreSQL("UTC")
MARTS = [Mock(relation=f'public."{name}"', is_materialized_view=False) for name in ("A", "b")]
VIEW = Mock(relation="public.seen", is_materialized_view=True)


@pytest.fixture
def builder(postgres_database: str) -> Iterator[Connection]:
    """The connection of a build."""
    with psycopg.connect(postgres_database, autocommit=True) as connection:
        connection.execute('create table "A" as select 1 as x')
        connection.execute("create table b as select 1 as x")
        connection.execute(
            "create materialized view seen as select 1 as x, 1.50::numeric(9, 2) as y"
        )
        yield connection


@pytest.fixture
def reader(postgres_database: str) -> Iterator[Connection]:
    """The connection of a push, as dbt's adapter leaves it: no transaction that it knows of."""
    with psycopg.connect(postgres_database, autocommit=True) as connection:
        yield connection


def begin(reader: Connection) -> None:
    for statement in DIALECT.begin([*MARTS, VIEW]):
        reader.execute(statement)


def test_all_marts_are_of_one_moment(builder: Connection, reader: Connection) -> None:
    begin(reader)
    assert reader.execute('select count(*) from "A"').fetchone() == (1,)
    builder.execute("insert into b values (2)")
    assert reader.execute("select count(*) from b").fetchone() == (1,)
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        reader.execute("delete from b")


def test_a_table_is_not_replaced_while_it_is_read(builder: Connection, reader: Connection) -> None:
    """A snapshot does not see the rows of a table that was renamed into place after it."""
    begin(reader)
    builder.execute("create table b_new as select generate_series(1, 9) as x")
    builder.execute("set lock_timeout = '50ms'")
    with pytest.raises(psycopg.errors.LockNotAvailable):
        builder.execute("drop table b")
    assert reader.execute("select count(*) from b").fetchone() == (1,)
    reader.execute("rollback")
    builder.execute("drop table b")


def test_a_build_at_work_is_not_waited_for(builder: Connection, reader: Connection) -> None:
    with builder.transaction():
        builder.execute("alter table b rename to b_old")
        with pytest.raises(psycopg.errors.LockNotAvailable):
            begin(reader)


def test_the_columns_of_a_materialized_view(builder: Connection) -> None:
    rows = builder.execute(DIALECT.columns(VIEW)).fetchall()
    assert rows == [("x", "integer"), ("y", "numeric(9,2)")]


@pytest.mark.parametrize(
    ("literal", "data_type", "format_", "cell"),
    [
        ("9007199254740993", "bigint", "plain", "9007199254740993"),
        ("12", "integer", "integer", 12),
        ("19.90", "numeric(10,2)", "decimal", 19.9),
        ("19.99::real", "real", "plain", 19.99),
        ("'NaN'", "double precision", "plain", None),
        ("'infinity'", "numeric", "plain", None),
        ("true", "boolean", "boolean", True),
        ("'2026-03-01'", "date", "date", "2026-03-01"),
        ("'0044-03-15 BC'", "date", "date", "0044-03-15 BC"),
        ("'infinity'", "date", "date", "infinity"),
        (
            "'2026-03-01 12:34:56.7'",
            "timestamp without time zone",
            "timestamp",
            "2026-03-01 12:34:56",
        ),
        ("'2026-03-01 12:34+02'", "timestamp with time zone", "timestamp", "2026-03-01 10:34:00"),
        ("'-infinity'", "timestamp with time zone", "timestamp", "-infinity"),
        ("'10:30'", "time", "text", "10:30:00"),
        ("'1 day 2 hours'", "interval", "text", "1 day 02:00:00"),
        ("""'{"b":1, "a":[]}'""", "json", "text", '{"b":1, "a":[]}'),
        ("""'{"b":1, "a":[]}'""", "jsonb", "text", '{"a": [], "b": 1}'),
        ("'\\xdeadbeef'", "bytea", "text", "\\xdeadbeef"),
        ("array[1, 2]", "integer[]", "text", "{1,2}"),
        ("'[1,5)'", "int4range", "text", "[1,5)"),
        ("12.5", "money", "text", "$12.50"),
    ],
)
def test_a_value_of_each_type(
    reader: Connection, literal: str, data_type: str, format_: Format, cell: date | str | float
) -> None:
    reader.execute("set datestyle to german; set timezone to 'Asia/Tokyo'")
    for statement in DIALECT.begin([]):
        reader.execute(statement)
    expression = DIALECT.expression('"X x"', data_type, "text")
    query = f'select {expression} from (select cast({literal} as {data_type}) as "X x") as t'
    value = reader.execute(query).fetchone()
    assert value is not None
    (found,) = as_cells(Column("x", "X", format_), value)
    assert (str(found)[:19] if hasattr(found, "year") else found) == cell
