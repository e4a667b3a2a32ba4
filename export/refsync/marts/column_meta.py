"""A column of a worksheet as its `meta` describes it.

In a mart's yml:

    columns:
      - name: rate
        config:
          meta:
            header: Rate          # without it the column is not exported
            format: percent       # text, boolean, plain, integer, number, decimal, percent, date or
                                  # timestamp; without it the column's type decides
            decimals: 1           # 0 to 10; for number, decimal, percent and plain
            scale: color          # or bar: makes numbers comparable at a glance
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, get_args

from refsync.marts.chart_meta import MetaError, refuse_unwritable, scale_from_meta
from refsync.marts.column_types import MAX_DECIMALS
from refsync.worksheet.table import Format
from refsync.worksheet.values import one_line_end

if TYPE_CHECKING:
    from collections.abc import Mapping

    from refsync.worksheet.chart import Scale

COLUMN_KEYS = ("header", "format", "decimals", "scale")


@dataclass(frozen=True)
class MartColumn:
    """A column to export; its `format` is `None` where the database's type decides."""

    name: str
    header: str
    format: Format | None
    description: str
    scale: Scale | None
    decimals: int | None


def mart_column(name: str, meta: Mapping[str, Any], description: str) -> MartColumn:
    """Return the column that a meta with a `header` describes.

    Raises:
        MetaError: It has a value that refsync cannot follow.
    """
    header, format_, decimals = meta["header"], meta.get("format"), meta.get("decimals")
    if not isinstance(header, str) or not header.strip():
        raise MetaError(f"header {header!r} of column {name!r} is not a text")
    refuse_unwritable(f"header of column {name!r}", header)
    if format_ is not None and format_ not in get_args(Format):
        raise MetaError(
            f"format {format_!r} of column {name!r} is not one of {', '.join(get_args(Format))}"
        )
    if decimals is not None and not _is_count(decimals):
        raise MetaError(
            f"decimals {decimals!r} of column {name!r} is not a whole number from 0 to "
            f"{MAX_DECIMALS}"
        )
    scale = scale_from_meta(f"scale of column {name!r}", meta.get("scale"))
    return MartColumn(name, one_line_end(header), format_, description, scale, decimals)


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MAX_DECIMALS
