"""What rows are ordered by: the terms of an `order_by`, each a column with `asc` or `desc`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from refsync.marts.chart_meta import MetaError

if TYPE_CHECKING:
    from collections.abc import Iterable

_ORDER_TERM = re.compile(
    r'(?P<quote>"?)(?P<column>.+?)(?P=quote)(?:\s+(?P<direction>asc|desc))?(?:\s+nulls\s+last)?',
    re.IGNORECASE,
)


@dataclass(frozen=True)
class OrderTerm:
    """One term of an `order_by`."""

    column: str
    descending: bool


def order_by_of(terms: object) -> tuple[OrderTerm, ...]:
    """Return the terms of an `order_by`: a list of `column`, `column asc` or `column desc`."""
    texts = terms if isinstance(terms, list) else [terms]
    order = []
    for text in texts:
        term = _ORDER_TERM.fullmatch(text.strip()) if isinstance(text, str) else None
        if not term:
            raise MetaError(f"order_by {text!r} is not a column, with asc or desc after it")
        order.append(OrderTerm(term["column"], (term["direction"] or "").lower() == "desc"))
    return tuple(order)


def order_of(
    order_by: Iterable[OrderTerm], others: Iterable[str], columns: Iterable[str]
) -> list[OrderTerm]:
    """Return all that a mart's rows are ordered by: its `order_by`, then other columns.

    Args:
        order_by: What the mart asks for.
        others: The columns that make the order of its rows a total one, such as its key.
        columns: All columns of its table, by their names in the database.
    """
    names = list(columns)
    in_database = {name.casefold(): name for name in names} | {name: name for name in names}
    terms: dict[str, OrderTerm] = {}
    for term in [*order_by, *(OrderTerm(name, descending=False) for name in others)]:
        name = in_database.get(term.column) or in_database.get(term.column.casefold())
        if name:
            terms.setdefault(name, OrderTerm(name, term.descending))
    return list(terms.values())
