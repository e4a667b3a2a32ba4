"""Whether the last dbt build may be pushed, and what it was made from."""

from __future__ import annotations

import json
from datetime import date, datetime, timezone
from typing import TYPE_CHECKING, Any

from refsync.errors import MartError
from refsync.tables import Build

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from refsync.manifest import Mart

_NOT_GOOD = {"error", "fail", "runtime error", "skipped"}


def last_build(
    marks: Sequence[Mapping[str, Any]],
    run_results: Path,
    marts: Sequence[Mart],
    project: str | None,
) -> Build:
    """Return what is known of the last build, which is fit to be pushed.

    A project whose builds mark themselves has a table `refsync_build`, whose row is a mark. An
    older one has fewer columns. In any other project dbt's run_results.json is asked about the
    marts and the tests that look at them.

    Raises:
        MartError: The build failed or did not finish.
    """
    if not marks:
        return Build(built_at=_from_run_results(run_results, marts), project=project)
    builds = [_from_mark(mark, project) for mark in marks]
    return max(builds, key=lambda build: build.built_at or datetime.min)  # noqa: DTZ901 - naive UTC


def _from_mark(mark: Mapping[str, Any], project: str | None) -> Build:
    command = mark.get("command") or "build"
    if mark.get("status") == "failed":
        at = f" at {mark['failures']}" if mark.get("failures") else ""
        raise MartError(
            f"The last `dbt {command}` failed{at}: correct it and run `dbt build` again."
        )
    if mark.get("status") != "complete" or mark.get("finished_at") is None:
        # A DuckDB file could be opened, so no process is building any more.
        raise MartError(f"The last `dbt {command}` did not finish: run `dbt build` again.")
    as_of_date = mark.get("as_of_date")
    return Build(
        built_at=mark["finished_at"],
        # Some drivers give a date as text.
        as_of_date=date.fromisoformat(as_of_date) if isinstance(as_of_date, str) else as_of_date,
        project=mark.get("project") or project,
        target=mark.get("target") or None,
        source=mark.get("source") or None,
        tested=mark.get("tested"),
    )


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
    if failed := sorted(name for name in concerned if statuses.get(name) in _NOT_GOOD):
        names = ", ".join(name.split(".")[2] for name in failed)
        raise MartError(
            f"The last dbt run failed at {names}: correct it and run `dbt build` again."
        )
    return finished_at.replace(tzinfo=None)
