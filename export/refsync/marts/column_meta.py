"""A column of a worksheet as its `meta` describes it.

In a mart's yml:

    columns:
      - name: rate
        config:
          meta:
            refsync:
              header: Rate        # the column's name if there is none
              format: percent     # text, boolean, plain, integer, number, decimal, percent, points
                                  # (of two percents), date or timestamp; without it the column's
                                  # type decides
              decimals: 1         # 0 to 10; for number, decimal, percent and plain
              scale: color        # or bar: makes numbers comparable at a glance
              look: name          # or id, long, sentence: what its texts are to a reader
              total: true         # the note of the header has the sum of its numbers
              hidden: true        # leaves the column out where all are exported
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, get_args

from refsync.marts.chart_meta import MetaError, refuse_unwritable, scale_from_meta
from refsync.marts.column_types import MAX_DECIMALS
from refsync.marts.meta import NO_META, meta_of, plain
from refsync.worksheet.table import Format, Look
from refsync.worksheet.values import one_line_end

if TYPE_CHECKING:
    from collections.abc import Mapping

    from refsync.marts.meta import Meta
    from refsync.worksheet.chart import Scale

COLUMN_KEYS = ("header", "format", "decimals", "scale", "look", "total", "hidden")


@dataclass(frozen=True)
class MartColumn:
    """A column that a yml describes.

    Attributes:
        name: Its name in the yml.
        header: The text of its header cell.
        format: How it is shown; `None` where the database's type decides.
        description: Its dbt description.
        scale: How its numbers are made comparable.
        decimals: How many decimals its numbers are shown with.
        look: What its texts are to a reader.
        total: Whether the note of the header has the sum of its numbers.
        has_header: Whether the meta has the header, which is the name otherwise.
        hidden: Whether it is left out.
    """

    name: str
    header: str
    format: Format | None = None
    description: str = ""
    scale: Scale | None = None
    decimals: int | None = None
    look: Look | None = None
    total: bool = False
    has_header: bool = False
    hidden: bool = False


def mart_column(name: str, meta: Meta, description: str) -> MartColumn:
    """Return the column that a meta describes.

    Raises:
        MetaError: It has a value that refsync cannot follow.
    """
    header, format_, decimals = meta.get("header", name), meta.get("format"), meta.get("decimals")
    hidden: object = meta.get("hidden", False)
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
    total: object = meta.get("total", False)
    for key, value in (("hidden", hidden), ("total", total)):
        if not isinstance(value, bool):
            raise MetaError(f"{key} {value!r} of column {name!r} is neither true nor false")
    look = meta.get("look")
    if look is not None and look not in get_args(Look):
        raise MetaError(
            f"look {look!r} of column {name!r} is not one of {', '.join(get_args(Look))}"
        )
    scale = scale_from_meta(f"scale of column {name!r}", meta.get("scale"))
    return MartColumn(
        name=name,
        header=one_line_end(header),
        format=format_,
        description=description,
        scale=scale,
        decimals=decimals,
        look=look,
        has_header="header" in meta,
        total=total is True,
        hidden=hidden is True,
    )


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MAX_DECIMALS


def columns_of(node: Mapping[str, Any], meta: Meta) -> tuple[tuple[MartColumn, ...], bool]:
    """Return the columns to export, and whether those that the yml does not have are exported too.

    In a meta without `refsync`, a column's keys count if one of them is a header: they may be those
    of other tools.
    """
    named = meta.get("columns")
    if named is not None and named != "all" and not _is_names(named):
        raise MetaError(f"columns {named!r} is neither all nor a list of names")
    described, orphans = [], False
    for column in (node.get("columns") or {}).values():
        said = meta_of(column)
        said.refuse_unknown(f"column {column['name']!r} ", COLUMN_KEYS)
        if not said.is_own and "header" not in said:
            orphans = orphans or any(key in said for key in COLUMN_KEYS)
            said = NO_META
        described.append(mart_column(column["name"], said, plain(column.get("description"))))
    shown = [column for column in described if column.has_header and not column.hidden]
    all_columns = named == "all" or not (named or shown)
    if all_columns:
        if orphans and not meta.is_own:
            raise MetaError("no column has a header")
        shown = described
    elif named:
        by_name = {column.name.casefold(): column for column in described}
        shown = [by_name.get(name.casefold()) or mart_column(name, NO_META, "") for name in named]
    headers = [column.header for column in shown if not column.hidden]
    if repeated := [header for header in headers if headers.count(header) > 1]:
        raise MetaError(f"header {repeated[0]!r} is that of more than one column")
    return tuple(shown), all_columns


def _is_names(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(n, str) for n in value)
