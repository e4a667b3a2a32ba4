"""A column of a mart, read batch by batch into cells.

The database's type decides a column's format if the meta does not. Where the type is none that
refsync knows, or the database has none (SQLite), the values decide, once all of them are read.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from refsync.errors import MartError
from refsync.marts import cells
from refsync.marts.column_types import is_known, natural_decimals, natural_format
from refsync.worksheet.table import NUMERIC, TEMPORAL, Cell, Column

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from refsync.marts.column_meta import MartColumn
    from refsync.marts.mart import Mart
    from refsync.worksheet.table import Format

MAX_SHARED = 10_000
"""How many different cells of a column are looked up, so that equal ones are one object."""


class ColumnReader:
    """Takes a column's values in batches, and gives its cells."""

    def __init__(self, mart: Mart, described: MartColumn, name: str, data_type: str) -> None:
        """Read a column.

        Args:
            mart: Its mart.
            described: What the yml says about it.
            name: Its name in the database.
            data_type: Its type there; empty if the values have types of their own.

        Raises:
            MartError: The meta does not suit the type.
        """
        self._mart, self._described, self._data_type = mart, described, data_type
        self._is_typed = is_known(data_type)
        self.column = Column(
            name,
            described.header,
            described.format or "text",
            described.description,
            described.scale,
            look=described.look,
            total=described.total,
        )
        self._cells: list[Cell] = []
        self._raw: list[Any] = []
        self._blank = 0
        self._shared: dict[tuple[type, Cell], Cell] = {}
        if self._is_typed:
            self._settle(natural_format(data_type))

    def add(self, values: Sequence[Any]) -> None:
        """Take the next values."""
        if not self._is_typed:
            self._raw += values
            return
        converted = cells.as_cells(self.column, values)
        self._blank += sum(
            cell is None and value is not None
            for cell, value in zip(converted, values, strict=True)
        )
        self._cells += map(self._share, converted)

    def finish(self) -> list[Cell]:
        """Return the cells.

        Raises:
            MartError: The meta does not suit the values.
        """
        if not self._is_typed:
            raw, self._raw = self._raw, []
            natural = _format_of(raw, self.column.format if self._described.format else None)
            self._settle(natural)
            self._is_typed = True
            self.add([bool(value) for value in raw] if natural == "boolean" else raw)
        return self._cells

    def warnings(self) -> Iterator[str]:
        """Yield what had to be altered, a sentence each."""
        data_type = None if self._described.format else self._data_type
        yield from cells.warnings(
            self._mart.worksheet, self.column, data_type, self._blank, self._cells
        )

    def _share(self, cell: Cell) -> Cell:
        """Return an equal cell that was read before: columns repeat themselves."""
        if cell is None or isinstance(cell, bool):
            return cell
        key = (type(cell), cell)
        if len(self._shared) < MAX_SHARED:
            return self._shared.setdefault(key, cell)
        return self._shared.get(key, cell)

    def _settle(self, natural: Format) -> None:
        """Give the column its format, known to suit its values."""
        described = self._described
        chosen = described.format or natural
        if natural == "boolean" and chosen == "text":
            chosen = "boolean"  # TRUE and FALSE are words in a cell anyway
        suits = chosen in {"text", natural} or any(
            {chosen, natural} <= kinds for kinds in (NUMERIC, TEMPORAL)
        )
        place = f"Column {described.name!r} of model {self._mart.model!r}"
        if not suits:
            raise MartError(
                f"{place} has the format {chosen} but holds {self._data_type or natural}: correct "
                "its meta or the model, and run `dbt build`."
            )
        if described.scale and chosen not in NUMERIC:
            raise MartError(
                f"{place} has the scale {described.scale} but holds no numbers: correct its meta "
                "and run `dbt build`."
            )
        if described.total and chosen not in NUMERIC - {"percent", "points"}:
            raise MartError(
                f"{place} has a total, but its format is {chosen}: take the total out of its meta, "
                "and run `dbt build`."
            )
        decimals = described.decimals
        if decimals is not None and chosen not in NUMERIC - {"integer"}:
            raise MartError(
                f"{place} has decimals, but its format is {chosen}: choose number, decimal, "
                "percent, points or plain, or take the decimals out, and run `dbt build`."
            )
        if decimals is None and chosen in {"plain", "number"}:
            decimals = natural_decimals(self._data_type)
        self.column = replace(self.column, format=chosen, decimals=decimals)


def _format_of(values: Sequence[Any], chosen: Format | None) -> Format:
    """Return the format that values suit: all of a kind, or else text.

    Where a database has no type for them, times are texts and truths are 0 and 1; the meta's format
    says so.
    """
    present = [value for value in values if value is not None]
    kinds: tuple[tuple[Format | None, Callable[[Any], bool]], ...] = (
        (chosen or "text", lambda value: value is None),
        ("boolean", lambda value: isinstance(value, bool)),
        (chosen if chosen == "boolean" else None, lambda value: value in (0, 1)),
        ("plain", _is_number),
        ("date", lambda value: isinstance(value, date) and not isinstance(value, datetime)),
        ("timestamp", lambda value: isinstance(value, date)),
        (chosen if chosen in TEMPORAL else None, cells.is_moment),
    )
    return next((kind for kind, suits in kinds if kind and all(map(suits, present))), "text")


def _is_number(value: object) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)
