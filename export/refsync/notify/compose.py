"""The message about a push: which changes are named, and in which order."""

from __future__ import annotations

from itertools import chain, zip_longest
from typing import TYPE_CHECKING

from refsync.notify.message import MAX_LINES, Line, Message
from refsync.notify.rows import changes_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from refsync.notify.rows import Changes
    from refsync.report import PushResult

MAX_FINDINGS = 6
"""Lines for findings, where other changes need room too."""


def push_message(results: Sequence[PushResult], as_of: date | None) -> Message | None:
    """Return the message about a push; `None` if it changed nothing.

    Args:
        results: The result for each destination.
        as_of: The last date of the report, if it has one.
    """
    unknown = sum(len(result.worksheets) for result in results if result.before is None)
    pairs = [pair for result in results for pair in result.before or ()]
    changed = [changes for pair in pairs if (changes := changes_of(*pair)).counts]
    if not changed and not unknown:
        return None
    count = sum(len(result.worksheets) for result in results)
    headline = (
        f"refsync wrote {len(changed) + unknown:,} of {count:,} "
        f"worksheet{'' if count == 1 else 's'}{f', as of {as_of}' if as_of else ''}."
    )
    lines = _lines(changed)
    shown = _shown(changed, lines)
    link = next((each.destination for each in results), "")
    return Message(headline, tuple(shown), len(lines) - len(shown), link)


def failure_message(sentence: str) -> Message:
    """Return the message about a failure."""
    return Message(f"refsync failed: {sentence}")


def _lines(changed: Iterable[Changes]) -> list[Line]:
    """Return all lines: named rows, or else numbers of rows.

    Of the worksheets about one subject, such as officers, the first names its rows.
    """
    changes = list(changed)
    for drawn in (False, True):
        by_subject: dict[object, Changes] = {}
        for each in changes:
            if each.rows and each.is_drawn <= drawn:
                by_subject.setdefault(each.subject, each)
        if by_subject:
            return [
                Line(each.worksheet, row.words) for each in by_subject.values() for row in each.rows
            ]
    return [Line(each.worksheet, each.counts) for each in changes]


def _shown(changed: Iterable[Changes], lines: Sequence[Line]) -> list[Line]:
    """Return the lines that are shown: findings first, then some of each worksheet."""
    findings = {each.worksheet for each in changed if each.are_findings}
    by_worksheet: dict[str, list[Line]] = {}
    for line in lines:
        by_worksheet.setdefault(line.worksheet, []).append(line)
    first = [line for title in findings for line in by_worksheet.pop(title, ())]
    others = [line for line in chain.from_iterable(zip_longest(*by_worksheet.values())) if line]
    room = MAX_LINES if not others else MAX_FINDINGS
    first = first[:room]
    chosen = others[: MAX_LINES - len(first)]
    return [*first, *(line for line in lines if line in chosen and line not in first)]
