"""Every mart against the oracle: on the sample, and on trackers full of nasty cases."""

from __future__ import annotations

import itertools
import math
import shutil
import subprocess
import sys
from datetime import date, datetime, time, timedelta
from random import Random
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from hypothesis import Phase, given
from hypothesis import settings as hypothesis_settings
from openpyxl.utils.escape import unescape

from tests import oracle, tracker_data, tracker_files
from tests.conftest import ROOT, Dbt
from tests.oracle import Settings

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tests.tracker_data import Format, Shape

SAMPLE_DAY = date(2026, 10, 31)

EXAMPLES = hypothesis_settings().max_examples // 50
"""Builds per test: two, or six with `--hypothesis-profile thorough`."""


@pytest.fixture(scope="module")
def sample() -> oracle.Tracker:
    """The sample's rows."""
    return tracker_files.read_csv_folder(ROOT / "seeds")


def variables(settings: Settings) -> dict[str, Any]:
    """Return the settings as the variables of a dbt command."""
    return {**vars(settings), "as_of_date": settings.as_of_date.isoformat()}


def assert_same(built: oracle.Worksheets, expected: oracle.Worksheets) -> None:
    """Compare worksheets: the same rows in the same order, of the same values and types."""
    assert set(built) == set(expected)
    for name, rows in expected.items():
        for number, pair in enumerate(itertools.zip_longest(built[name], rows)):
            row, expected_row = pair
            assert row is not None, f"{name}: row {number} is missing: {expected_row}"
            assert expected_row is not None, f"{name}: row {number} is too many: {row}"
            same = len(row) == len(expected_row) and all(map(is_same, row, expected_row))
            assert same, f"{name}, row {number}:\n{row}\nis not\n{expected_row}"


def is_same(value: Any, expected: Any) -> bool:
    """Whether two cells are of one type and equal; floats to twelve digits."""
    if type(value) is not type(expected):
        return False
    if isinstance(value, float):
        return math.isclose(value, expected, rel_tol=1e-12)
    return bool(value == expected)


def assert_shown(workbook: Path, expected: oracle.Worksheets) -> None:
    """Compare a workbook's tabs, below their headers, with the oracle's rows; one shows no rows."""
    book = openpyxl.load_workbook(workbook)
    assert {name.lower() for name in book.sheetnames} == {*expected, "dashboard"}
    for tab in book.worksheets[1:]:
        rows = expected[tab.title.lower()]
        assert tab.max_row == len(rows) + 1, tab.title
        for row, expected_row in zip(tab.iter_rows(2, values_only=True), rows, strict=False):
            same = all(map(is_shown, row, expected_row))
            assert same, f"{tab.title}:\n{row}\nis not\n{expected_row}"


def is_shown(cell: Any, expected: Any) -> bool:
    """Whether a cell shows a value: a time's whole seconds, any line end as one, "" as a blank."""
    if isinstance(cell, datetime) and isinstance(expected, datetime):
        return cell == expected.replace(microsecond=0)
    if isinstance(cell, datetime) and isinstance(expected, date):
        return cell == datetime.combine(expected, time())
    if isinstance(cell, str):
        return bool(unescape(cell) == expected.replace("\r\n", "\n").replace("\r", "\n"))
    if isinstance(cell, int | float) and isinstance(expected, int | float):
        return math.isclose(cell, expected, rel_tol=1e-12)
    return cell is None and expected in {None, ""}


def test_the_sample_is_what_its_script_makes(tmp_path: Path) -> None:
    shutil.copy(ROOT / "seeds" / "make_sample.py", tmp_path)
    subprocess.run([sys.executable, tmp_path / "make_sample.py"], check=True)
    made = {path.relative_to(tmp_path): path for path in tmp_path.rglob("*.csv")}
    kept = {path.relative_to(ROOT / "seeds"): path for path in (ROOT / "seeds").rglob("*.csv")}
    assert made.keys() == kept.keys()
    assert [name for name in made if made[name].read_bytes() != kept[name].read_bytes()] == []


def test_the_sample(built_sample: Dbt, sample: oracle.Tracker) -> None:
    assert_same(built_sample.marts(), oracle.worksheets(sample, Settings(SAMPLE_DAY)))


@pytest.mark.parametrize(
    "settings",
    [
        Settings(date(2026, 8, 31), "Asia/Kathmandu", 45, 500, "truncate"),
        Settings(date(2026, 6, 30), "America/Sao_Paulo"),
        Settings(date(2027, 1, 15), "Pacific/Kiritimati", 120, 100, "omit"),
    ],
)
def test_the_sample_of_another_day_and_zone(
    dbt: Dbt, sample: oracle.Tracker, settings: Settings
) -> None:
    run = dbt("run", **variables(settings))
    assert run.success, run.output
    assert_same(dbt.marts(), oracle.worksheets(sample, settings))


@pytest.mark.parametrize("days_ago", [0, 1])
def test_a_relative_day_is_the_reporting_zones(dbt: Dbt, days_ago: int) -> None:
    zone = "Pacific/Kiritimati"
    before = datetime.now(ZoneInfo(zone)).date()
    run = dbt("run", as_of_date=("today", "yesterday")[days_ago], reporting_timezone=zone)
    assert run.success, run.output
    last = dbt.marts()["time_series_data"][-1][0]
    assert last + timedelta(days=days_ago) in {before, datetime.now(ZoneInfo(zone)).date()}


def check(shape: Shape, folder: Path) -> None:
    """Write a tracker, build and push it, and compare marts and workbook with the oracle.

    The project's own data tests must find nothing wrong either; they need not be asked of each
    single format.
    """
    parts = tracker_data.make(shape)
    raw_dir = folder / "it's [raw] {1}"
    tracker_files.write(raw_dir, parts, Random(shape.seed))
    dbt = Dbt(folder, raw_dir)
    command: tuple[str, ...] = ("run",)
    if len(shape.formats) > 1:
        command = ("build", "--exclude-resource-type", "unit_test")
    run = dbt(*command, **variables(shape.settings))
    assert run.success, run.output
    expected = oracle.worksheets(tracker_data.rows(parts), shape.settings)
    assert_same(dbt.marts(), expected)
    pushed = dbt.push("--to", str(folder / "report.xlsx"))
    assert pushed.exit_code == 0, pushed.output
    assert_shown(folder / "report.xlsx", expected)


@pytest.mark.parametrize("formats", [("csv",), ("jsonl",), ("parquet",), tracker_data.FORMATS])
def test_drawn_trackers(
    tmp_path_factory: pytest.TempPathFactory, formats: Sequence[Format]
) -> None:
    """Large trackers in many parts, of each format and of all.

    An example that fails is not shrunk, which would take minutes; its shape is shown.
    """

    @hypothesis_settings(max_examples=EXAMPLES, phases=[Phase.generate])
    @given(tracker_data.shapes((600, 1200), formats, least_parts=3))
    def draw(shape: Shape) -> None:
        check(shape, tmp_path_factory.mktemp("tracker"))

    draw()


def test_small_trackers(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Trackers with next to no events, parts or links."""

    @hypothesis_settings(max_examples=EXAMPLES, phases=[Phase.generate])
    @given(tracker_data.shapes((0, 3)))
    def draw(shape: Shape) -> None:
        check(shape, tmp_path_factory.mktemp("tracker"))

    draw()
