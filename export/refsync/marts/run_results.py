"""Whether dbt's last command built the marts, by its run_results.json.

A project whose builds mark themselves needs none of this. In any other one the file is all there
is. It is of the last command only, so it counts if that command built every mart and all that a
mart is made from, and if the manifest is of the same command: a build that was killed left a
manifest, but no results.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from refsync.errors import MartError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from pathlib import Path

    from refsync.marts.graph import Graph
    from refsync.marts.mart import Mart

MAX_NAMES = 5
"""How many names an error lists."""

GOOD = frozenset({"success", "pass", "warn", "no-op", "reused"})
"""What dbt says of a node that is as it should be; `reused` is said by dbt's state-aware builds."""

PARTIAL = {"empty": "no rows", "sample": "a sample"}
"""The options by which a build leaves rows out, with what it is then of."""

BUILDING = frozenset({"build", "run"})

_IN_TWO_WORDS = {"generate": "docs generate", "freshness": "source freshness"}


@dataclass(frozen=True)
class RunResults:
    """What dbt's last command left in run_results.json.

    Attributes:
        path: The file, as errors name it.
        invocation_id: The id of the command, which is in its manifest too.
        finished_at: When it finished, in naive UTC.
        arguments: The options of the command.
        statuses: The status of each node that it had to do with, by unique id.
        warned: What each test that warned counted, by unique id.
        started: When dbt began to run each node that succeeded, in UTC, by unique id.
    """

    path: Path
    invocation_id: str | None
    finished_at: datetime
    arguments: Mapping[str, Any] = field(default_factory=dict)
    statuses: Mapping[str, str] = field(default_factory=dict)
    warned: Mapping[str, int] = field(default_factory=dict)
    started: Mapping[str, datetime] = field(default_factory=dict)

    @property
    def command(self) -> str:
        """The command, such as `build` or `docs generate`."""
        which = str(self.arguments.get("which") or "command")
        return _IN_TWO_WORDS.get(which, which)


def read_run_results(path: Path) -> RunResults | None:
    """Return the results of dbt's last command; `None` if there is no such file.

    Raises:
        MartError: The file cannot be read.
    """
    if not path.is_file():
        return None
    try:
        run = json.loads(path.read_text(encoding="utf-8"))
        return RunResults(
            path=path,
            invocation_id=run["metadata"].get("invocation_id"),
            finished_at=_moment(run["metadata"]["generated_at"]).replace(tzinfo=None),
            arguments=dict(run.get("args") or {}),
            statuses={str(each["unique_id"]): str(each["status"]) for each in run["results"]},
            warned={
                str(each["unique_id"]): int(each.get("failures") or 0)
                for each in run["results"]
                if each["status"] == "warn"
            },
            started={
                str(each["unique_id"]): _moment(step["started_at"])
                for each in run["results"]
                for step in each.get("timing") or ()
                if each["status"] == "success"
                and step.get("name") == "execute"
                and step.get("started_at")
            },
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise MartError(
            f"{path} does not say how the last build went: run `dbt build` again."
        ) from error


def finished_run(run: RunResults | None, path: Path, invocation_id: str | None) -> RunResults:
    """Return the results of a build that came to its end.

    Args:
        run: The results of dbt's last command, if there are any.
        path: Where they are looked for.
        invocation_id: The id of the command that wrote the manifest.

    Raises:
        MartError: It is no build, or it was stopped, or nothing says so.
    """
    if run is None:
        raise MartError(
            f"There is no {path}, so nothing says whether the last build succeeded: run "
            "`dbt build`."
        )
    if run.command not in BUILDING:
        and_tests = ", which builds and tests" if run.command == "test" else ""
        raise MartError(
            f"The last dbt command was `dbt {run.command}`, which does not say whether the marts "
            f"are built: run `dbt build`{and_tests}."
        )
    if not invocation_id or run.invocation_id != invocation_id:
        raise MartError(
            f"The manifest is not of the command that wrote {path}, so the last build was stopped "
            "or another dbt command came after it: run `dbt build` again."
        )
    for option, words in PARTIAL.items():
        if run.arguments.get(option):
            raise MartError(
                f"The last `dbt {run.command}` was of {words} (--{option}): run `dbt build`."
            )
    return run


def refuse_failures(run: RunResults, marts: Sequence[Mart], graph: Graph) -> bool:
    """Refuse marts that a build did not make whole; return whether it tested all of them.

    Raises:
        MartError: One of them, or what it is made from, failed, was skipped or was left out.
    """
    named = {mart.unique_id for mart in marts}
    concerned = graph.with_ancestors(named)
    tests = {test for each in concerned for test in graph.tests.get(each, ())}
    unit_tests = {test for each in concerned for test in graph.unit_tests.get(each, ())}
    left = {name for name in concerned if _is_needed(name, named, run, graph)} - run.statuses.keys()
    bad = {
        name
        for name in concerned | tests | unit_tests
        if run.statuses.get(name, "success") not in GOOD
    }
    failed = {name for name in bad if run.statuses[name] != "skipped"}
    if (bad or left) and not failed:  # behind a failure elsewhere, such as with --fail-fast
        failed = {name for name, status in run.statuses.items() if status not in GOOD | {"skipped"}}
    if bad or failed:
        raise MartError(
            f"The last `dbt {run.command}` failed at {first_names(_names(failed or bad))}: correct "
            "it and run `dbt build` again."
        )
    if left:
        raise MartError(
            f"The last `dbt {run.command}` left out {first_names(_names(left))}, so this may be of "
            "an earlier build: run `dbt build` for all that the worksheets are made from."
        )
    return tests <= run.statuses.keys()


def _is_needed(name: str, marts: Collection[str], run: RunResults, graph: Graph) -> bool:
    """Whether a build has a result of a node; `dbt run` has none of seeds and snapshots."""
    kind = graph.types.get(name)
    return name in marts or kind == "model" or (kind is not None and run.command == "build")


def _names(unique_ids: Iterable[str]) -> list[str]:
    """Return the names of nodes, in the order of the alphabet; a unit test's own, too."""
    parts = [unique_id.split(".") for unique_id in unique_ids]
    return sorted({each[3] if each[0] == "unit_test" and each[3:] else each[2] for each in parts})


def first_names(names: Collection[str]) -> str:
    """Return the first few names, and the number of the others."""
    others = len(names) - MAX_NAMES
    shown = ", ".join(list(names)[:MAX_NAMES])
    return f"{shown} and {others:,} more" if others > 0 else shown


def _moment(text: object) -> datetime:
    """Return a moment that dbt wrote, in UTC."""
    moment = datetime.fromisoformat(with_microseconds(str(text).replace("Z", "+00:00")))
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=timezone.utc)
    return moment.astimezone(timezone.utc)


def with_microseconds(moment: str) -> str:
    """Return an ISO 8601 moment with six digits after the point, as Python 3.10 reads it."""
    whole, point, rest = moment.partition(".")
    digits = rest[: len(rest) - len(rest.lstrip("0123456789"))]
    return f"{whole}.{digits[:6]:0<6}{rest[len(digits) :]}" if point else moment
