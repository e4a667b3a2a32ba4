"""Whether the last dbt build may be pushed, and when it finished."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from refsync.errors import MartError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from refsync.manifest import Mart

_NOT_GOOD = {"error", "fail", "runtime error", "skipped"}


def finished_build(
    marks: Sequence[tuple[Any, ...]], run_results: Path, marts: Sequence[Mart]
) -> datetime | None:
    """Return when the last build finished, in naive UTC; `None` where nothing tells.

    A project whose builds mark themselves has a table `refsync_build`, whose row is a mark. In any
    other project dbt's run_results.json is asked about the marts and the tests that look at them.

    Raises:
        MartError: The build failed or did not finish.
    """
    if not marks:
        return _from_run_results(run_results, marts)
    return max(map(_from_mark, marks))


def _from_mark(mark: tuple[Any, ...]) -> datetime:
    status, command, finished_at, failures = mark
    if status == "failed":
        at = f" at {failures}" if failures else ""
        raise MartError(
            f"The last `dbt {command}` failed{at}: correct it and run `dbt build` again."
        )
    if status != "complete" or finished_at is None:
        # A DuckDB file could be opened, so no process is building any more.
        raise MartError(f"The last `dbt {command}` did not finish: run `dbt build` again.")
    result: datetime = finished_at
    return result


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
