"""Which database a push reads: what the manifest names, by the settings of the dbt project."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb
import pytest

from refsync.errors import ConfigError, MartError, RefsyncError
from refsync.marts import duckdb_file
from tests.projects import Project, push_from

PROFILE = """
cafe:
  target: "{{ env_var('CAFE_TARGET', 'dev') }}"
  outputs:
    dev: {type: duckdb, path: "data/{{ var('file', 'cafe') }}.duckdb", schema: main}
    prod: {type: duckdb, path: prod.duckdb, schema: main}
    cloud: {type: duckdb, path: "md:cafe?motherduck_token=SECRET1234", schema: main}
    postgres: {type: postgres, host: localhost, schema: main}
other:
  outputs:
    default: {type: duckdb, path: other.duckdb, schema: main}
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A dbt project whose profile names the file; nothing else does."""
    project = Project(tmp_path / "cafe")
    (project.folder / "data").mkdir(parents=True)
    (project.folder / "models").mkdir()
    (project.folder / "dbt_project.yml").write_text("name: cafe\nprofile: cafe\n")
    (project.folder / "profiles.yml").write_text(PROFILE)
    project.add()
    project.database.rename(project.folder / "data" / "cafe.duckdb")
    in_database(project, "cafe")
    monkeypatch.chdir(project.folder)
    return project


def in_database(project: Project, name: str) -> None:
    """Let the manifest say in which database the mart is."""
    relation = f'"{name}"."main"."coffees"'
    project.nodes["model.cafe.coffees"] |= {"database": name, "relation_name": relation}
    project.write_manifest()


def stale(path: Path) -> Path:
    """Make a file with a table of the same name, which a push must not read."""
    with duckdb.connect(path) as connection:
        connection.execute("create table coffees as select 'stale' as name, 0 as cups")
    return path


def rows(project: Project, **changes: Any) -> tuple[tuple[Any, ...], ...]:
    (table,) = project.read(**{"manifest": None, "database": None} | changes)
    return table.rows


def refusal(project: Project, kind: type[RefsyncError] = ConfigError, **changes: Any) -> str:
    with pytest.raises(kind) as error:
        rows(project, **changes)
    return str(error.value)


GOOD = (("espresso", 3),)


def test_the_profile_s_file(project: Project) -> None:
    stale(project.folder / "refsync.duckdb")
    assert rows(project) == GOOD


def test_from_a_folder_within_the_project(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project.folder / "models")
    assert rows(project) == GOOD


def test_from_elsewhere_by_the_project_s_folder(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert rows(project, project_dir=Path("cafe")) == GOOD
    assert rows(project, manifest=Path("cafe", "target", "manifest.json")) == GOOD


@pytest.mark.parametrize("way", ["project", "expression", "setting"])
def test_the_target_path(project: Project, monkeypatch: pytest.MonkeyPatch, way: str) -> None:
    (project.folder / "target").rename(project.folder / "built")
    monkeypatch.setenv("CAFE_BUILT", "built")
    named = {"project": "built", "expression": "\"{{ env_var('CAFE_BUILT') }}\""}.get(way, "none")
    text = f"name: cafe\nprofile: cafe\ntarget-path: {named}\n"
    (project.folder / "dbt_project.yml").write_text(text)
    assert rows(project, target_path=Path("built") if way == "setting" else None) == GOOD


def test_the_variables_and_profile_of_the_last_build(project: Project) -> None:
    (project.folder / "data" / "cafe.duckdb").rename(project.folder / "data" / "named.duckdb")
    in_database(project, "named")
    project.write_run_results({}, vars={"file": "named"})
    assert rows(project) == GOOD
    project.write_run_results({})
    assert rows(project, variables="{file: named}") == GOOD
    (project.folder / "data" / "named.duckdb").rename(project.folder / "other.duckdb")
    in_database(project, "other")
    assert rows(project, profile="other") == GOOD
    project.write_run_results({}, profile="other")
    assert rows(project) == GOOD


@pytest.mark.parametrize("arguments", [{}, {"target": "dev"}])
def test_another_target_than_the_one_that_was_built(
    project: Project, arguments: dict[str, str]
) -> None:
    stale(project.folder / "prod.duckdb")
    project.write_run_results({}, **arguments)
    assert rows(project, target="dev") == GOOD
    database = project.folder / "data" / "cafe.duckdb"
    for named in (None, database):
        assert refusal(project, target="prod", database=named) == (
            "The last build is of the target dev, and --target names prod: run `dbt build --target "
            "prod` first, or leave out --target."
        )


def test_the_target_that_was_built_need_not_be_named(project: Project) -> None:
    (project.folder / "data" / "cafe.duckdb").rename(project.folder / "prod.duckdb")
    in_database(project, "prod")
    project.write_run_results({}, target="prod")
    stale(project.folder / "data" / "cafe.duckdb")
    assert rows(project) == GOOD


def test_a_target_that_an_expression_chose_for_dbt_alone(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    stale(project.folder / "prod.duckdb")
    monkeypatch.setenv("CAFE_TARGET", "prod")
    assert refusal(project, MartError) == (
        "dbt's last command was for the database cafe, and its profile names the file prod.duckdb "
        "here: set the environment variables as for dbt, or name the file with --database."
    )
    database = project.folder / "data" / "cafe.duckdb"
    assert rows(project, database=database) == GOOD


@pytest.mark.parametrize("name", ["CAFE.db", "cafe.v2.duckdb"])
def test_the_file_s_name_as_dbt_or_duckdb_makes_a_database_s_of_it(
    project: Project, name: str
) -> None:
    (project.folder / "data" / "cafe.duckdb").rename(project.folder / "data" / name)
    profile = PROFILE.replace("{{ var('file', 'cafe') }}.duckdb", name)
    (project.folder / "profiles.yml").write_text(profile)
    assert rows(project) == GOOD


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"target": "none"}, "has no target 'none': name another with --target; there are dev, "),
        ({"profile": "none"}, "has no profile 'none': name one with --profile."),
        ({"variables": "[1]"}, "--vars is not a mapping in YAML"),
        ({"profiles_dir": Path("models")}, "There is no models/profiles.yml: name the folder"),
    ],
)
def test_a_setting_of_what_is_not_there(
    project: Project, changes: dict[str, Any], sentence: str
) -> None:
    assert sentence in refusal(project, **changes).replace("\\", "/")


@pytest.mark.parametrize("path", ["", ', path: ":memory:"'])
def test_a_database_in_memory(project: Project, path: str) -> None:
    (project.folder / "profiles.yml").write_text(
        f"cafe: {{target: dev, outputs: {{dev: {{type: duckdb{path}}}}}}}"
    )
    in_database(project, "memory")
    assert refusal(project) == (
        "The target dev of dbt's profile has its database in memory, which is gone when dbt ends: "
        "set its `path` to a file, such as path: dev.duckdb, and run `dbt build`."
    )


def test_a_file_that_is_attached_to_a_database_in_memory(project: Project) -> None:
    (project.folder / "profiles.yml").write_text(
        "cafe: {target: dev, outputs: {dev: {type: duckdb, attach: [{path: data/cafe.duckdb}]}}}"
    )
    assert rows(project) == GOOD


def test_a_target_on_another_kind_of_database(project: Project) -> None:
    project.write_run_results({}, target="postgres")
    assert refusal(project, MartError) == (
        "The manifest is of a build on duckdb, but the target postgres is on postgres: name the "
        "target that was built with --target."
    )


@pytest.mark.parametrize(
    ("way", "sentence"),
    [
        ({}, "What dbt built cannot be read from the target cloud: IO Error: Can't find the home"),
        ({"REFSYNC_DUCKDB_PATH": "md:cafe?x=SECRET1234"}, "--database md:cafe is not the path of"),
    ],
)
def test_no_error_shows_a_url_s_query(project: Project, way: dict[str, str], sentence: str) -> None:
    """Without a home folder DuckDB does not ask the internet for what such a URL needs."""
    project.write_run_results({}, target="cloud")
    nowhere = str(project.folder / "nowhere")
    home = {"HOME": nowhere, "USERPROFILE": nowhere}
    _, out, err = push_from(project.folder, "--to", "a.xlsx", **home, **way)
    assert "SECRET" not in out + err
    assert err.startswith(f"Error: {sentence}")


# Attached databases ----------------------------------------------------------------------------


def attach(project: Project, attachment: str) -> None:
    """Let the mart be in another database, which the profile attaches."""
    (project.folder / "data" / "cafe.duckdb").rename(project.folder / "data" / "store.duckdb")
    stale(project.folder / "data" / "cafe.duckdb")
    profile = PROFILE.replace("schema: main}", f"schema: main, attach: [{attachment}]}}", 1)
    (project.folder / "profiles.yml").write_text(profile)
    elsewhere = dict(project.nodes["model.cafe.coffees"], unique_id="model.cafe.beans")
    in_database(project, "wh")
    project.nodes["model.cafe.coffees"]["config"]["database"] = "wh"
    # Another model, in dbt's own file, is no mart.
    project.nodes["model.cafe.beans"] = elsewhere | {
        "name": "beans",
        "database": "cafe",
        "config": {"materialized": "table"},
    }
    project.write_manifest()


@pytest.mark.parametrize("is_named", [False, True])
def test_a_mart_in_an_attached_file(project: Project, *, is_named: bool) -> None:
    attach(project, "{path: data/store.duckdb, alias: wh}")
    database = Path("data", "cafe.duckdb") if is_named else None
    assert rows(project, database=database) == GOOD


def test_a_mart_in_what_dbt_alone_attaches(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    """By dbt's adapter: the way of all other databases."""
    attach(project, "{path: data/store.duckdb, alias: wh, options: {read_only: true}}")
    code, out, err = push_from(project.folder, "--to", "a.xlsx", "--json", "--target", "dev")
    assert code == 0, err
    assert (code, json.loads(out)["worksheets"][0]["rows"]) == (0, 1), err
    assert rows(project) == GOOD
    assert capsys.readouterr().out == ""


def test_an_older_file_that_dbt_alone_reads(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    profile = PROFILE.replace(
        "schema: main}",
        "schema: main, attach: [{path: other.duckdb, options: {read_only: true}}]}",
        1,
    )
    (project.folder / "profiles.yml").write_text(profile)
    duckdb.connect(project.folder / "other.duckdb").close()
    project.nodes["model.cafe.coffees"]["config"]["materialized"] = "view"
    project.write_manifest()
    project.write_run_results({}, started_at="2999-01-01T00:00:00Z")
    monkeypatch.chdir(tmp_path)
    assert " so that build wrote another file" in refusal(
        project, MartError, project_dir=project.folder
    )


def test_an_attached_file_that_nothing_names(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    attach(project, "{path: data/store.duckdb, alias: wh}")
    database = project.folder / "data" / "cafe.duckdb"
    (project.folder / "dbt_project.yml").unlink()
    monkeypatch.chdir(tmp_path)
    sentence = refusal(project, manifest=project.manifest, database=database)
    assert sentence.startswith(
        "There is no dbt project here whose profile says where the marts are"
    )


def test_a_file_under_another_name(project: Project) -> None:
    moved = (project.folder / "data" / "cafe.duckdb").rename(project.folder / "copy.duckdb")
    assert rows(project, database=moved) == GOOD


def test_a_view_of_files_in_the_project(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project.folder / "data" / "coffees.csv").write_text("name,cups\nmocha,1\n")
    with duckdb.connect(project.folder / "data" / "cafe.duckdb") as connection:
        connection.execute("drop table coffees")
        connection.execute("create view coffees as from 'data/coffees.csv'")
    monkeypatch.chdir(tmp_path)
    assert rows(project, project_dir=project.folder) == (("mocha", 1),)


def test_the_mark_of_another_project(project: Project) -> None:
    with duckdb.connect(project.folder / "data" / "cafe.duckdb") as connection:
        mark = "select 'failed' as status, 'build' as command, 'bar' as project"
        connection.execute(f"create schema bar; create table bar.refsync_build as {mark}")
    assert (
        refusal(project, MartError)
        == "The last `dbt build` failed: correct it and run `dbt build` again."
    )
    manifest = json.loads(project.manifest.read_text(encoding="utf-8"))
    manifest["metadata"]["project_name"] = "cafe"
    project.manifest.write_text(json.dumps(manifest), encoding="utf-8")
    assert rows(project) == GOOD


def in_two_targets(project: Project, dev: str, prod: str) -> None:
    """Let two targets have left a mark each in one file; the marts are those of prod."""
    with duckdb.connect(project.folder / "data" / "cafe.duckdb") as connection:
        for target, status in (("dev", dev), ("prod", prod)):
            connection.execute(
                f"create schema {target}; create table {target}.refsync_build as select '{status}' "
                f"as status, 'build' as command, timestamp '2026-01-02 03:04:05' as finished_at, "
                f"'cafe' as project, '{target}' as target"
            )
        connection.execute("create table prod.coffees as from main.coffees")
    project.nodes["model.cafe.coffees"] |= {
        "schema": "prod",
        "relation_name": '"cafe"."prod"."coffees"',
    }
    project.write_manifest()


@pytest.mark.parametrize("arguments", [{}, {"target": "prod"}])
def test_the_mark_of_another_target(project: Project, arguments: dict[str, str]) -> None:
    in_two_targets(project, dev="failed", prod="complete")
    profile = PROFILE.replace("path: prod.duckdb", "path: data/cafe.duckdb")
    (project.folder / "profiles.yml").write_text(profile)
    project.write_run_results({}, **arguments)
    (table,) = project.read(manifest=None, database=None)
    assert (table.rows, table.build.target) == (GOOD, "prod")


@pytest.mark.parametrize("arguments", [{}, {"target": "prod"}])
def test_the_mark_of_another_target_says_nothing_good(
    project: Project, arguments: dict[str, str]
) -> None:
    in_two_targets(project, dev="complete", prod="failed")
    profile = PROFILE.replace("path: prod.duckdb", "path: data/cafe.duckdb")
    (project.folder / "profiles.yml").write_text(profile)
    project.write_run_results({}, **arguments)
    assert refusal(project, MartError) == (
        "The last `dbt build` failed: correct it and run `dbt build` again."
    )


def test_the_mark_of_a_target_whose_models_have_schemas_of_their_own(project: Project) -> None:
    in_two_targets(project, dev="complete", prod="failed")
    project.nodes["model.cafe.coffees"]["config"]["schema"] = "prod"
    project.write_manifest()
    assert "failed" in refusal(project, MartError)


def test_a_build_that_began_meanwhile(project: Project) -> None:
    """Its manifest is of another command than the results."""
    project.write_run_results({}, invocation_id="before")
    assert "the last build was stopped or another dbt command came after it" in refusal(
        project, MartError
    )


def test_a_file_of_a_newer_duckdb() -> None:
    message = (
        "IO Error: Trying to read a database file with version number 999, but we can only read "
        "versions between 64 and 68."
    )
    assert duckdb_file._why_closed(Path(__file__), message) == (
        f"{__file__} was written by a newer DuckDB than the {duckdb.__version__} that is "
        "installed here: run `pip install --upgrade duckdb`, or push from where dbt runs."
    )
