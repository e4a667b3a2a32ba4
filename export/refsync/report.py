"""The account of a push, in words for a person and in JSON for a machine."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from refsync.tables import PushResult, WorksheetResult

Say = Callable[[str], None]
"""Hears, in a few words, each step as it begins; `--verbose` shows them."""


def as_text(result: PushResult, *, dry_run: bool) -> str:
    """Return one aligned line a worksheet, and one for the whole."""
    title_width = max(len(sheet.worksheet) for sheet in result.worksheets)
    rows_width = max(len(f"{sheet.rows:,}") for sheet in result.worksheets)
    lines = [
        f"{sheet.worksheet:<{title_width}}  {sheet.rows:>{rows_width},} "
        f"{'row ' if sheet.rows == 1 else 'rows'}  {_difference(sheet)}".rstrip()
        for sheet in result.worksheets
    ]
    count, calls = len(result.worksheets), result.api_calls
    what = f"{count} worksheet{'' if count == 1 else 's'} to {result.destination}"
    how = f" by {calls} API call{'' if calls == 1 else 's'}" if calls else ""
    if not any(sheet.cells for sheet in result.worksheets):
        lines.append(f"Nothing to change in {result.destination}.")
    elif dry_run:
        lines.append(f"Would write {what}{how}; nothing was written.")
    else:
        lines.append(f"Wrote {what}{how} in {result.seconds:.1f} s.")
    return "\n".join(lines)


def to_json(result: PushResult, *, dry_run: bool) -> str:
    """Return the result as one JSON object.

    These are the fields of `PushResult`, `dry_run`, and for each worksheet and for the whole
    `status`: "changed" or "unchanged". A destination that is written anew is always "changed".
    """
    worksheets = [{**asdict(sheet), "status": _status(sheet)} for sheet in result.worksheets]
    statuses = {sheet["status"] for sheet in worksheets}
    whole = {
        "dry_run": dry_run,
        "status": "changed" if "changed" in statuses else "unchanged",
        **asdict(result),
        "worksheets": worksheets,
    }
    return json.dumps(whole, indent=2, ensure_ascii=False)


def _status(sheet: WorksheetResult) -> str:
    return "changed" if sheet.cells else "unchanged"


def _difference(sheet: WorksheetResult) -> str:
    """Return what a push changes, in words; for a destination that is written anew, nothing."""
    if sheet.added is None:
        return ""
    counts = ((sheet.added, "added"), (sheet.changed, "changed"), (sheet.removed, "removed"))
    words = [f"{count:,} {word}" for count, word in counts if count]
    if sheet.cells:
        words.append(f"{sheet.cells:,} cell{'' if sheet.cells == 1 else 's'}")
    return ", ".join([*words, *sheet.notes]) or "unchanged"
