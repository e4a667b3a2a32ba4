"""Any database that dbt has an adapter for, read through dbt's own connection to it."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import duckdb
from dbt.adapters.exceptions.connection import FailedToConnectError
from dbt.adapters.factory import get_adapter, register_adapter, reset_adapters
from dbt.context.providers import generate_runtime_macro_context
from dbt.mp_context import get_mp_context
from dbt.parser.manifest import ManifestLoader
from dbt_common.events.base_types import EventLevel
from dbt_common.exceptions import DbtBaseException

from refsync.errors import MartError
from refsync.marts.build_status import UNFINISHED
from refsync.marts.column_types import is_known
from refsync.marts.dbt_config import as_dbt_runs, said
from refsync.marts.dialects import dialect_of
from refsync.marts.order_terms import order_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from refsync.marts.mart import Mart
    from refsync.worksheet.table import Column

BATCH = 10_000
"""Rows that are taken from a cursor at a time."""

_UNORDERED = frozenset({"JSON", "USER-DEFINED"})

DATABASE_ERRORS = DbtBaseException, duckdb.Error
"""What an adapter raises of a database; dbt-duckdb raises DuckDB's own errors."""


class Warehouse:
    """A database behind dbt's adapter, on one connection from the first query to the last."""

    def __init__(
        self, config: Any, folder: Path, files: Mapping[str, Path], time_zone: str
    ) -> None:
        """Connect to a target.

        Args:
            config: dbt's configuration of it.
            folder: The dbt project's folder.
            files: The DuckDB files that it opens, by their catalogs in lower case.
            time_zone: The zone that DuckDB shows times in.

        Raises:
            MartError: The database does not answer.
        """
        self.name = f"the target {config.target_name}"
        self.files = files
        self._config = config
        self._schema: str = config.credentials.schema
        self._dialect = dialect_of(config.credentials.type, time_zone)
        self._stack = ExitStack()
        try:
            self._stack.enter_context(as_dbt_runs(folder))
            reset_adapters()  # type: ignore[no-untyped-call]
            register_adapter(config, get_mp_context(), EventLevel.DEBUG)
            self._adapter: Any = get_adapter(config)
            self._stack.callback(self._adapter.cleanup_connections)
            self._load_macros()
            self._stack.enter_context(self._adapter.connection_named("refsync-push"))
        except DATABASE_ERRORS as error:
            self._stack.close()
            raise self._unreadable("What dbt built", error) from error
        except BaseException:
            self._stack.close()
            raise

    def _load_macros(self) -> None:
        """Load the macros by which an adapter describes a table."""
        macros = ManifestLoader.load_macros(
            self._config, self._adapter.connections.set_query_header
        )
        self._adapter.set_macro_resolver(macros)
        self._adapter.set_macro_context_generator(generate_runtime_macro_context)

    def close(self) -> None:
        """Close dbt's connections."""
        self._stack.close()

    def begin(self, marts: Sequence[Mart]) -> None:
        """From here on see the marts as of one moment, if the database can.

        Raises:
            MartError: A build is at work on one of them, or it is not there.
        """
        for statement in self._dialect.begin(marts):
            self._query(statement, "What dbt built", self._dialect.hint)

    def build_marks(self) -> list[dict[str, Any]]:
        """Return the row of the table `refsync_build`, if there is one, by its columns' names.

        Raises:
            MartError: The database does not answer.
        """
        try:
            relation = self._adapter.get_relation(
                self._config.credentials.database, self._schema, "refsync_build"
            )
        except DATABASE_ERRORS as error:
            raise self._unreadable("What dbt built", error) from error
        if relation is None:
            return []
        names, batches = self._query(f"select * from {relation}")  # noqa: S608 - dbt's own name
        rows = [row for batch in batches for row in batch]
        names = [name.rpartition(".")[2].lower() for name in names]
        return [dict(zip(names, row, strict=True)) for row in rows] or [dict(UNFINISHED)]

    def column_types(self, mart: Mart) -> dict[str, str]:
        """Return the types of a mart's columns by their names; empty where values have their own.

        Raises:
            MartError: The mart is not there, or the database does not answer.
        """
        try:
            relation = self._adapter.Relation.create(
                database=mart.database,
                schema=mart.schema,
                identifier=mart.identifier,
                quote_policy={**self._config.quoting, **mart.quoting},
            )
            columns = self._adapter.get_columns_in_relation(relation)
            if not columns:
                # dbt looks for columns where some databases do not list those of all views.
                columns = self._columns_of_query(mart)
        except DATABASE_ERRORS as error:
            raise self._unreadable(f"Model {mart.model!r}", error) from error
        if not columns:
            raise MartError(
                f"Model {mart.model!r} is in the manifest but not in {self.name}: run `dbt build`."
            )
        return {column.name: self._type(column) for column in columns}

    def _columns_of_query(self, mart: Mart) -> list[Any]:
        if query := self._dialect.columns(mart):
            _, batches = self._query(query, f"Model {mart.model!r}")
            return [self._adapter.Column(*row) for batch in batches for row in batch]
        names, _ = self._query(
            f"select * from {mart.relation} where 1 = 0",  # noqa: S608 - dbt quoted it
            f"Model {mart.model!r}",
        )
        return [self._adapter.Column(name, "") for name in names]

    def _type(self, column: Any) -> str:
        """Return a type's name as refsync knows it; an adapter's column knows names of its own."""
        if not self._dialect.is_typed:
            return ""
        data_type = str(column.dtype)
        precision, scale = column.numeric_precision, column.numeric_scale
        if is_known(data_type):
            is_decimal = precision is not None and scale is not None and "(" not in data_type
            fixed = is_decimal and column.is_numeric()
            return f"{data_type}({int(precision)},{int(scale)})" if fixed else data_type
        if column.is_integer():
            return "BIGINT"
        return data_type

    def rows(
        self, mart: Mart, columns: Sequence[Column], types: Mapping[str, str]
    ) -> Iterator[Sequence[Sequence[Any]]]:
        """Yield a mart's rows in its order, in batches; dates and times may be ISO 8601 texts.

        They are ordered by what `order_by` names, by the key, and by the columns that are shown and
        have an order in every database.

        Raises:
            MartError: They cannot be read.
        """
        quote = self._adapter.quote
        others = list(types) if self._dialect.orders_all else _ordered(columns, types)
        order = ", ".join(
            self._dialect.order(quote(term.column), types[term.column], term.descending)
            for term in order_of(mart.order_by, (*mart.key, *others), types)
        )
        shown = ", ".join(
            self._dialect.expression(quote(column.name), types[column.name], column.format)
            for column in columns
        )
        query = f"select {shown} from {mart.relation}"  # noqa: S608 - dbt quoted it
        ordered = f"{query} order by {order}" if order else query
        what = f"Model {mart.model!r}"
        if self._dialect.has_pages:
            yield from self._pages(ordered, what)
        else:
            yield from self._query(ordered, what)[1]

    def _pages(self, query: str, what: str) -> Iterator[Sequence[Sequence[Any]]]:
        """Yield a query's rows, of which the database keeps those that are not asked for yet."""
        self._query(f"declare refsync_rows no scroll cursor for {query}", what)
        while batch := next(self._query(f"fetch forward {BATCH} from refsync_rows", what)[1], None):
            yield batch
        self._query("close refsync_rows", what)

    def _query(
        self, query: str, what: str = "The build", hint: str = ""
    ) -> tuple[list[str], Iterator[Sequence[Sequence[Any]]]]:
        """Return the names of a query's columns, and its rows in batches."""
        try:
            if self._dialect.has_cursor:
                _, cursor = self._adapter.connections.add_query(query, auto_begin=False)
                names = [column[0] for column in cursor.description or ()]
                return names, _batches(cursor) if names else iter(())
            _, table = self._adapter.execute(query, fetch=True)
            return list(table.column_names), iter([[tuple(row) for row in table.rows]])
        except DATABASE_ERRORS as error:
            raise self._unreadable(what, error, hint) from error

    def _unreadable(self, what: str, error: Exception, hint: str = "") -> MartError:
        step = hint or "Run `dbt build` there, or `dbt debug` if it does not answer."
        if isinstance(error, FailedToConnectError):
            step = "Run `dbt debug` to see whether it answers."
        return MartError(f"{what} cannot be read from {self.name}: {said(error)} {step}")


def _ordered(columns: Sequence[Column], types: Mapping[str, str]) -> list[str]:
    """Return the columns that have an order in every database."""
    return [
        column.name
        for column in columns
        if not types[column.name]
        or (is_known(types[column.name]) and types[column.name].upper() not in _UNORDERED)
    ]


def _batches(cursor: Any) -> Iterator[Sequence[Sequence[Any]]]:
    if not hasattr(cursor, "fetchmany"):  # dbt-spark's own
        yield cursor.fetchall()
        return
    while batch := cursor.fetchmany(BATCH):
        yield batch
