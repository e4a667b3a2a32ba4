"""Whether a build may be pushed, decided on its mark."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from refsync.errors import MartError
from refsync.marts.build_status import marked_build, own_marks
from refsync.marts.manifest import Manifest
from refsync.marts.run_results import RunResults
from refsync.worksheet.build import Build

FINISHED = datetime(2026, 1, 2, 3, 4, 5)  # noqa: DTZ001 - marks have naive times, in UTC
GOOD = {"status": "complete", "command": "build", "finished_at": FINISHED}


def of_marks(*marks: dict[str, Any]) -> Build:
    return marked_build(marks)


def test_a_mark_with_all_of_its_columns() -> None:
    known: dict[str, Any] = {
        "project": "cafe",
        "target": "files",
        "source": "files in exports",
        "as_of_date": date(2026, 1, 1),
        "tested": False,
    }
    assert of_marks(GOOD | known | {"settings": "{}"}) == Build(finished_at=FINISHED, **known)


def test_the_latest_of_several_marks() -> None:
    earlier = GOOD | {"finished_at": datetime(2026, 1, 1), "project": "bar"}  # noqa: DTZ001
    for marks in ((GOOD, earlier), (earlier, GOOD)):
        assert of_marks(*marks) == Build(finished_at=FINISHED)


@pytest.mark.parametrize(
    ("mark", "sentence"),
    [
        ({"status": "testing"}, "The last `dbt test` did not finish: run `dbt test` again."),
        ({"status": "building"}, "The last `dbt build` did not finish: run `dbt build` again."),
        ({"status": "other"}, "The last `dbt build` did not finish: run `dbt build` again."),
        ({"finished_at": None}, "The last `dbt build` did not finish: run `dbt build` again."),
        (
            {"status": "building", "command": "run"},
            "The last `dbt run` did not finish: run `dbt build` again.",
        ),
        (
            {"status": "failed", "command": None},
            "The last `dbt build` failed: correct it and run `dbt build` again.",
        ),
        (
            {"status": "failed", "failures": "", "skipped": ""},
            "The last `dbt build` failed: correct it and run `dbt build` again.",
        ),
        (
            {"status": "failed", "command": "test", "failures": "a, b", "skipped": None},
            "The last `dbt test` failed at a, b: correct it and run `dbt build` again.",
        ),
        (
            {"status": "failed", "failures": "a, b, c, d, e", "skipped": "x, y"},
            (
                "The last `dbt build` failed at a, b, c, d, e (2 more were skipped): correct it "
                "and run `dbt build` again."
            ),
        ),
        (
            {"status": "failed", "failures": "a, b, c, d, e, f"},
            (
                "The last `dbt build` failed at a, b, c, d, e and 1 more: correct it and run "
                "`dbt build` again."
            ),
        ),
        (
            {"status": "failed", "failures": "a build of no rows (--empty)", "skipped": ""},
            "The last build was of no rows (--empty): run `dbt build`.",
        ),
        (
            {"status": "failed", "failures": "a build of a sample (--sample)", "command": "test"},
            "The last build was of a sample (--sample): run `dbt build`.",
        ),
        (
            {"status": "failed", "failures": "a build of no rows (--empty), a"},
            (
                "The last `dbt build` failed at a build of no rows (--empty), a: correct it and "
                "run `dbt build` again."
            ),
        ),
        (
            {"status": "failed", "skipped": "a, b, c, d, e, f, g"},
            (
                "The last `dbt build` failed: it skipped a, b, c, d, e and 2 more: correct it and "
                "run `dbt build` again."
            ),
        ),
    ],
)
def test_a_build_that_may_not_be_pushed(mark: dict[str, Any], sentence: str) -> None:
    for marks in ((GOOD | mark,), (GOOD, GOOD | mark), (GOOD | mark, GOOD)):
        with pytest.raises(MartError) as error:
            of_marks(*marks)
        assert str(error.value) == sentence


DEV = {"project": "cafe", "target": "dev", "schema": "dev"}
PROD = {"project": "cafe", "target": "prod", "schema": "Main"}
BAR = {"project": "bar", "target": "prod", "schema": "Main"}
OLD = {"project": None, "target": "old", "schema": None}


@pytest.mark.parametrize(
    ("project", "schema", "ran", "target", "own"),
    [
        pytest.param("cafe", "main", "x", "dev", [DEV], id="the target that the command named"),
        pytest.param("cafe", "main", "x", None, [PROD], id="the schema, if it named none"),
        pytest.param("cafe", "main", "before", "dev", [PROD], id="the schema, of another command"),
        pytest.param("cafe", "main", None, None, [PROD], id="the schema, without results"),
        pytest.param("cafe", "other", "x", "new", [DEV, PROD, OLD], id="all of the project"),
        pytest.param("cafe", None, "x", None, [DEV, PROD, OLD], id="schemas that differ"),
        pytest.param(None, "main", "x", None, [PROD, BAR], id="of any project, if none is known"),
    ],
)
def test_the_marks_of_the_manifests_project_and_target(
    project: str | None,
    schema: str | None,
    ran: str | None,
    target: str | None,
    own: list[dict[str, Any]],
) -> None:
    manifest = Manifest("duckdb", project, "x", None, schema, ())
    run = RunResults(Path(), ran, FINISHED, {"target": target}) if ran else None
    assert own_marks([DEV, PROD, BAR, OLD], manifest, run) == own
