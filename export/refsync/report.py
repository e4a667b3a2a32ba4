"""The result of a push or a check, in words for a person and in JSON for a machine."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING

from refsync.worksheet.build import Build
from refsync.worksheet.remarks import TITLE as KEPT_REMARKS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from refsync.worksheet.table import Table
    from refsync.worksheet.values import Row

Progress = Callable[[int, int], None]
"""Takes the number of finished write calls, and of all of them."""


def no_progress(done: int, calls: int) -> None:
    """Ignore the progress."""
    del done, calls


@dataclass(frozen=True)
class WorksheetResult:
    """What a push did, or with `--dry-run` would do, to one worksheet.

    `added`, `changed` and `removed` are `None` for a destination that is always written as a whole.

    Attributes:
        worksheet: The worksheet's title.
        rows: Rows after the push, the header not counted.
        added: Rows that were not there before.
        changed: Rows that stayed but differ in at least one cell.
        removed: Rows that were removed.
        cells: Cells of refsync's that were written.
        notes: What else was done to its tab, in a few words each.
        moved_remarks: Cells with something that people added, which moved with their row.
        kept_remarks: Texts that people added, whose row left: they are in Kept_Remarks.
    """

    worksheet: str
    rows: int
    added: int | None
    changed: int | None
    removed: int | None
    cells: int
    notes: tuple[str, ...] = ()
    moved_remarks: int = 0
    kept_remarks: int = 0


@dataclass(frozen=True)
class PushResult:
    """What a push did, over all worksheets.

    Attributes:
        destination: Where the worksheets are: a path, or a spreadsheet's URL.
        worksheets: One result per worksheet, in the order of the tables.
        api_calls: Requests over the network, with retries.
        bytes_sent: Bytes of request bodies.
        seconds: Wall time of the push, without reading the marts.
        notes: Remarks for the reader, a sentence each.
        before: Each table with the rows that its worksheet had, header first; `None` for a new
            worksheet. Tables that changed nothing may be left out. `None` if that is not known.
    """

    destination: str
    worksheets: tuple[WorksheetResult, ...]
    api_calls: int
    bytes_sent: int
    seconds: float
    notes: tuple[str, ...] = ()
    before: tuple[tuple[Table, Sequence[Row] | None], ...] | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Finding:
    """The result of one check.

    Attributes:
        words: The sentence about it.
        is_good: Whether a push can continue.
        is_warning: Whether it is a warning although a push can continue.
        build: The build, in the finding about it.
    """

    words: str
    is_good: bool = True
    is_warning: bool = False
    build: Build | None = None


def build_in_words(build: Build) -> str:
    """Return what is known of a build in one sentence; the empty text if nothing is known."""
    source = build.source or (f"the project {build.project}" if build.project else "")
    words = [
        f" {build.finished_at:%Y-%m-%d %H:%M} UTC" if build.finished_at else "",
        f" from {source}" if source else "",
        f" (target {build.target})" if build.target else "",
        f", as of {build.as_of_date}" if build.as_of_date else "",
    ]
    return f"Built{''.join(words)}." if any(words) else ""


def warnings_of(tables: Sequence[Table]) -> tuple[str, ...]:
    """Return what somebody should know before the worksheets are trusted, a sentence each."""
    untested = [
        "The tests of the data did not run in this build: run `dbt build` without leaving any out."
        for table in tables[:1]
        if table.build.tested is False
    ]
    return (*untested, *(warning for table in tables for warning in table.warnings))


def as_text(results: Sequence[PushResult], build: Build, *, dry_run: bool) -> str:
    """Return a line for the build, an aligned one for each worksheet, and one for each whole."""
    lines = [build_in_words(build)] if build_in_words(build) else []
    for result in results:
        lines += _lines(result, dry_run=dry_run)
    return "\n".join(lines)


def _lines(result: PushResult, *, dry_run: bool) -> list[str]:
    title_width = max(len(sheet.worksheet) for sheet in result.worksheets)
    rows_width = max(len(f"{sheet.rows:,}") for sheet in result.worksheets)
    lines = [
        f"{sheet.worksheet:<{title_width}}  {sheet.rows:>{rows_width},} "
        f"{'row ' if sheet.rows == 1 else 'rows'}  {_difference(sheet)}".rstrip()
        for sheet in result.worksheets
    ]
    lines += result.notes
    calls = result.api_calls
    what = f"{_written(result.worksheets)} to {result.destination}"
    how = f" by {calls} API call{'' if calls == 1 else 's'}" if calls else ""
    if not any(sheet.cells for sheet in result.worksheets):
        lines.append(f"Nothing to change in {result.destination}.")
    elif dry_run:
        lines.append(f"Would write {what}{how}; nothing was written.")
    else:
        lines.append(f"Wrote {what}{how} in {result.seconds:.1f} s.")
    return lines


def to_json(
    results: Sequence[PushResult], build: Build, warnings: Sequence[str] = (), *, dry_run: bool
) -> str:
    """Return the results as one JSON object.

    These are `dry_run`, the fields of the `build`, the `warnings`, and the fields of `PushResult`;
    where metas name several spreadsheets, these are in a list `destinations`. For each worksheet,
    each destination and the whole `status` is "changed" or "unchanged". A destination that is
    written whole is always "changed".
    """
    destinations = [_fields(result) for result in results]
    statuses = {each["status"] for each in destinations}
    whole = {
        "dry_run": dry_run,
        "status": "changed" if "changed" in statuses else "unchanged",
        "build": build_fields(build),
        **(destinations[0] if len(destinations) == 1 else {"destinations": destinations}),
        "warnings": list(warnings),
    }
    return json.dumps(whole, indent=2, ensure_ascii=False)


def next_step(findings: Sequence[Finding]) -> str:
    """Return the line that a check ends with: what to do next."""
    first = next((finding for finding in findings if not finding.is_good), None)
    return f"First: {first.words}" if first else "Ready: run refsync-push"


def _fields(result: PushResult) -> dict[str, object]:
    worksheets = [{**asdict(sheet), "status": _status(sheet)} for sheet in result.worksheets]
    is_changed = any(sheet["status"] == "changed" for sheet in worksheets)
    fields = asdict(replace(result, before=None))
    del fields["before"]
    return {
        "status": "changed" if is_changed else "unchanged",
        **fields,
        "worksheets": worksheets,
    }


def findings_to_json(findings: Sequence[Finding]) -> str:
    """Return the findings as one JSON object, with the build's fields."""
    build = next((finding.build for finding in findings if finding.build), Build())
    whole = {
        "is_good": all(finding.is_good for finding in findings),
        "next": next_step(findings),
        "build": build_fields(build),
        "findings": [
            {
                "status": "warning" if each.is_warning else "ok" if each.is_good else "missing",
                "words": each.words,
            }
            for each in findings
        ],
    }
    return json.dumps(whole, indent=2, ensure_ascii=False)


def build_fields(build: Build) -> dict[str, object]:
    """Return the fields of a build that people read, in JSON: times as ISO 8601 in UTC."""
    fields = asdict(build)
    del fields["first_dates"]
    return {
        **fields,
        "finished_at": build.finished_at and f"{build.finished_at.isoformat(timespec='seconds')}Z",
        "as_of_date": build.as_of_date and build.as_of_date.isoformat(),
    }


def _status(sheet: WorksheetResult) -> str:
    return "changed" if sheet.cells else "unchanged"


def _written(sheets: Sequence[WorksheetResult]) -> str:
    """Return how much is written, in words; a destination written as a whole has all of it."""
    worksheets = f"worksheet{'' if len(sheets) == 1 else 's'}"
    if any(sheet.added is None for sheet in sheets):
        return f"{len(sheets)} {worksheets}"
    cells = sum(sheet.cells for sheet in sheets)
    changed = sum(sheet.cells > 0 for sheet in sheets)
    return f"{changed} of {len(sheets)} {worksheets}, {cells:,} cell{'' if cells == 1 else 's'},"


def _difference(sheet: WorksheetResult) -> str:
    """Return what a push changes, in words; of a destination written as a whole, the remarks."""
    counts = ((sheet.added, "added"), (sheet.changed, "changed"), (sheet.removed, "removed"))
    words = [f"{count:,} {word}" for count, word in counts if count]
    is_whole = sheet.added is None
    if sheet.cells and not is_whole:
        words.append(f"{sheet.cells:,} cell{'' if sheet.cells == 1 else 's'}")
    if count := sheet.moved_remarks:
        remarks, rows = ("remark", "its row") if count == 1 else ("remarks", "their rows")
        words.append(f"moves {count:,} {remarks} with {rows}")
    if sheet.kept_remarks:
        words.append(f"keeps {sheet.kept_remarks:,} in {KEPT_REMARKS}")
    if not words and not is_whole:
        words.append("unchanged")
    return ", ".join([*words, *sheet.notes])
