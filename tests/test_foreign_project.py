# ruff: noqa: DTZ001 - a worksheet's times have no zone
"""The command on a dbt project that is not refsync's, built by the real dbt."""

from __future__ import annotations

import json
import re
import shutil
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest

from tests.conftest import ROOT, Dbt, thorough
from tests.projects import run_refsync

OPTIONS = ("--to", "cafe.xlsx", "--database", "cafe.duckdb")


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project, copied and built once."""
    folder = tmp_path_factory.mktemp("foreign") / "cafe"
    shutil.copytree(Path(__file__).parent / "foreign_project", folder)
    run = Dbt(folder, project=folder, target="dev")("build")
    assert run.success, run.output
    return folder


@pytest.fixture
def cafe(built: Path, tmp_path: Path) -> Path:
    """A copy of the built project, to do with as one likes."""
    return shutil.copytree(built, tmp_path / "cafe")


def test_its_worksheets(cafe: Path) -> None:
    code, stdout, stderr = run_refsync(cafe, *OPTIONS)
    assert (code, stderr) == (0, "")
    built, *sheets = stdout.splitlines()[:3]
    assert re.fullmatch(
        r"Built \d{4}-\d\d-\d\d \d\d:\d\d UTC from the project corner_cafe \(target dev\)\.", built
    )
    assert sheets == ["Takings      2 rows", "Every order  4 rows"]
    book = openpyxl.load_workbook(cafe / "cafe.xlsx")
    assert {sheet.title: list(sheet.values) for sheet in book} == {
        "Takings": [
            ("Day", "Cups", "Takings", "Named"),
            (datetime(2026, 3, 1), 3, 9.7, 1),
            (datetime(2026, 3, 2), 4, 8.8, 0.5),
        ],
        "Every order": [
            ("No.", "Time", "Drink", "Cups", "Paid", "Even"),
            ("0004", datetime(2026, 3, 2, 9, 0), None, 3, 6.6, False),
            ("0003", datetime(2026, 3, 2, 8, 15), "espresso", 1, 2.2, False),
            ("0002", datetime(2026, 3, 1, 23, 30), "flat white", 1, 3.5, False),
            ("0001", datetime(2026, 3, 1, 7, 59, 59), "=1+1, please", 2, 6.2, True),
        ],
    }
    assert book["Every order"]["C5"].data_type == "s"
    # The file is dated by the build.
    run_results = json.loads((cafe / "target" / "run_results.json").read_text(encoding="utf-8"))
    created = f"{book.properties.created:%Y-%m-%dT%H:%M:%S}"
    assert created == run_results["metadata"]["generated_at"][:19]


def test_a_mart_whose_test_fails_is_not_pushed(cafe: Path) -> None:
    with (cafe / "seeds" / "orders.csv").open("a", encoding="utf-8") as orders:
        orders.write("0004,2026-03-02 09:00:00,again,1,1.00\n")
    assert not Dbt(cafe, project=cafe, target="dev")("build").success
    assert run_refsync(cafe, *OPTIONS) == (
        1,
        "",
        (
            "Error: The last `dbt build` failed at unique_order_log_id: "
            "correct it and run `dbt build` again.\n"
        ),
    )
    assert not (cafe / "cafe.xlsx").exists()
    code, stdout, _ = run_refsync(cafe, *OPTIONS, "--select", "Takings")
    assert (code, stdout.splitlines()[1]) == (0, "Takings  2 rows")


@thorough
def test_with_the_package_s_mark_a_part_may_be_built_later(cafe: Path) -> None:
    package = ROOT / "dbt_project" / "refsync_marker"
    shutil.copytree(package, cafe / "dbt_packages" / "refsync_marker")
    (cafe / "packages.yml").write_text(f"packages: [{{local: '{package.as_posix()}'}}]")
    with (cafe / "dbt_project.yml").open("a", encoding="utf-8") as project:
        project.write('on-run-start: "{{ refsync_marker.begin() }}"\n')
        project.write('on-run-end: "{{ refsync_marker.finish(results) }}"\n')
    dbt = Dbt(cafe, project=cafe, target="dev", parses=True)
    takings = cafe / "models" / "reporting" / "daily_takings.sql"
    good = takings.read_text(encoding="utf-8")
    takings.write_text(f"{good} having 1 = 'x'", encoding="utf-8")
    assert not dbt("build").success
    assert run_refsync(cafe, *OPTIONS)[2] == (
        "Error: The last `dbt build` failed at daily_takings: correct it and run `dbt build` "
        "again.\n"
    )
    takings.write_text(good, encoding="utf-8")
    selectors = cafe / "selectors.yml"
    selectors.write_text("selectors: [{name: some, default: true, definition: order_log}]")
    assert dbt("build").success
    assert "failed at daily_takings" in run_refsync(cafe, *OPTIONS)[2]
    selectors.unlink()
    assert dbt("run", "--select", "order_log").success
    assert "failed at daily_takings" in run_refsync(cafe, *OPTIONS)[2]
    assert dbt("run", "--select", "daily_takings").success
    assert dbt("test").success
    assert run_refsync(cafe, *OPTIONS)[0] == 0
    # A build without rows stays open until all is built with them.
    no_rows = "Error: The last build was of no rows (--empty): run `dbt build`.\n"
    for command in (["build", "--empty"], ["test"], ["run", "--select", "daily_takings"]):
        dbt(*command)
        assert run_refsync(cafe, *OPTIONS)[2] == no_rows
    assert dbt("build").success
    assert run_refsync(cafe, *OPTIONS)[0] == 0
