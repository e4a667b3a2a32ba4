"""The tracker's own database: the rows that a build needs, read at one moment.

Event tables are read in parts, one for each date in UTC. A part's version is a fingerprint that the
database itself computes. So a build finds every row that was added, changed or removed. It reads
the events of those dates only, and the events that a worksheet shows. They are in the catalog
`tracker` while the build runs.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .schema import PARTS, TABLES, InputError, TrackerTable, mark_new_parts
from .transaction import reading, transaction

if TYPE_CHECKING:
    from collections.abc import Iterable

    import duckdb

    from .database import Database

UNDATED = "undated"
"""The part of rows without a timestamp in the years 1 to 9999."""

PART = re.compile(rf"[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}|{UNDATED}")
"""The name of a part of a database."""

_PART_OF_DAY = f"coalesce(cast(_day as varchar), '{UNDATED}')"
"""That name, as DuckDB makes it of `_day`."""

_PART_OF_ROW = "cast(cast(make_timestamp(epoch_us(_at)) as date) as varchar)"
"""That name for a row whose year can be counted: the database would take longer for the dates."""


@dataclass(frozen=True)
class Wanted:
    """Which events a build needs; instants are SQL literals, in UTC.

    Attributes:
        changed_parts: A query for added, changed and removed parts, as `schema.mark_new_parts`
            takes it.
        margin: Days around a changed part that can have a reporting date in common with it.
        shown_from: The start of the dates that the raw worksheet shows, or earlier.
        shown_until: Their end, or later.
        surely_shown_until: Their end, or earlier.
        most_shown: How many events the raw worksheet shows at most: the newest.
    """

    changed_parts: str
    margin: int
    shown_from: str
    shown_until: str
    surely_shown_until: str
    most_shown: int


def create_tables(connection: duckdb.DuckDBPyConnection, database: Database) -> None:
    """Create the empty tables of the catalog `tracker`.

    Raises:
        InputError: The database cannot be read, or its tables are not the tracker's.
    """
    with transaction(connection, database) as cursor:
        for table in TABLES:
            with reading(database, table):
                database.describe(cursor, table)
    connection.execute(PARTS)
    for table in TABLES:
        types = {**database.types(table), "_part": "VARCHAR"}
        if table.event_type is None:
            types["_row"] = "BIGINT"
        else:
            types |= {"_file": "VARCHAR", "_is_new": "BOOLEAN"}
        columns = ", ".join(f'"{name}" {kind}' for name, kind in types.items())
        connection.execute(f"create table tracker.{table.name} ({columns})")


def read(connection: duckdb.DuckDBPyConnection, database: Database, wanted: Wanted | None) -> None:
    """Fill the tables with the rows that a build needs, all of one moment; `None` for no events.

    Raises:
        InputError: The database did not return all of them; the tables are as they were.
    """
    with transaction(connection, database) as cursor:
        for table in TABLES:
            if table.event_type is None or wanted is not None:
                with reading(database, table):
                    if table.event_type is None:
                        _read_descriptions(cursor, database, table)
                    else:
                        _read_parts(cursor, database, table)
        if wanted is None:
            return
        mark_new_parts(cursor, wanted.changed_parts)
        changed: dict[str, set[str]] = {}
        for event_type, part, *_ in cursor.execute(wanted.changed_parts).fetchall():
            if PART.fullmatch(part):  # files, if the last build was made from files
                changed.setdefault(event_type, set()).add(part)
        either = set().union(*changed.values())
        for table in TABLES:
            if table.event_type is not None:
                query = database.run(
                    f"select {_columns(table)}, _at from ({database.rows(table)}) as events "
                    f"where _copy = 1 and ({_condition(database, table, wanted, either)})"
                )
                # Not a join: DuckDB expects one row of a database, and may hash all events for it.
                is_new = (
                    f"{_PART_OF_ROW} in (select part from tracker.parts "
                    f"where event_type = '{table.event_type}' and is_new)"
                )
                with reading(database, table):
                    cursor.execute(
                        f"insert into tracker.{table.name} select {_columns(table)}, "
                        f"{_PART_OF_ROW}, {_PART_OF_ROW}, {is_new} from {query} as events"
                    )


def marks(instant: str, key: str | None) -> list[str]:
    """Return the columns that refsync adds to an event table.

    Args:
        instant: The expression for the row's instant.
        key: The expression for its id, the same in all copies; None if no id can be twice.
    """
    copy = "1" if key is None else f"rank() over (partition by {key} order by {instant})"
    date = f"cast(timezone('UTC', {instant}) as date)"
    day = f"case when {_is_in_years(instant)} then {date} end"
    return [f"{instant} as _at", f"{day} as _day", f"{copy} as _copy"]


def _is_in_years(instant: str) -> str:
    """Return a condition for instants of the years 1 to 9999."""
    first, last = "timestamptz '0001-01-01 00:00:00+00'", "timestamptz '10000-01-01 00:00:00+00'"
    return f"{instant} >= {first} and {instant} < {last}"


def _columns(table: TrackerTable) -> str:
    return ", ".join(f'"{name}"' for name in table.all_columns)


def _read_descriptions(
    cursor: duckdb.DuckDBPyConnection, database: Database, table: TrackerTable
) -> None:
    for name in sorted(table.timestamps):
        column, instant = f'"{name}"', database.instant(name)
        is_wrong = f"{column} is not null and ({_is_in_years(instant)}) is not true"
        _refuse_row(cursor, database, table, name, is_wrong)
    query = database.run(f"select {_columns(table)} from ({database.rows(table)}) as described")
    cursor.execute(
        f"insert into tracker.{table.name} select *, 'database', row_number() over () from {query}"
    )


def _read_parts(cursor: duckdb.DuckDBPyConnection, database: Database, table: TrackerTable) -> None:
    query = database.run(database.versions(table))
    cursor.execute(
        f"insert into tracker.parts "
        f"select '{table.event_type}', {_PART_OF_DAY}, version, true from {query}"
    )
    undated = f"from tracker.parts where part = '{UNDATED}' and event_type = '{table.event_type}'"
    if cursor.execute(undated).fetchone():
        _refuse_row(cursor, database, table, "timestamp", "_copy = 1 and _day is null")


def _refuse_row(
    cursor: duckdb.DuckDBPyConnection,
    database: Database,
    table: TrackerTable,
    name: str,
    is_wrong: str,
) -> None:
    """Raise an error about the first row with a wrong time, if there is one."""
    query = database.run(
        f'select cast(id as text) as row_id, cast("{name}" as text) as value '
        f"from ({database.rows(table)}) as all_rows where {is_wrong} order by 1 limit 1"
    )
    found = cursor.execute(f"from {query}").fetchone()
    if found:
        row, value = found
        problem = f"{value!r} is not" if value is not None else "is empty, not"
        raise InputError(
            f"{table.name}: the {name} {problem} a time of the years 1 to 9999 such as "
            f"2026-03-31 08:15:00+00:00, in the row with the id {row}; correct it at the source."
        )


def _condition(database: Database, table: TrackerTable, wanted: Wanted, changed: set[str]) -> str:
    """Return a condition for the events to count and those that the raw worksheet shows."""
    conditions = [
        f"(_at >= timestamptz '{start}' and _at < timestamptz '{end}')"
        for start, end in _ranges(changed - {UNDATED}, wanted.margin)
    ]
    conditions.append(_is_shown(database, table, wanted))
    if table.event_type == "click":
        (signups,) = (table for table in TABLES if table.event_type == "signup")
        ids = [(table, "id"), (signups, "click_event_id")]
        if all(database.types(table)[name] == "UUID" for table, name in ids):
            id_, click_event_id = "id", "click_event_id"
        else:
            id_, click_event_id = (database.identifier(table, name) for table, name in ids)
        conditions.append(
            f"{id_} in (select {click_event_id} from ({database.rows(signups)}) as signups "
            f"where _copy = 1 and ({_is_shown(database, signups, wanted)}))"
        )
    return " or ".join(conditions)


def _is_shown(database: Database, table: TrackerTable, wanted: Wanted) -> str:
    """Return a condition for the newest events that the raw worksheet may show.

    The hour at which the reporting zone's dates end is unknown here. So the newest events are
    counted from an instant that is surely earlier, and all later ones are included. If ids may
    repeat, rows are no measure of events, and all are included.
    """
    shown = f"_at >= timestamptz '{wanted.shown_from}' and _at < timestamptz '{wanted.shown_until}'"
    if not database.unique[table.name]:
        return shown
    newest = (
        f"select _at from ({database.rows(table)}) as newest "
        f"where {shown} and _at < timestamptz '{wanted.surely_shown_until}' "
        f"order by _at desc limit {wanted.most_shown}"
    )
    return (
        f"{shown} and (_at >= timestamptz '{wanted.surely_shown_until}' "
        f"or _at >= (select min(_at) from ({newest}) as shown))"
    )


def _ranges(dates: Iterable[str], margin: int) -> list[tuple[str, str]]:
    """Return the spans of dates in UTC, each with a margin of days around it."""
    ranges: list[tuple[int, int]] = []
    for day in sorted(dt.date.fromisoformat(date).toordinal() for date in dates):
        start, end = day - margin, day + margin + 1
        if ranges and start <= ranges[-1][1]:
            ranges[-1] = (ranges[-1][0], end)
        else:
            ranges.append((start, end))
    return [(_midnight(start), _midnight(end)) for start, end in ranges]


def _midnight(day: int) -> str:
    """Return the start of a day by its number; infinity beyond the calendar."""
    if day < 1:
        return "-infinity"
    if day > dt.date.max.toordinal():
        return "infinity"
    return f"{dt.date.fromordinal(day)} 00:00:00+00"
