"""The same models on a real Spark cluster: the rows of every mart are DuckDB's, and the oracle's.

On the sample, and on exports in all formats that grow, are written again and go. Meanwhile a worker
is killed, and a build is found that died half-way.
"""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import openpyxl

from tests.conftest import ROOT, Dbt, mart_query
from tests.pipeline import oracle, tracker_data, tracker_files
from tests.pipeline.oracle import Settings
from tests.pipeline.test_metrics import variables
from tests.spark.cluster import WORKERS

if TYPE_CHECKING:
    from tests.pipeline.oracle import Worksheets
    from tests.spark.cluster import Cluster

AS_OF = "2026-10-31"


def marts(cluster: Cluster, dbt: Dbt, schema: str) -> Worksheets:
    """Return every mart's rows in Spark by the mart's name, in the order they are shown."""
    return {
        node["name"]: cluster.query(mart_query(node).replace(" main.", f" {schema}."))
        for node in dbt.manifest["nodes"].values()
        if node["config"]["meta"].get("worksheet")
    }


def differences(some: Worksheets, others: Worksheets) -> list[tuple[str, str, Any]]:
    """Return the rows that only one side has, with the mart and the side: both ways."""
    assert some.keys() == others.keys()
    return [
        (name, side, row)
        for name in some
        for side, more, less in (("<", some, others), (">", others, some))
        for row in (Counter(map(repr, more[name])) - Counter(map(repr, less[name]))).elements()
    ]


def cells(workbook: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Return all that a workbook's tabs show."""
    book = openpyxl.load_workbook(workbook)
    return {tab.title: list(tab.iter_rows(values_only=True)) for tab in book.worksheets}


def test_sample(cluster: Cluster, schema: str, tmp_path: Path, built_sample: Dbt) -> None:
    """All tests of the project pass, and the worksheets are DuckDB's, cell for cell."""
    dbt = Dbt(tmp_path, ROOT / "seeds", target="spark")
    run = dbt("build", as_of_date=AS_OF)
    assert run.success, run.output

    assert differences(marts(cluster, dbt, schema), built_sample.marts()) == []
    assert marts(cluster, dbt, schema) == built_sample.marts()

    at_work = cluster.tasks()
    assert len(at_work) >= WORKERS, at_work

    for target in ("spark", ""):
        built = dbt if target else built_sample
        path = tmp_path / f"{target or 'duckdb'}.xlsx"
        options = ("--target", target, "--profiles-dir", str(ROOT)) if target else ()
        pushed = push(built, "--to", str(path), *options)
        assert pushed.returncode == 0, pushed.stderr
    assert cells(tmp_path / "spark.xlsx") == cells(tmp_path / "duckdb.xlsx")

    for status, finished_at, words in (
        ("building", "null", "The last `dbt build` did not finish: run `dbt build` again."),
        ("failed", "now()", "The last `dbt build` failed at a_test: correct it"),
    ):
        cluster.query(
            f"insert overwrite table {schema}.refsync_build select '{status}', 'build', now(), "
            f"cast({finished_at} as timestamp), date '{AS_OF}', 'a_test', "
            "null, null, null, null, null, null, null"
        )
        pushed = push(dbt, "--to", str(tmp_path / "no.xlsx"), "--target", "spark")
        assert pushed.returncode == 1
        assert words in pushed.stderr
    assert not (tmp_path / "no.xlsx").exists()

    # A comparison that cannot fail says nothing.
    changed = cluster.query(f"select * from {schema}.officer_summary limit 1")[0][0]
    cluster.query(
        f"create table {schema}.kept using parquet as select * from {schema}.officer_summary",
        f"insert overwrite table {schema}.officer_summary select officer_id, officer_name, "
        f"total_clicks + if(officer_id = '{changed}', 1, 0), total_signups, click_to_signup_rate, "
        "unique_clicks, signups_last_7_days, signups_last_30_days, last_signup_date "
        f"from {schema}.kept",
    )
    found = differences(marts(cluster, dbt, schema), built_sample.marts())
    assert [(name, side) for name, side, _ in found] == [
        ("officer_summary", "<"), ("officer_summary", ">"),
    ]  # fmt: skip


def push(dbt: Dbt, *options: str) -> subprocess.CompletedProcess[str]:
    """Run `refsync-push` in a process of its own: it may have another adapter than dbt here."""
    return subprocess.run(
        [
            Path(sys.executable).with_name("refsync-push"),
            *("--manifest", str(dbt.folder / "target" / "manifest.json")),
            *options,
        ],
        cwd=ROOT,
        env=dbt.environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_exports_that_grow(cluster: Cluster, schema: str, tmp_path: Path) -> None:
    """Each build equals a full one, on both engines, also after failures."""
    usual = Settings(date(2026, 10, 25), "Europe/Berlin", 30, 60, "truncate")
    shape = tracker_data.Shape(3, usual, 90, 45, 12, 6, tracker_data.FORMATS, odd_ids=False)
    export = tracker_files.GrowingExport(
        tmp_path / "it's [raw] {1}", tracker_data.make(shape), Random(7)
    )
    on_spark = Dbt(tmp_path / "spark", export.folder, target="spark")
    on_duckdb = Dbt(tmp_path / "duckdb", export.folder)
    on_spark.folder.mkdir()
    on_duckdb.folder.mkdir()

    def check(tracker: oracle.Tracker, settings: Settings) -> None:
        run = on_duckdb("run", **variables(settings))
        assert run.success, run.output
        here, there = marts(cluster, on_spark, schema), on_duckdb.marts()
        assert differences(here, there) == []
        assert here == there == oracle.worksheets(tracker, settings)

    tracker = export.arrive()
    run = on_spark("run", **variables(usual))
    assert run.success, run.output
    check(tracker, usual)

    tracker = export.arrive()
    earlier = replace(usual, as_of_date=usual.as_of_date - timedelta(days=20))
    kill_worker_in(cluster, on_spark, earlier)
    check(tracker, earlier)

    # A run that dies has written down what it set out to count, and left it half done.
    history = f"{schema}.int_link_days_counted"
    dates = [day for (day,) in cluster.query(f"select distinct event_date from {history}")[:5]]
    cluster.query(
        f"insert overwrite table {schema}.refsync_unfinished partition (run = '2999') values "
        + ", ".join(f"(date '{day}')" for day in dates),
        *(f"alter table {history} drop partition (event_date = date '{day}')" for day in dates[:2]),
    )
    tracker = export.arrive()
    run = on_spark("run", **variables(usual))
    assert run.success, run.output
    check(tracker, usual)


def kill_worker_in(cluster: Cluster, dbt: Dbt, settings: Settings) -> None:
    """Build, and kill a worker while the daily history is counted: the build goes on without it."""
    lost = cluster.lost_executors()
    given = [f"{key}: {value}" for key, value in variables(settings).items()]
    with dbt.start("run", "--target", "spark", "--vars", "{" + ", ".join(given) + "}") as process:
        assert process.stdout is not None
        said = []
        for line in process.stdout:
            said.append(line)
            if "START" in line and "int_link_days_counted" in line:
                cluster.kill_worker()
        assert process.wait() == 0, "".join(said)
    assert len(cluster.workers) == WORKERS - 1
    assert cluster.lost_executors() - lost
