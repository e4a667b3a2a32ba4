"""Every mart against the oracle: on the sample, and on trackers full of nasty cases.

`make test-thorough` draws more trackers, also of one format each, and asks all data tests of them.
"""

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

from tests.conftest import ROOT, THOROUGH, Dbt, thorough
from tests.pipeline import oracle, tracker_data, tracker_files
from tests.pipeline.oracle import Settings

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tests.pipeline.tracker_data import Format, Shape

SAMPLE_DAY = date(2026, 10, 31)

EXAMPLES = hypothesis_settings().max_examples // 50 if THOROUGH else 1
"""Builds per test; six with `--hypothesis-profile thorough`."""


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


OTHER_SETTINGS = [
    Settings(date(2026, 8, 31), "Asia/Kathmandu", 45, 500, "truncate"),
    Settings(date(2027, 1, 15), "Pacific/Kiritimati", 120, 100, "omit"),
    Settings(date(2026, 6, 30), "America/Sao_Paulo"),
]


@thorough
@pytest.mark.parametrize("settings", OTHER_SETTINGS)
def test_the_sample_of_another_day_and_zone(
    dbt: Dbt, sample: oracle.Tracker, settings: Settings
) -> None:
    run = dbt("run", **variables(settings))
    assert run.success, run.output
    assert_same(dbt.marts(), oracle.worksheets(sample, settings))


@pytest.mark.parametrize(
    ("relative", "zone"), [("today", "Pacific/Kiritimati"), ("yesterday", "Pacific/Pago_Pago")]
)
def test_a_relative_day_is_the_reporting_zones(dbt: Dbt, relative: str, zone: str) -> None:
    """One macro knows the day, and everything that depends on it asks this macro."""
    before = datetime.now(ZoneInfo(zone)).date()
    inline = ("compile", "--inline", "as of {{ as_of_date() }}.")
    run = dbt(*inline, as_of_date=relative, reporting_timezone=zone)
    assert run.success, run.output
    days = {before, datetime.now(ZoneInfo(zone)).date()}
    if relative == "yesterday":
        days = {today - timedelta(days=1) for today in days}
    assert any(f"as of {day}." in run.output for day in days), run.output


def check(shape: Shape, folder: Path) -> None:
    """Write a tracker, build and push it, and compare marts and workbook with the oracle.

    The project's own tests of several columns or rows must find nothing wrong either. Those of one
    column ask of the marts what they have if they are the oracle's.
    """
    parts = tracker_data.make(shape)
    raw_dir = folder / "it's [raw] {1}"
    tracker_files.write(raw_dir, parts, Random(shape.seed))
    dbt = Dbt(folder, raw_dir)
    run = dbt("build", "--exclude", *NOT_RUN, **variables(shape.settings))
    assert run.success, run.output
    assert run.passed >= {"assert_raw_data_reconciles", "assert_dashboard_reconciles"}
    tracker = tracker_data.rows(parts)
    assert dbt.link_days() == oracle.link_days(oracle.Source(tracker, shape.settings))
    expected = oracle.worksheets(tracker, shape.settings)
    assert_same(dbt.marts(), expected)
    pushed = dbt.push("--to", str(folder / "report.xlsx"))
    assert pushed.exit_code == 0, pushed.output
    assert_shown(folder / "report.xlsx", expected)


NOT_RUN = ("test_type:unit",) if THOROUGH else ("test_type:unit", "test_type:generic")


@pytest.mark.parametrize(
    ("sizes", "formats"),
    [
        ((600, 1200), tracker_data.FORMATS),
        *([((600, 1200), (one,)) for one in tracker_data.FORMATS] if THOROUGH else []),
        *([((0, 3), tracker_data.FORMATS)] if THOROUGH else []),
    ],
)
def test_drawn_trackers(
    tmp_path_factory: pytest.TempPathFactory, sizes: tuple[int, int], formats: Sequence[Format]
) -> None:
    """Large trackers in many parts, of each format, and some with next to no events or links.

    An example that fails is not shrunk, which would take minutes; its shape is shown.
    """

    @hypothesis_settings(max_examples=EXAMPLES, phases=[Phase.generate])
    @given(tracker_data.shapes(sizes, formats, least_parts=3 if sizes[0] else 1))
    def draw(shape: Shape) -> None:
        check(shape, tmp_path_factory.mktemp("tracker"))

    draw()
