"""Whether the last dbt build may be pushed, by the mark that it left in the database."""

from __future__ import annotations

from dataclasses import fields
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from refsync.errors import MartError
from refsync.marts.run_results import PARTIAL, first_names
from refsync.worksheet.build import Build

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from refsync.marts.manifest import Manifest
    from refsync.marts.run_results import RunResults

UNFINISHED = {"status": "building", "command": "build", "finished_at": None}
"""The mark of a build that was stopped while it replaced its mark."""


def own_marks(
    marks: Sequence[Mapping[str, Any]], manifest: Manifest, run: RunResults | None
) -> list[Mapping[str, Any]]:
    """Return the marks of the manifest's project and target.

    Another project, or another target, may build into the same database. If the command that wrote
    the manifest did not name its target, the target is the one whose schema the models are in.
    """
    known = manifest.project
    own = [mark for mark in marks if not known or mark.get("project") in {None, known}]
    target = None
    if run and run.invocation_id == manifest.invocation_id:
        target = run.arguments.get("target")
    of_target = [mark for mark in own if target and mark.get("target") == target]
    in_schema = [
        mark
        for mark in own
        if mark.get("schema")
        and str(mark["schema"]).casefold() == (manifest.schema or "").casefold()
    ]
    return of_target or in_schema or own


def marked_build(marks: Sequence[Mapping[str, Any]]) -> Build:
    """Return the last build of those that marked themselves: a table `refsync_build` has a row.

    Args:
        marks: The rows, one or more: the values by the columns' names, and the table's `schema`.

    Raises:
        MartError: One of the builds failed or did not finish.
    """
    return max(map(_from_mark, marks), key=attrgetter("finished_at"))


def _from_mark(mark: Mapping[str, Any]) -> Build:
    command = mark.get("command") or "build"
    if mark["status"] == "testing":
        raise MartError("The last `dbt test` did not finish: run `dbt test` again.")
    for option, words in PARTIAL.items():
        partial = f"a build of {words} (--{option})"
        if mark.get("failures") == partial and not mark.get("skipped"):
            raise MartError(f"The last build was of {words} (--{option}): run `dbt build`.")
    if mark["status"] == "failed":
        raise MartError(
            f"The last `dbt {command}` failed{_at(mark)}: correct it and run `dbt build` again."
        )
    if mark["status"] != "complete" or mark["finished_at"] is None:
        # A DuckDB file could be opened, so no process is building any more.
        raise MartError(f"The last `dbt {command}` did not finish: run `dbt build` again.")
    # A build of an earlier version left no more than some of the columns.
    return Build(**{each.name: mark.get(each.name) for each in fields(Build)})


def _at(mark: Mapping[str, Any]) -> str:
    """Say what is still open: what failed itself first, then what was skipped behind it."""
    failures, skipped = (
        [name for name in (mark.get(column) or "").split(", ") if name]
        for column in ("failures", "skipped")
    )
    if failures:
        behind = f" ({len(skipped):,} more were skipped)" if skipped else ""
        return f" at {first_names(failures)}{behind}"
    return f": it skipped {first_names(skipped)}" if skipped else ""
