"""Whether a build may be pushed, decided on its mark or on dbt's run results alone."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from unittest.mock import Mock

import pytest

from refsync.errors import MartError
from refsync.marts.build_status import finished_build
from refsync.worksheet.build import Build

if TYPE_CHECKING:
    from pathlib import Path

FINISHED = datetime(2026, 1, 2, 3, 4, 5)  # noqa: DTZ001 - marks have naive times, in UTC
GOOD = {"status": "complete", "command": "build", "finished_at": FINISHED}
MART = Mock(unique_id="model.cafe.coffees", tests=frozenset({"test.cafe.unique_coffees.1"}))
OTHER = Mock(unique_id="model.cafe.teas", tests=frozenset({"unit_test.cafe.teas.hot"}))


def of_marks(*marks: dict[str, Any]) -> Build:
    return finished_build(marks, None, ())  # type: ignore[arg-type]


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


def of_results(path: Path, results: dict[str, str], at: str = "2026-01-02T03:04:05.5Z") -> Build:
    """Return the build of run results, a status by unique id."""
    run = {
        "metadata": {"generated_at": at},
        "results": [{"unique_id": name, "status": status} for name, status in results.items()],
    }
    path.write_text(json.dumps(run), encoding="utf-8")
    return finished_build((), path, (MART, OTHER))


def test_without_marks_or_run_results_nothing_is_known(tmp_path: Path) -> None:
    assert finished_build((), tmp_path / "none.json", (MART,)) == Build()


@pytest.mark.parametrize("status", ["success", "pass", "warn", "no-op"])
def test_run_results_without_a_failure(tmp_path: Path, status: str) -> None:
    results = {"model.cafe.coffees": status, "model.cafe.of_no_worksheet": "error"}
    build = of_results(tmp_path / "a.json", results)
    assert build == Build(finished_at=FINISHED.replace(microsecond=500_000))


@pytest.mark.parametrize("at", ["2026-01-02T04:04:05+01:00", "2026-01-02T02:04:05-01:00"])
def test_run_results_of_another_zone(tmp_path: Path, at: str) -> None:
    assert of_results(tmp_path / "a.json", {}, at) == Build(finished_at=FINISHED)


@pytest.mark.parametrize(
    ("results", "names"),
    [
        ({"model.cafe.coffees": "error"}, "coffees"),
        ({"test.cafe.unique_coffees.1": "fail", "model.cafe.teas": "success"}, "unique_coffees"),
        ({"unit_test.cafe.teas.hot": "runtime error"}, "teas"),
        ({"model.cafe.coffees": "skipped", "model.cafe.teas": "skipped"}, "coffees, teas"),
        # What failed, without those behind it.
        ({"model.cafe.coffees": "skipped", "test.cafe.unique_coffees.1": "fail"}, "unique_coffees"),
    ],
)
def test_run_results_with_a_failure(tmp_path: Path, results: dict[str, str], names: str) -> None:
    with pytest.raises(MartError) as error:
        of_results(tmp_path / "a.json", results)
    sentence = f"The last dbt run failed at {names}: correct it and run `dbt build` again."
    assert str(error.value) == sentence


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
def test_run_results_that_cannot_be_read(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(MartError) as error:
        finished_build((), path, (MART,))
    assert str(error.value) == (
        f"{path} does not tell how the last build went: run `dbt build` again."
    )
