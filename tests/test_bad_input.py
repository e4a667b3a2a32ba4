"""Damaged input: one clear error, exit code not 0, and nothing is pushed."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pytest

from tests.conftest import ROOT, Dbt

if TYPE_CHECKING:
    from collections.abc import Callable

USERS = "auth_service_user"
CAMPAIGNS = "dashboard_service_campaign"
LINKS = "dashboard_service_referrallink"
CLICKS = "tracking_service_clickevent"
SIGNUPS = "tracking_service_signupevent"

HEALTHY = {
    f"{USERS}.csv": "id,full_name\nu1,Ana\n",
    "auth_service_officer.csv": "id,user_id\no1,u1\n",
    f"{CAMPAIGNS}.csv": (
        "id,name,start_date,end_date,updated_at\n"
        "k1,Spring,2026-03-01 00:00:00+00:00,,2026-02-01 09:00:00+00:00\n"
    ),
    f"{LINKS}.csv": "id,officer_id,campaign_id,updated_at\nl1,o1,k1,2026-03-01 09:00:00+00:00\n",
    f"{CLICKS}/2026-03.csv": (
        "id,referral_link_id,timestamp,ip,user_agent\n"
        "c1,l1,2026-03-30 08:00:00+00:00,192.0.2.1,browser\n"
    ),
    f"{CLICKS}/2026-04.csv": (
        "id,referral_link_id,timestamp,ip,user_agent\n"
        "c2,l1,2026-04-01 08:00:00+00:00,192.0.2.2,browser\n"
    ),
    f"{SIGNUPS}.jsonl": (
        '{"id": "s1", "click_event_id": "c1", "referral_link_id": "l1",'
        ' "timestamp": "2026-03-30 08:05:00+00:00"}\n'
    ),
}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Dbt:
    """A small tracker, built and pushed while it was healthy; `before.duckdb` remembers."""
    folder = tmp_path_factory.mktemp("tracker")
    dbt = Dbt(folder, folder / "raw")
    fill(folder / "raw")
    run = dbt("run")
    assert run.success, run.output
    pushed = dbt.push("--to", str(folder / "report.xlsx"))
    assert pushed.exit_code == 0, pushed.output
    shutil.copy(dbt.database, folder / "before.duckdb")
    return dbt


@pytest.fixture
def tracker(place: Dbt) -> Dbt:
    """The small tracker, healthy again and built; in one place, which has its manifest already."""
    shutil.rmtree(place.folder / "raw")
    fill(place.folder / "raw")
    shutil.copy(place.folder / "before.duckdb", place.database)
    return place


def fill(folder: Path) -> None:
    """Write the healthy files."""
    for name, text in HEALTHY.items():
        write(folder / name, text)


def write(path: Path, text: str) -> None:
    """Write a file, its folder too."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="")


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


MARCH = f"{CLICKS}/2026-03.csv"
APRIL = f"{CLICKS}/2026-04.csv"
HEADER = "id,referral_link_id,timestamp,ip,user_agent"

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


@pytest.mark.parametrize(("damage", "named"), DAMAGES.values(), ids=DAMAGES)
def test_damaged_input(
    tracker: Dbt, damage: Callable[[Path], None], named: tuple[str, ...]
) -> None:
    damage(tracker.folder / "raw")
    run = tracker("run", "--no-write-json")
    assert not run.success
    assert_one_sentence(run.output, named)
    assert_nothing_is_pushed(tracker)


def assert_one_sentence(output: str, named: tuple[str, ...]) -> None:
    """Check that one sentence names all of these, and that there is no traceback."""
    sentences = {
        line.strip() for line in output.splitlines() if all(word in line for word in named)
    }
    assert len(sentences) == 1, output
    assert "Traceback" not in output
    assert "strict_mode" not in output  # advice for whoever calls DuckDB


def assert_nothing_is_pushed(dbt: Dbt) -> None:
    """Check that a push refuses, in spite of the complete build before, and writes nothing."""
    workbook = dbt.folder / "report.xlsx"
    before = workbook.stat()
    pushed = dbt.push("--to", str(workbook))
    assert pushed.exit_code == 1, pushed.output
    assert pushed.output.startswith("Error: ")
    assert pushed.output.count("\n") == 1
    after = workbook.stat()
    assert (after.st_mtime_ns, after.st_size) == (before.st_mtime_ns, before.st_size)


@pytest.mark.parametrize(
    ("table", "one", "other"),
    [
        (CLICKS, "id", "referral_link_id"),
        (CLICKS, "ip", "user_agent"),
        (LINKS, "officer_id", "campaign_id"),
    ],
)
def test_columns_under_each_others_names(tracker: Dbt, table: str, one: str, other: str) -> None:
    """Every value is of the right kind, so that only a test on the whole can tell."""
    raw = tracker.folder / "raw"
    shutil.rmtree(raw)
    shutil.copytree(ROOT / "seeds", raw)
    for path in list(raw.glob(f"{table}/*.csv")) or [raw / f"{table}.csv"]:
        header, rows = path.read_text(encoding="utf-8").split("\n", 1)
        swapped = {one: other, other: one}
        names = [swapped.get(name, name) for name in header.split(",")]
        write(path, ",".join(names) + "\n" + rows)
    run = tracker("build", "--exclude-resource-type", "unit_test", as_of_date="2026-10-31")
    assert not run.success
    named = [name for name in run.failed if "not_swapped" in name]
    assert len(named) == 1, run.output
    assert one in named[0]
    assert other in named[0]
    assert_nothing_is_pushed(tracker)


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("as_of_date", "tomorrow"),
        ("as_of_date", "2026-02-30"),
        ("reporting_timezone", "Europe/Atlantis"),
        ("raw_days", -1),
        ("raw_max_rows", 0),
        ("raw_max_rows", "many"),
        ("ip_privacy", "maybe"),
        ("user_agent_privacy", "truncate"),
    ],
)
def test_a_wrong_variable(tracker: Dbt, variable: str, value: Any) -> None:
    run = tracker("run", "--no-write-json", **{variable: value})
    assert not run.success
    assert_one_sentence(run.output, (variable, str(value)))
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


def test_the_command_fails_too(tracker: Dbt) -> None:
    """One damage in a process of its own, as a user would see it."""
    bad_time("yesterday")(tracker.folder / "raw")
    done = tracker.command("build", "--exclude-resource-type", "unit_test", "--target", "files")
    assert done.returncode == 1
    assert_one_sentence(done.stdout, (CLICKS, "2026-03.csv", "yesterday"))
    assert done.stderr == ""
    assert_nothing_is_pushed(tracker)
