"""The terms of an `order_by`: a column each, with `asc` or `desc` after it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from refsync.marts.chart_meta import MetaError

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
