"""Whether the last dbt build may be pushed, and when it finished."""

from __future__ import annotations

import json
from dataclasses import fields
from datetime import datetime, timezone
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from refsync.errors import MartError
from refsync.worksheet.build import Build

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from refsync.marts.manifest import Mart

UNFINISHED = {"status": "building", "command": "build", "finished_at": None}
"""The mark of a build that was stopped while it replaced its mark."""

MAX_NAMES = 5
"""How many names of what failed an error lists."""

_NOT_GOOD = {"error", "fail", "runtime error", "skipped"}


def finished_build(
    marks: Sequence[Mapping[str, Any]], run_results: Path, marts: Sequence[Mart]
) -> Build:
    """Return the last build.

    A project whose builds mark themselves has a table `refsync_build`, whose row is a mark: its
    values by its columns' names. In any other project dbt's run_results.json is asked about the
    marts and the tests that look at them.

    Raises:
        MartError: The build failed or did not finish.
    """
    if not marks:
        return Build(finished_at=_from_run_results(run_results, marts))
    return max(map(_from_mark, marks), key=attrgetter("finished_at"))


def _from_mark(mark: Mapping[str, Any]) -> Build:
    command = mark.get("command") or "build"
    if mark["status"] == "testing":
        raise MartError("The last `dbt test` did not finish: run `dbt test` again.")
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
        return f" at {_first(failures)}{behind}"
    return f": it skipped {_first(skipped)}" if skipped else ""


def _first(names: Sequence[str]) -> str:
    """Return the first few names, and the number of the others."""
    others = len(names) - MAX_NAMES
    return ", ".join(names[:MAX_NAMES]) + (f" and {others:,} more" if others > 0 else "")


def _from_run_results(path: Path, marts: Sequence[Mart]) -> datetime | None:
    if not path.is_file():
        return None
    try:
        run = json.loads(path.read_text(encoding="utf-8"))
        generated_at = str(run["metadata"]["generated_at"]).replace("Z", "+00:00")
        finished_at = datetime.fromisoformat(generated_at).astimezone(timezone.utc)
        statuses = {result["unique_id"]: result["status"] for result in run["results"]}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise MartError(
            f"{path} does not tell how the last build went: run `dbt build` again."
        ) from error
    concerned = {name for mart in marts for name in (mart.unique_id, *mart.tests)}
    found = sorted(name for name in concerned if statuses.get(name) in _NOT_GOOD)
    failed = [name for name in found if statuses[name] != "skipped"] or found
    if failed:
        names = _first([name.split(".")[2] for name in failed])
        raise MartError(
            f"The last dbt run failed at {names}: correct it and run `dbt build` again."
        )
    return finished_at.replace(tzinfo=None)
