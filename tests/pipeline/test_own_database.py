"""refsync's own DuckDB file: what is wrong with it is one sentence, for dbt and for the push."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pytest
import yaml
from dbt.config.renderer import ProfileRenderer
from dbt_common.context import set_invocation_context

from refsync.errors import MartError
from refsync.marts.duckdb_file import DuckDBFile
from refsync_tracker import Plugin, own_database
from refsync_tracker.read_errors import explain
from refsync_tracker.schema import InputError, load_extension
from tests.conftest import ROOT, Dbt

if TYPE_CHECKING:
    from collections.abc import Callable

CONFIG = {"memory_limit": "1GB"}


@pytest.fixture(scope="module")
def content(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """What a good DuckDB file has."""
    path = tmp_path_factory.mktemp("good") / "good.duckdb"
    with duckdb.connect(path) as connection:
        connection.execute(
            "create table numbers as select range as n, repeat('x', 50) || range as t "
            "from range(100000)"
        )
    return path.read_bytes()


def changed_at(position: int) -> Callable[[bytes], bytes]:
    return lambda content: content[:position] + b"\x55" * 64 + content[position + 64 :]


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda _: b"",
    "one byte": lambda content: content[:1],
    "100 bytes": lambda content: content[:100],
    "headers only": lambda content: content[:12288],
    "foreign": lambda _: b"nonsense, and a lock at location 4096" * 1000,
    "the first header": changed_at(0),
    "the second header": changed_at(4096),
    "the third header": changed_at(8192),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_file_is_called_damaged(damage: str, content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "refsync.duckdb"
    path.write_bytes(DAMAGES[damage](content))
    with pytest.raises(InputError, match="is damaged, or is not a DuckDB database: delete it"):
        own_database.check(str(path), CONFIG)
    with pytest.raises(MartError, match=r"is damaged: delete it|is not a DuckDB database: name"):
        DuckDBFile(path)
    assert path.read_bytes() == DAMAGES[damage](content)


@pytest.mark.parametrize("damage", ["cut", "changed"])
def test_damage_that_shows_only_as_rows_are_read(damage: str, tmp_path: Path) -> None:
    """Its beginning is good, so it can be opened."""
    path = tmp_path / "refsync.duckdb"
    with duckdb.connect(path) as connection:
        connection.execute(
            "create table refsync_build as select hash(range) as x from range(99999)"
        )
    content = path.read_bytes()
    half = len(content) // 2
    path.write_bytes(content[:half] if damage == "cut" else changed_at(half)(content))
    own_database.check(str(path), CONFIG)
    query = "select sum(x) from refsync_build"
    with duckdb.connect(path) as connection, pytest.raises(duckdb.Error) as raised:
        connection.execute(query).fetchall()
    sentence = explain(raised.value, str(tmp_path / "exports"))
    assert "refsync's own DuckDB file is damaged: delete it" in str(sentence)
    with closing(DuckDBFile(path)) as file, pytest.raises(MartError) as error:
        file.build_marks()
    assert str(error.value) == (
        f"{path} is damaged: delete it or move it away, and run `dbt build` again."
    )


def test_a_cut_file_of_the_tracker_is_not_refsyncs_own(tmp_path: Path) -> None:
    words = f'Could not read enough bytes from file "{tmp_path}/clicks.parquet": wanted 8'
    assert explain(duckdb.IOException(words), str(tmp_path)) is None


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
@pytest.mark.parametrize("is_there", [True, False])
def test_a_link_has_the_name_of_its_file(tmp_path: Path, *, is_there: bool) -> None:
    """DuckDB names the catalog after the file, and dbt after the link."""
    (tmp_path / "data").mkdir()
    for name in ("refsync.duckdb", "other.duckdb"):
        (tmp_path / name).symlink_to("data/refsync.duckdb")
    if is_there:
        duckdb.connect(tmp_path / "data" / "refsync.duckdb").close()
    with pytest.raises(InputError, match=r"other\.duckdb is a link to .*refsync\.duckdb, and"):
        own_database.check(str(tmp_path / "other.duckdb"), CONFIG)
    own_database.check(str(tmp_path / "refsync.duckdb"), CONFIG)
    assert (tmp_path / "data" / "refsync.duckdb").is_file()


@pytest.mark.parametrize(
    "name",
    [
        *("tracker.duckdb", "Main.duckdb", "temp.db", "system.duckdb", "refsync_fresh.duckdb"),
        *("tracker_database", "it's.duckdb", 'a"b.duckdb', ".tracker"),
    ],
)
def test_a_name_that_is_used_for_something_else_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match=r"REFSYNC_DUCKDB_PATH: .*: choose another one, such as"):
        own_database.check(str(tmp_path / name), CONFIG)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["refsync tracker.duckdb", "tracker-2.duckdb", "it's/ü.duckdb"])
def test_other_names_are_allowed(tmp_path: Path, name: str) -> None:
    (tmp_path / "it's").mkdir()
    own_database.check(str(tmp_path / name), CONFIG)
    assert (tmp_path / name).is_file()


@pytest.mark.parametrize("path", ["", " ", ":memory:", ":memory:refsync"])
def test_what_would_keep_nothing_is_refused(path: str) -> None:
    with pytest.raises(InputError, match="REFSYNC_DUCKDB_PATH names no file, so nothing would be"):
        own_database.check(path, CONFIG)


def test_a_variable_without_a_value_is_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("REFSYNC_DUCKDB_PATH", "REFSYNC_MEMORY_LIMIT", "REFSYNC_TRACKER_SCHEMA"):
        monkeypatch.setenv(variable, " ")
    profile = yaml.safe_load((ROOT / "profiles.yml").read_text(encoding="utf-8"))
    set_invocation_context(os.environ)
    renderer = ProfileRenderer({})
    for target in ("sample", "files", "tracker"):
        output = renderer.render_data(profile["refsync"]["outputs"][target])
        assert output["path"] == "refsync.duckdb"
        assert output["config_options"]["memory_limit"] == "3GB"
    assert output["plugins"][0]["config"]["schema"] == "public"
    assert Plugin("refsync_tracker", {"schema": " "}).schema == "public"


def test_an_sqlite_file_is_not_written_to(tmp_path: Path) -> None:
    path = tmp_path / "db.sqlite3"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("create table people (password varchar)")
    before = path.read_bytes()
    with pytest.raises(InputError, match="is not a DuckDB database"):
        own_database.check(str(path), CONFIG)
    assert path.read_bytes() == before


def test_a_file_in_use_is_called_in_use(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "refsync.duckdb"
    path.write_bytes(content)
    code = (
        "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print(flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", code, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        with pytest.raises(InputError, match="is in use by another process"):
            own_database.check(str(path), CONFIG)
        with pytest.raises(MartError, match="is in use by another process"):
            DuckDBFile(path)
        holder.kill()
    own_database.check(str(path), CONFIG)
    DuckDBFile(path).close()


def test_windows_says_by_a_number_that_a_file_is_in_use(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "refsync.duckdb"

    def deny(*_: object) -> None:
        error = PermissionError(13, "Der Prozess kann nicht auf die Datei zugreifen")
        error.winerror = 32  # type: ignore[attr-defined, unused-ignore]
        raise error

    path.write_bytes(b"nonsense" * 1000)
    monkeypatch.setattr(Path, "open", deny)
    with pytest.raises(InputError, match="is in use by another process"):
        own_database.check(str(path), CONFIG)
    with pytest.raises(MartError, match="is in use by another process"):
        DuckDBFile(path)


def test_a_place_that_can_have_no_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is a folder: set REFSYNC_DUCKDB_PATH"):
        own_database.check(str(tmp_path), CONFIG)
    with pytest.raises(MartError, match="is a folder: name dbt's"):
        DuckDBFile(tmp_path)
    with pytest.raises(InputError, match=r"folder .*/nowhere does not exist: make it"):
        own_database.check(str(tmp_path / "nowhere" / "refsync.duckdb"), CONFIG)
    with pytest.raises(InputError, match="REFSYNC_DUCKDB_PATH is not the path") as refused:
        own_database.check("postgresql://reader:s3cret@host/tracker", CONFIG)
    assert "s3cret" not in str(refused.value)


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="a superuser may all")
def test_a_folder_that_may_not_be_written_to(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(InputError, match="cannot be written: let this user write"):
        own_database.check(str(tmp_path / "refsync.duckdb"), CONFIG)
    tmp_path.chmod(0o700)


@pytest.mark.parametrize("limit", ["", "abc", "3", "0GB", "-1GB", "50%", "3 bananas", "s3cret"])
def test_a_limit_that_is_no_amount_of_memory(limit: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="REFSYNC_MEMORY_LIMIT is not an amount") as refused:
        own_database.check(str(tmp_path / "refsync.duckdb"), {"memory_limit": limit})
    assert "s3cret" not in str(refused.value)


@pytest.mark.parametrize("limit", ["3GB", "500 MB", "1.5GiB", "800mb"])
def test_a_limit_that_is_one(limit: str, tmp_path: Path) -> None:
    own_database.check(str(tmp_path / "refsync.duckdb"), {"memory_limit": limit})


def test_a_table_that_exists_only_while_a_build_runs() -> None:
    """`dbt retry` reads such a table in a run that did not make it."""
    with duckdb.connect() as connection:
        connection.execute("attach ':memory:' as tracker")
        with pytest.raises(duckdb.CatalogException) as raised:
            connection.execute('select * from "tracker"."main"."int_clicks_shown"')
        sentence = explain(raised.value, "")
        assert str(sentence) == (
            "There is no table int_clicks_shown, which may exist only while a build runs: run "
            "`dbt build`."
        )
        with pytest.raises(duckdb.CatalogException) as raised:
            connection.execute("select * from officers")
        assert explain(raised.value, "") is None


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has other rights")
def test_only_its_owner_reads_the_file(tmp_path: Path) -> None:
    path = tmp_path / "refsync.duckdb"
    (tmp_path / "refsync.duckdb.tracker").write_bytes(b"left by an older version")
    before = os.umask(0o022)
    try:
        own_database.check(str(path), CONFIG)
        assert os.umask(0o022) == 0o022
    finally:
        os.umask(before)
    assert [(p.name, stat.S_IMODE(p.stat().st_mode)) for p in tmp_path.iterdir()] == [
        ("refsync.duckdb", 0o600)
    ]
    path.chmod(0o644)
    own_database.check(str(path), CONFIG)
    assert stat.S_IMODE(path.stat().st_mode) == 0o644, "what its owner allows stays"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has other rights")
@pytest.mark.parametrize("mode", [0o600, 0o640])
def test_the_log_beside_the_file_is_as_private_as_the_file(mode: int, tmp_path: Path) -> None:
    """DuckDB makes another one after each checkpoint; dbt asks for a cursor for each model."""
    path = tmp_path / "refsync.duckdb"
    log = tmp_path / "refsync.duckdb.wal"
    own_database.check(str(path), CONFIG)
    path.chmod(mode)
    plugin = Plugin("refsync_tracker", {"raw_dir": str(ROOT / "seeds")})
    before = os.umask(0o022)
    try:
        with duckdb.connect(path) as connection:
            plugin.configure_connection(connection)
            plugin.configure_cursor(connection.cursor())
            connection.execute("create table numbers as select 1 as n")
            assert stat.S_IMODE(log.stat().st_mode) == 0o644
            plugin.configure_cursor(connection.cursor())
            assert stat.S_IMODE(log.stat().st_mode) == mode
    finally:
        os.umask(before)


def test_an_extension_needs_no_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HOME", raising=False)
    with duckdb.connect() as connection:
        load_extension(connection, "postgres_scanner", "tracker")


def test_dbt_says_it_in_one_sentence(tmp_path: Path) -> None:
    dbt = Dbt(tmp_path)
    dbt.database.write_bytes(b"nonsense" * 1000)
    for command in ("run", "debug"):
        run = dbt(command)
        assert not run.success
        assert "refsync.duckdb is damaged, or is not a DuckDB database" in run.output
        assert "in use" not in run.output
