"""Formulas that go to another row, as they do when a person copies them."""

from __future__ import annotations

import re

_PART = re.compile(
    r"""
    (?P<text>"(?:[^"]|"")*")                      # a text
    | (?P<sheet>'(?:[^']|'')*'!)                  # the title of a tab
    | (?<![\w.$])
      (?P<column>\$?[A-Za-z]{1,3})(?P<fixed>\$?)(?P<row>[1-9]\d*)
      (?![\w.(!])
    | (?<![\w.$:])
      (?P<rows>\$?[1-9]\d*:\$?[1-9]\d*)           # whole rows
      (?![\w.(!:])
    """,
    re.VERBOSE,
)

FAR = 100_000_000
"""A row below all others, so that no reference is lost on the way."""


def shifted(formula: str, rows: int) -> str:
    """Return a formula as a copy of it, so many rows further down, has it.

    References to rows above the first are `#REF!`, as in a spreadsheet.
    """

    def part(found: re.Match[str]) -> str:
        if found["row"]:
            row = int(found["row"]) + (0 if found["fixed"] else rows)
            return f"{found['column']}{found['fixed']}{row}" if row > 0 else "#REF!"
        if found["rows"]:
            ends = [
                end if end.startswith("$") else str(int(end) + rows)
                for end in found["rows"].split(":")
            ]
            return ":".join(ends) if all(int(end.strip("$")) > 0 for end in ends) else "#REF!"
        return found[0]

    return _PART.sub(part, formula)


def relative(formula: str, row: int) -> str:
    """Return a formula of a row so that it is the same text in each row that it is copied to."""
    return shifted(formula, FAR - row)


def in_row(formula: str, row: int) -> str:
    """Return the formula that `relative` made a text of, for a row."""
    return shifted(formula, row - FAR)
