"""Whether a build may be pushed, decided on dbt's run results alone."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest

from refsync.errors import MartError
from refsync.marts.graph import Graph
from refsync.marts.run_results import (
    RunResults,
    finished_run,
    read_run_results,
    refuse_failures,
    with_microseconds,
)

FINISHED = datetime(2026, 1, 2, 3, 4, 5)  # noqa: DTZ001 - in UTC

ORDERS, STAGED, SEED = "model.cafe.orders", "model.cafe.stg_orders", "seed.cafe.raw_orders"
EPHEMERAL, TEST, UNIT_TEST = (
    "model.cafe.cleaned",
    "test.cafe.unique_stg_orders.1",
    "unit_test.cafe.orders.hot",
)


def node(kind: str, *parents: str, materialized: str = "table") -> dict[str, Any]:
    return {
        "resource_type": kind,
        "depends_on": {"nodes": list(parents)},
        "config": {"materialized": materialized},
    }


GRAPH = Graph.of(
    {
        "nodes": {
            ORDERS: node("model", EPHEMERAL),
            EPHEMERAL: node("model", STAGED, materialized="ephemeral"),
            STAGED: node("model", SEED, "source.cafe.till.orders"),
            SEED: node("seed"),
            TEST: node("test", STAGED),
            "model.cafe.elsewhere": node("model"),
            "test.cafe.not_null_elsewhere.2": node("test", "model.cafe.elsewhere"),
        },
        "unit_tests": {UNIT_TEST: node("unit_test", ORDERS)},
    }
)
GOOD = dict.fromkeys((ORDERS, STAGED, SEED), "success") | dict.fromkeys((TEST, UNIT_TEST), "pass")


def outcome(command: str = "build", **statuses: str | None) -> bool:
    """Return whether `orders` was tested; statuses are by the names of nodes."""
    names = {name.split(".")[3 if name.startswith("unit") else 2]: name for name in GOOD}
    known = GOOD | {names.get(name, f"model.cafe.{name}"): each for name, each in statuses.items()}
    run = RunResults(
        path=Path("run_results.json"),
        invocation_id="a",
        finished_at=FINISHED,
        arguments={"which": command},
        statuses={name: status for name, status in known.items() if status},
    )
    return refuse_failures(run, [Mock(unique_id=ORDERS)], GRAPH)


@pytest.mark.parametrize("status", ["success", "pass", "warn", "no-op", "reused"])
def test_all_is_well(status: str) -> None:
    assert outcome(stg_orders=status)
    assert outcome(elsewhere="error", orders=status)


@pytest.mark.parametrize("status", ["error", "fail", "runtime error", "partial success", "new"])
@pytest.mark.parametrize("name", ["orders", "stg_orders", "raw_orders", "unique_stg_orders", "hot"])
def test_what_a_mart_is_made_from_has_failed(name: str, status: str) -> None:
    with pytest.raises(MartError) as error:
        outcome(**{name: status})
    assert str(error.value) == (
        f"The last `dbt build` failed at {name}: correct it and run `dbt build` again."
    )


@pytest.mark.parametrize(
    ("statuses", "named"),
    [
        # What failed is named, not what was skipped behind it.
        ({"stg_orders": "error", "orders": "skipped"}, "stg_orders"),
        ({"unique_stg_orders": "fail", "orders": "skipped", "hot": "skipped"}, "unique_stg_orders"),
        # With --fail-fast it may be what has nothing to do with the mart.
        ({"elsewhere": "error", "orders": "skipped"}, "elsewhere"),
        ({"elsewhere": "error", "orders": None}, "elsewhere"),
        ({"orders": "skipped", "stg_orders": "skipped"}, "orders, stg_orders"),
    ],
)
def test_what_was_skipped(statuses: dict[str, str | None], named: str) -> None:
    with pytest.raises(MartError) as error:
        outcome("build", **statuses)
    assert str(error.value) == (
        f"The last `dbt build` failed at {named}: correct it and run `dbt build` again."
    )


@pytest.mark.parametrize(
    ("command", "name"),
    [("build", "orders"), ("build", "stg_orders"), ("build", "raw_orders"), ("run", "stg_orders")],
)
def test_what_was_left_out(command: str, name: str) -> None:
    with pytest.raises(MartError) as error:
        outcome(command, **{name: None})
    assert str(error.value) == (
        f"The last `dbt {command}` left out {name}, so this may be of an earlier build: run "
        "`dbt build` for all that the worksheets are made from."
    )


def test_a_run_builds_no_seeds_and_no_tests() -> None:
    assert not outcome("run", raw_orders=None, unique_stg_orders=None, hot=None)
    assert not outcome("build", unique_stg_orders=None)
    assert outcome("build", hot=None)  # unit tests are about the code


def written(
    folder: Path, which: str = "build", invocation_id: str | None = "a", **arguments: object
) -> RunResults | None:
    path = folder / "run_results.json"
    run = {
        "metadata": {"generated_at": "2026-01-02T03:04:05.5Z", "invocation_id": invocation_id},
        "args": {"which": which, **arguments},
        "results": [],
    }
    path.write_text(json.dumps(run), encoding="utf-8")
    return read_run_results(path)


@pytest.mark.parametrize("which", ["build", "run"])
def test_a_build_that_came_to_its_end(tmp_path: Path, which: str) -> None:
    run = finished_run(written(tmp_path, which, empty=False, sample=None), tmp_path, "a")
    assert run.finished_at == FINISHED.replace(microsecond=500_000)


@pytest.mark.parametrize(
    ("run", "sentence"),
    [
        (
            {"which": "compile"},
            (
                "The last dbt command was `dbt compile`, which does not say whether the marts are "
                "built: run `dbt build`."
            ),
        ),
        (
            {"which": "test"},
            (
                "The last dbt command was `dbt test`, which does not say whether the marts are "
                "built: run `dbt build`, which builds and tests."
            ),
        ),
        (
            {"invocation_id": "b"},
            (
                "The manifest is not of the command that wrote run_results.json, so the last build "
                "was stopped or another dbt command came after it: run `dbt build` again."
            ),
        ),
        (
            {"invocation_id": None},
            (
                "The manifest is not of the command that wrote run_results.json, so the last build "
                "was stopped or another dbt command came after it: run `dbt build` again."
            ),
        ),
        ({"empty": True}, "The last `dbt build` was of no rows (--empty): run `dbt build`."),
        ({"sample": "3 days"}, "The last `dbt build` was of a sample (--sample): run `dbt build`."),
    ],
)
def test_a_command_that_is_no_whole_build(
    tmp_path: Path, run: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(MartError) as error:
        finished_run(written(tmp_path, **run), Path("run_results.json"), "a")
    assert str(error.value) == sentence


@pytest.mark.parametrize(
    ("which", "command"),
    [
        *((name, name) for name in ("seed", "snapshot", "run-operation", "list", "clone", "retry")),
        # dbt does not say the whole name of a command in two words.
        ("generate", "docs generate"),
        ("freshness", "source freshness"),
    ],
)
def test_no_other_command_counts(tmp_path: Path, which: str, command: str) -> None:
    with pytest.raises(MartError, match=f"The last dbt command was `dbt {command}`, which"):
        finished_run(written(tmp_path, which), tmp_path, "a")


def test_no_results_at_all(tmp_path: Path) -> None:
    path = tmp_path / "run_results.json"
    assert read_run_results(path) is None
    with pytest.raises(MartError) as error:
        finished_run(None, Path("run_results.json"), "a")
    assert str(error.value) == (
        "There is no run_results.json, so nothing says whether the last build succeeded: run "
        "`dbt build`."
    )


@pytest.mark.parametrize("at", ["2026-01-02T04:04:05+01:00", "2026-01-02T03:04:05"])
def test_times_of_another_zone_or_of_none(tmp_path: Path, at: str) -> None:
    path = tmp_path / "run_results.json"
    run = {"metadata": {"generated_at": at}, "results": []}
    path.write_text(json.dumps(run), encoding="utf-8")
    found = read_run_results(path)
    assert found
    assert found.finished_at == FINISHED


@pytest.mark.parametrize(
    ("moment", "same"),
    [
        ("2026-01-02T03:04:05.5+00:00", "2026-01-02T03:04:05.500000+00:00"),
        ("2026-01-02T03:04:05.123456789+00:00", "2026-01-02T03:04:05.123456+00:00"),
        ("2026-01-02T03:04:05.123456", "2026-01-02T03:04:05.123456"),
        ("2026-01-02T03:04:05+00:00", "2026-01-02T03:04:05+00:00"),
    ],
)
def test_a_part_of_a_second_is_read_by_each_python(moment: str, same: str) -> None:
    """Python 3.10 takes three digits or six, and no other number of them."""
    assert with_microseconds(moment) == same


def test_the_results_of_nodes_are_read(tmp_path: Path) -> None:
    path = tmp_path / "run_results.json"
    results: list[dict[str, Any]] = [
        {"unique_id": ORDERS, "status": "success", "failures": None},
        {"unique_id": TEST, "status": "warn", "failures": 3},
        {"unique_id": UNIT_TEST, "status": "warn"},
        {"unique_id": "test.cafe.not_null_elsewhere.2", "status": "fail", "failures": 7},
    ]
    run = {"metadata": {"generated_at": "2026-01-02T03:04:05Z"}, "results": results}
    path.write_text(json.dumps(run), encoding="utf-8")
    found = read_run_results(path)
    assert found
    assert found.statuses == {each["unique_id"]: each["status"] for each in results}
    assert found.warned == {TEST: 3, UNIT_TEST: 0}


def test_when_what_succeeded_began_to_run(tmp_path: Path) -> None:
    def took(unique_id: str, status: str, *steps: str | None) -> dict[str, Any]:
        names = ("compile", "execute")
        timing = [{"name": name, "started_at": at} for name, at in zip(names, steps, strict=False)]
        return {"unique_id": unique_id, "status": status, "timing": timing}

    path = tmp_path / "run_results.json"
    at = "2026-01-02T03:04:06Z"
    results = [
        took(ORDERS, "success", "2026-01-02T03:04:05Z", at),
        took("model.cafe.failed", "error", at, at),
        took("model.cafe.never_ran", "success", at, None),
        {"unique_id": "model.cafe.untimed", "status": "success"},
    ]
    run = {"metadata": {"generated_at": "2026-01-02T03:04:09Z"}, "results": results}
    path.write_text(json.dumps(run), encoding="utf-8")
    found = read_run_results(path)
    assert found
    assert found.started == {ORDERS: datetime(2026, 1, 2, 3, 4, 6, tzinfo=timezone.utc)}


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        "{}",
        '{"metadata": {}, "results": []}',
        '{"metadata": {"generated_at": "yesterday"}, "results": []}',
        '{"metadata": {"generated_at": "2026-01-02T03:04:05Z"}}',
        '{"metadata": {"generated_at": "2026-01-02T03:04:05Z"}, "results": [{}]}',
        '{"metadata": {"generated_at": "2026-01-02T03:04:05Z"}, "results": [null]}',
        '{"metadata": {"generated_at": "2026-01-02T03:04:05Z"}, "results": null}',
    ],
)
def test_results_that_cannot_be_read(tmp_path: Path, text: str) -> None:
    path = tmp_path / "run_results.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(MartError) as error:
        read_run_results(path)
    assert (
        str(error.value) == f"{path} does not say how the last build went: run `dbt build` again."
    )
