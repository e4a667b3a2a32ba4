"""Damaged input: one clear error, exit code not 0, and nothing is pushed."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pytest

from tests.conftest import ROOT, Dbt
from tests.pipeline.exports import (
    APRIL,
    CAMPAIGNS,
    CLICKS,
    HEADER,
    HEALTHY,
    LINKS,
    MARCH,
    SIGNUPS,
    USERS,
    Export,
    fill,
    write,
)

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture(scope="module")
def workbook(built_sample: Dbt, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What was pushed of a complete build."""
    path = tmp_path_factory.mktemp("pushed") / "report.xlsx"
    pushed = built_sample.push("--to", str(path))
    assert pushed.exit_code == 0, pushed.output
    return path


@pytest.fixture
def tracker(built_sample: Dbt, workbook: Path, tmp_path: Path) -> Dbt:
    """A small tracker's healthy files, after a complete build that was pushed: the sample's."""
    fill(tmp_path / "raw")
    shutil.copy(built_sample.database, tmp_path)
    shutil.copy(workbook, tmp_path)
    return Dbt(tmp_path, tmp_path / "raw")


def replaced(name: str, old: str, new: str) -> Callable[[Path], None]:
    """Return a damage that replaces text in one of the healthy files."""

    def damage(folder: Path) -> None:
        text = HEALTHY[name]
        assert old in text
        write(folder / name, text.replace(old, new))

    return damage


def put(name: str, content: str | bytes) -> Callable[[Path], None]:
    """Return a damage that puts a file there."""

    def damage(folder: Path) -> None:
        write(folder / name, "")
        (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())

    return damage


def gone(name: str) -> Callable[[Path], None]:
    """Return a damage that takes a file away."""
    return lambda folder: (folder / name).unlink()


def truncated_parquet(folder: Path) -> None:
    """Put a Parquet part there that ends in the middle."""
    path = folder / CLICKS / "2026-05.parquet"
    duckdb.sql("select i::varchar as id from range(999) as r(i)").write_parquet(str(path))
    path.write_bytes(path.read_bytes()[:-50])


def no_parts(folder: Path) -> None:
    """Empty the folder of parts."""
    for path in (folder / CLICKS).iterdir():
        path.unlink()


def bad_time(text: str) -> Callable[[Path], None]:
    """Return a damage that writes this instead of a click's timestamp."""
    return replaced(MARCH, "2026-03-30 08:00:00+00:00", text)


# What is damaged, how, and what the error names beside the table.
DAMAGES: dict[str, tuple[Callable[[Path], None], tuple[str, ...]]] = {
    "a truncated Parquet file": (truncated_parquet, (CLICKS, "2026-05.parquet")),
    "no Parquet at all": (put(f"{CLICKS}/x.parquet", "id"), (CLICKS, "x.parquet")),
    "a renamed column": (
        replaced(f"{LINKS}.csv", "officer_id", "owner"),
        (LINKS, f"{LINKS}.csv", "officer_id"),
    ),
    "swapped header names": (
        replaced(MARCH, HEADER, "id,referral_link_id,ip,timestamp,user_agent"),
        (CLICKS, "2026-03.csv", "192.0.2.1"),
    ),
    "swapped header names of a dimension": (
        replaced(f"{CAMPAIGNS}.csv", "name,start_date", "start_date,name"),
        (CAMPAIGNS, f"{CAMPAIGNS}.csv", "Spring"),
    ),
    "a part without a column": (
        put(APRIL, "id,timestamp,ip,user_agent\nc2,2026-04-01 08:00,,x\n"),
        (CLICKS, "2026-04.csv", "referral_link_id"),
    ),
    "two columns of one name": (
        put(APRIL, f"{HEADER},ip\nc2,l1,2026-04-01 08:00:00,192.0.2.1,x,192.0.2.2\n"),
        (CLICKS, "2026-04.csv", "ip"),
    ),
    "yesterday": (bad_time("yesterday"), (CLICKS, "2026-03.csv", "yesterday")),
    "infinity": (bad_time("infinity"), (CLICKS, "2026-03.csv", "infinity")),
    "epoch": (bad_time("epoch"), (CLICKS, "2026-03.csv", "epoch")),
    "no such day": (bad_time("2026-02-30 00:00"), (CLICKS, "2026-03.csv", "2026-02-30 00:00")),
    "a number of seconds": (bad_time("1774857600"), (CLICKS, "2026-03.csv", "1774857600")),
    "another order of day and month": (
        bad_time("30/03/26 08:00:00"),
        (CLICKS, "2026-03.csv", "30/03/26 08:00:00"),
    ),
    "no time": (bad_time(""), (CLICKS, "2026-03.csv")),
    "an end date that is none": (
        replaced(f"{CAMPAIGNS}.csv", "+00:00,,", "+00:00,never,"),
        (CAMPAIGNS, f"{CAMPAIGNS}.csv", "never"),
    ),
    "no id": (replaced(MARCH, "c1,", ","), (CLICKS, "2026-03.csv")),
    "a row that is too short": (
        replaced(MARCH, ",browser", ""),
        (f"{CLICKS}: {MARCH}, line 2: the row has 4 fields and the header 5",),
    ),
    "a row that is too long": (
        replaced(MARCH, "browser", "a,b"),
        (f"{CLICKS}: {MARCH}, line 2: the row has 6 fields and the header 5",),
    ),
    "a quote that never ends": (
        replaced(MARCH, "browser", '"br'),
        (f"{CLICKS}: {MARCH}, line 2: a quoted text does not end",),
    ),
    "an open quote in a dimension": (
        replaced(f"{USERS}.csv", "Ana", '"Ana'),
        (f"{USERS}: {USERS}.csv, line 2: a quoted text does not end",),
    ),
    "not UTF-8": (
        put(APRIL, f"{HEADER}\nc2,l1,2026-04-01 08:00:00,,Köln\n".encode("latin-1")),
        (CLICKS, "2026-04.csv"),
    ),
    "another separator": (put(APRIL, HEADER.replace(",", ":")), (CLICKS, "2026-04.csv")),
    "an empty CSV file": (put(APRIL, ""), (CLICKS, "2026-04.csv")),
    "a JSON line cut short": (
        put(f"{SIGNUPS}.jsonl", HEALTHY[f"{SIGNUPS}.jsonl"] + '{"id": "s2", "clic'),
        (SIGNUPS, f"{SIGNUPS}.jsonl"),
    ),
    "a JSON line that is no object": (
        put(f"{SIGNUPS}.jsonl", HEALTHY[f"{SIGNUPS}.jsonl"] + "[1, 2]\n"),
        (SIGNUPS, f"{SIGNUPS}.jsonl"),
    ),
    "a missing table": (gone(f"{USERS}.csv"), (USERS,)),
    "a table twice": (put(f"{USERS}/part.csv", "id,full_name\n"), (USERS, f"{USERS}.csv")),
    "an unknown kind of file": (put(f"{CLICKS}/notes.xlsx", "x"), (CLICKS, "notes.xlsx")),
    "an empty folder": (no_parts, (CLICKS,)),
}


MODELS = {
    USERS: "users",
    CAMPAIGNS: "campaigns",
    LINKS: "referral_links",
    CLICKS: "clicks",
    SIGNUPS: "signups",
}
"""The staging model that reads each table."""


@pytest.mark.parametrize(("damage", "named"), DAMAGES.values(), ids=DAMAGES)
def test_damaged_input(
    export: Export, damage: Callable[[Path], None], named: tuple[str, ...]
) -> None:
    """One sentence names each error; the tests below check what dbt shows of one."""
    damage(export.folder)
    table = named[0].partition(":")[0]
    assert_one_sentence(export.problem(MODELS[table]), named)


@pytest.mark.parametrize(
    "damages",
    [
        ["a renamed column"],  # the folder is listed before any model runs
        ["yesterday", "swapped header names of a dimension", "an open quote in a dimension"],
    ],
)
def test_damaged_input_fails_the_build(tracker: Dbt, damages: list[str]) -> None:
    """Whether a hook finds the damage or a model does; each model that does says so."""
    for damage in damages:
        DAMAGES[damage][0](tracker.folder / "raw")
    run = tracker("run", "--no-write-json")
    assert not run.success
    for damage in damages:
        assert_one_sentence(run.output, DAMAGES[damage][1])
    assert_nothing_is_pushed(tracker)


def assert_one_sentence(output: str, named: tuple[str, ...]) -> None:
    """Check that one sentence names all of these, and that there is no traceback."""
    sentences = {
        line.strip() for line in output.splitlines() if all(word in line for word in named)
    }
    assert len(sentences) == 1, output
    assert "Traceback" not in output
    assert "strict_mode" not in output  # advice for a caller of DuckDB


def assert_nothing_is_pushed(dbt: Dbt) -> None:
    """Check that a push refuses, in spite of the complete build before, and writes nothing."""
    workbook = dbt.folder / "report.xlsx"
    before = workbook.stat()
    pushed = dbt.push("--to", str(workbook))
    assert pushed.exit_code == 1, pushed.output
    assert pushed.output.startswith(
        ("Error: The last `dbt run` failed", "Error: The last `dbt test` failed")
    )
    assert pushed.output.count("\n") == 1
    after = workbook.stat()
    assert (after.st_mtime_ns, after.st_size) == (before.st_mtime_ns, before.st_size)


SWAPPED = {
    "assert_clicks_ip_and_user_agent_not_swapped": (CLICKS, "ip", "user_agent"),
    "assert_events_id_and_referral_link_id_not_swapped": (CLICKS, "id", "referral_link_id"),
    "assert_links_officer_id_and_campaign_id_not_swapped": (LINKS, "officer_id", "campaign_id"),
}
"""The test that notices two columns under each other's names."""


def swap(folder: Path, table: str, one: str, other: str) -> None:
    """Write each of two columns of a table under the other's name."""
    swapped = {one: other, other: one}
    for path in list(folder.glob(f"{table}/*.csv")) or [folder / f"{table}.csv"]:
        header, rows = path.read_text(encoding="utf-8").split("\n", 1)
        names = [swapped.get(name, name) for name in header.split(",")]
        write(path, ",".join(names) + "\n" + rows)


def test_columns_under_each_others_names(tracker: Dbt) -> None:
    """Every value has the right type, so only a test of all rows can find it.

    The links are swapped last: without them no event would be known as one of a known link.
    """
    raw = tracker.folder / "raw"
    shutil.rmtree(raw)
    shutil.copytree(ROOT / "seeds", raw)
    clicks, events, links = SWAPPED.values()
    for swapped in (clicks, events):
        swap(raw, *swapped)
    run = tracker("run", "--select", "+tracker_raw_data", as_of_date="2026-10-31")
    assert run.success, run.output
    swap(raw, *links)
    run = tracker("test", "--select", "*not_swapped*")
    assert not run.success
    assert run.failed == {*SWAPPED}, run.output
    assert_nothing_is_pushed(tracker)


@pytest.mark.parametrize("raw_dir", [None, Path("nowhere")])
def test_no_folder(tracker: Dbt, raw_dir: Path | None) -> None:
    lost = replace(tracker, raw_dir=raw_dir, target="files")
    run = lost("run")
    assert not run.success
    said = "does not exist" if raw_dir else "not set"
    assert_one_sentence(run.output, ("REFSYNC_RAW_DIR", said))
    assert "nowhere" not in run.output  # it may be another setting's value, such as a key
    assert_nothing_is_pushed(tracker)
