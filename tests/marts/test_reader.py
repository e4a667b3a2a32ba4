from __future__ import annotations

import os
import re
import subprocess
import sys
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest

from refsync.errors import ConfigError, MartError, RefsyncError
from tests.projects import Project

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


def refusal(project: Project, kind: type[RefsyncError] = MartError, **changes: Any) -> str:
    """Return the sentence with which the marts are refused, the folder's name left out."""
    with pytest.raises(kind) as caught:
        project.read(**changes)
    return str(caught.value).replace(os.sep, "/").replace(f"{project.folder.as_posix()}/", "")


# What is read ----------------------------------------------------------------------------------


def test_a_table_says_what_its_worksheet_is_to_hold(project: Project) -> None:
    project.add(
        query="select 'espresso' as name, 3 as cups, 7 as secret",
        columns={
            "name": {"header": "Name", "format": "text"},
            "cups": {"header": "CupsSold", "format": "integer"},
            "secret": {},
        },
        worksheet="Coffee List",
        type="raw",
    )
    project.mark("complete")
    (table,) = project.read()
    assert (table.model, table.worksheet, table.type) == ("coffees", "Coffee List", "raw")
    assert table.description == "The coffees of the cafe."
    assert [(c.name, c.header, c.format, c.description) for c in table.columns] == [
        ("name", "Name", "text", "The name."),
        ("cups", "CupsSold", "integer", "The cups."),
    ]
    assert table.rows == (("espresso", 3),)
    assert table.build.finished_at == datetime(2026, 1, 2, 3, 4, 5)  # noqa: DTZ001
    assert table.warnings == ()


def test_worksheets_come_by_position_then_title(project: Project) -> None:
    project.add("b")
    project.add("a")
    project.add("z", position=1)
    project.add("y", position=2.5)
    assert [table.worksheet for table in project.read()] == ["Z", "Y", "A", "B"]


def test_rows_come_in_the_order_of_the_mart_nulls_last_ties_by_every_column(
    project: Project,
) -> None:
    project.add(
        query="select * from (values ('b', 1, 9), ('a', null, 1), ('a', 2, 5), ('B', 2, 3), "
        "('a', 2, 4), (null, 2, 0), ('é', 2, 0), ('ä', 2, 1)) t(name, cups, hidden)",
        columns={"name": {"header": "Name"}, "cups": {"header": "Cups"}},
        order_by=["cups desc", '"name" asc nulls last'],
    )
    assert project.rows() == (
        ("B", 2),
        ("a", 2),
        ("a", 2),
        ("ä", 2),
        ("é", 2),
        (None, 2),
        ("b", 1),
        ("a", None),
    )


def test_ties_are_broken_by_every_column_exported_or_not(project: Project) -> None:
    project.add(
        query="select 1 as x, 99 - i as hidden, i // 2 as y from range(100) t(i)",
        columns={"x": {"header": "X"}, "y": {"header": "Y"}},
        order_by=["x"],
    )
    assert project.rows() == tuple((1, (99 - hidden) // 2) for hidden in range(100))


def test_a_column_that_is_not_exported_orders_the_rows(project: Project) -> None:
    project.add(
        query="select i, 10 - i as rank from range(4) t(i)",
        columns={"i": {"header": "I"}},
        order_by="RANK",
    )
    assert project.rows() == ((3,), (2,), (1,), (0,))


def test_meta_in_the_place_of_older_projects_is_read_too(project: Project) -> None:
    project.add()
    node = project.nodes["model.cafe.coffees"]
    node["meta"], node["config"]["meta"] = node["config"]["meta"], {}
    for column in node["columns"].values():
        column["meta"] = column.pop("config")["meta"]
    project.write_manifest()
    assert project.rows() == (("espresso", 3),)


def test_names_with_quotes_spaces_and_capitals(project: Project) -> None:
    project.add("The Best", 'select 1 as "A ""b"" c"', order_by=['A "b" c desc'])
    project.nodes["model.cafe.The Best"]["columns"]['A "b" c']["name"] = 'a "B" c'
    project.write_manifest()
    assert project.rows() == ((1,),)


def test_the_file_may_have_another_name_than_it_was_built_under(project: Project) -> None:
    project.add()
    (table,) = project.read(database=project.database.rename(project.folder / "main.duckdb"))
    assert table.rows == (("espresso", 3),)


def test_the_file_is_free_as_soon_as_the_marts_are_read(project: Project) -> None:
    project.add()
    project.read()
    writer = "import duckdb, sys; duckdb.connect(sys.argv[1]).execute('create table t as select 1')"
    subprocess.run([sys.executable, "-c", writer, str(project.database)], check=True)


# What is selected ------------------------------------------------------------------------------


@pytest.fixture
def cafe(project: Project) -> Project:
    project.add("coffees", type="raw")
    project.add("daily_sales", worksheet="Sales, by day")
    project.add("goals", type="metrics")
    return project


@pytest.mark.parametrize(
    ("changes", "models"),
    [
        ({}, ["coffees", "goals", "daily_sales"]),
        ({"type": "raw"}, ["coffees"]),
        ({"type": "daily"}, ["daily_sales"]),
        ({"select": ("GOALS", "Coffees")}, ["coffees", "goals"]),
        ({"select": ("sales, BY day",)}, ["daily_sales"]),
        ({"type": "metrics", "select": ("goals",)}, ["goals"]),
    ],
)
def test_type_and_select(cafe: Project, changes: dict[str, Any], models: list[str]) -> None:
    assert [table.model for table in cafe.read(**changes)] == models


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (
            {"select": ("dayly_sales",)},
            (
                "There is no worksheet or model 'dayly_sales'; did you mean daily_sales? "
                "There are Coffees, Goals, Sales, by day."
            ),
        ),
        (
            {"select": ("coffees", "qqq")},
            "There is no worksheet or model 'qqq'. There are Coffees, Goals, Sales, by day.",
        ),
        (
            {"select": ("coffees", "goals"), "type": "raw"},
            "Goals is of type metrics, not raw: leave out --type or --select.",
        ),
    ],
)
def test_a_selection_of_what_is_not_there(
    cafe: Project, changes: dict[str, Any], sentence: str
) -> None:
    assert refusal(cafe, ConfigError, **changes) == sentence


def test_a_type_that_no_mart_has(project: Project) -> None:
    project.add()
    sentence = "No worksheet is of type raw: choose another --type; there are daily."
    assert refusal(project, ConfigError, type="raw") == sentence


# What is refused: files ------------------------------------------------------------------------


def test_no_manifest_yet(project: Project) -> None:
    assert refusal(project) == (
        "There is no target/manifest.json yet: run `dbt build` first, "
        "or name the file with --manifest."
    )


def test_no_database_yet(project: Project) -> None:
    project.add()
    project.database.unlink()
    assert refusal(project) == (
        "There is no database refsync.duckdb yet: run `dbt build` first, "
        "or name the file with --database."
    )


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"metadata": {"dbt_schema_version": 1}}'])
def test_a_manifest_that_is_none(project: Project, text: str) -> None:
    project.add()
    project.manifest.write_text(text, encoding="utf-8")
    assert refusal(project) == (
        "target/manifest.json is not a manifest of dbt's: run `dbt build` to write it again."
    )


def test_a_manifest_of_an_old_dbt(project: Project) -> None:
    project.add()
    project.write_manifest(schema=11, dbt_version="1.7.4")
    assert refusal(project) == (
        "target/manifest.json was written by dbt 1.7.4, and refsync needs dbt 1.8 or newer: "
        "upgrade dbt and run `dbt build` again."
    )


def test_a_manifest_that_cannot_be_read(project: Project) -> None:
    project.manifest.mkdir(parents=True)
    assert refusal(project).startswith("The manifest target/manifest.json cannot be read: ")


def test_no_mart_at_all(project: Project) -> None:
    project.write_manifest()
    assert refusal(project) == (
        "No model in target/manifest.json has a worksheet: name one in a model's meta "
        "(meta: {refsync: {worksheet: My_Worksheet}}) and run `dbt build`."
    )


@pytest.mark.parametrize("content", [b"", b"id,name\n1,a\n" * 1000])
def test_a_database_that_is_none(project: Project, content: bytes) -> None:
    project.add()
    project.database.write_bytes(content)
    assert refusal(project) == (
        "refsync.duckdb is not a DuckDB database: name dbt's with --database."
    )


def test_a_database_that_is_a_folder(project: Project) -> None:
    project.add()
    project.database.unlink()
    project.database.mkdir()
    assert refusal(project) == (
        "refsync.duckdb is a folder: name dbt's DuckDB file with --database."
    )


def test_a_database_that_another_process_writes(project: Project) -> None:
    project.add()
    holder = subprocess.Popen(
        [
            sys.executable,
            "-c",
            (
                "import duckdb, sys; held = duckdb.connect(sys.argv[1]); "
                "print(flush=True); sys.stdin.read()"
            ),
            str(project.database),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert holder.stdin
    assert holder.stdout
    with holder, holder.stdin, holder.stdout:
        holder.stdout.readline()
        assert refusal(project) == (
            f"refsync.duckdb is in use by another process (PID {holder.pid}), perhaps a running "
            "`dbt build`: push again when it has ended."
        )
    assert project.rows() == (("espresso", 3),)


# What is refused: models -----------------------------------------------------------------------


def test_a_mart_that_is_not_built(project: Project) -> None:
    project.add()
    project.add("beans")
    project.execute("drop table beans")
    assert refusal(project) == (
        "Model 'beans' is in the manifest but not in refsync.duckdb: run `dbt build`."
    )
    assert [table.model for table in project.read(select=("coffees",))] == ["coffees"]


def test_a_column_that_is_not_built(project: Project) -> None:
    project.add(columns={"name": {"header": "Name"}, "price": {"header": "Price"}})
    assert refusal(project) == (
        "Column 'price' of model 'coffees' is in the manifest but not in refsync.duckdb: "
        "run `dbt build`."
    )


def test_a_column_that_an_incremental_model_does_not_take(project: Project) -> None:
    project.add(columns={"name": {"header": "Name"}, "price": {"header": "Price"}})
    project.nodes["model.cafe.coffees"]["config"]["materialized"] = "incremental"
    project.write_manifest()
    assert refusal(project).endswith("not in refsync.duckdb: run `dbt build --full-refresh`.")


def test_an_order_by_of_an_unknown_column(project: Project) -> None:
    project.add(order_by=["cups desc", "price"])
    assert refusal(project) == (
        "The order_by of model 'coffees' names 'price', which is not a column of it: "
        "correct its meta and run `dbt build`."
    )


def test_a_view_of_what_is_gone(project: Project) -> None:
    project.add()
    project.execute(
        "create table gone as select 1 as cups",
        "drop table coffees",
        "create view coffees as select 'x' as name, cups from gone",
        "drop table gone",
    )
    assert re.match(r"Model 'coffees' cannot be read: .*gone", refusal(project))


@pytest.mark.parametrize(
    ("meta", "why"),
    [
        ({"type": "all"}, "type 'all' is not the name of a group, such as daily"),
        ({"type": ["raw"]}, "type ['raw'] is not the name of a group, such as daily"),
        ({"worksheet": 2024}, "worksheet 2024 is not a text of 1 to 100 letters"),
        ({"worksheet": " "}, "worksheet ' ' is not a text of 1 to 100 letters"),
        ({"worksheet": "x" * 101}, f"worksheet '{'x' * 101}' is not a text of 1 to 100 letters"),
        (
            {"worksheet": "kept_REMARKS"},
            "worksheet 'kept_REMARKS' is the title of a tab of refsync's own",
        ),
        (
            {"worksheet": "_Refsync_stage_2_a1b2"},
            "worksheet '_Refsync_stage_2_a1b2' is the title of a tab of refsync's own",
        ),
        (
            {"dashboard": {"title": "Kept_Remarks", "heading": "A", "facts": []}},
            "dashboard.title 'Kept_Remarks' is the title of a tab of refsync's own",
        ),
        ({"position": "first"}, "position 'first' is not a number"),
        ({"may_shrink": "yes"}, "may_shrink 'yes' is neither true nor false"),
        ({"order_by": 3}, "order_by 3 is not a column, with asc or desc after it"),
        ({"order_by": ["cups", ""]}, "order_by '' is not a column, with asc or desc after it"),
        (
            {"columns": {"cups": {"header": "Cups", "format": "money"}}},
            (
                "format 'money' of column 'cups' is not one of "
                "text, boolean, plain, integer, number, decimal, percent, points, date, timestamp"
            ),
        ),
        ({"columns": {"cups": {"header": 7}}}, "header 7 of column 'cups' is not a text"),
        ({"columns": {"cups": {"format": "integer"}}}, "no column has a header"),
        (
            {"columns": {"cups": {"header": "C"}, "name": {"header": "C"}}},
            "header 'C' is that of more than one column",
        ),
    ],
)
def test_a_meta_that_cannot_be_followed(project: Project, meta: dict[str, Any], why: str) -> None:
    project.add(**meta)
    assert refusal(project) == (
        f"The meta of model 'coffees' cannot be used: {why}; correct it and run `dbt build`."
    )


def test_keys_of_others_are_left_alone(project: Project) -> None:
    project.add(owner="Zoë", worksheet_colour="red")
    assert project.rows() == (("espresso", 3),)


def test_an_ephemeral_mart(project: Project) -> None:
    project.add()
    project.nodes["model.cafe.coffees"]["config"]["materialized"] = "ephemeral"
    project.write_manifest()
    assert "it is ephemeral, so there is no table to read" in refusal(project)


def test_two_worksheets_of_one_title(project: Project) -> None:
    project.add("a", worksheet="Sales")
    project.add("b", worksheet="SALES")
    assert refusal(project) == (
        "The meta of model 'b' cannot be used: worksheet 'SALES' is that of model 'a' too; "
        "correct it and run `dbt build`."
    )


@pytest.mark.parametrize(
    ("format_", "expression", "data_type"),
    [
        ("integer", "'12'", "VARCHAR"),
        ("percent", "true", "BOOLEAN"),
        ("date", "20240101", "INTEGER"),
        ("decimal", "date '2024-01-01'", "DATE"),
    ],
)
def test_a_format_that_does_not_suit_the_values(
    project: Project, format_: str, expression: str, data_type: str
) -> None:
    columns = {"x": {"header": "X", "format": format_}}
    project.add(query=f"select {expression} as x", columns=columns)
    assert refusal(project) == (
        f"Column 'x' of model 'coffees' has the format {format_} but holds {data_type}: "
        "correct its meta or the model, and run `dbt build`."
    )


# What is refused: builds -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "failures", "sentence"),
    [
        (
            "failed",
            "daily_sales, unique_coffees_name",
            (
                "The last `dbt build` failed at daily_sales, unique_coffees_name: "
                "correct it and run `dbt build` again."
            ),
        ),
        ("failed", None, "The last `dbt build` failed: correct it and run `dbt build` again."),
        ("building", None, "The last `dbt build` did not finish: run `dbt build` again."),
    ],
)
def test_a_build_that_is_not_complete(
    project: Project, status: str, failures: str | None, sentence: str
) -> None:
    project.add()
    project.mark(status, failures)
    assert refusal(project) == sentence


def test_a_marker_without_a_row(project: Project) -> None:
    project.add()
    project.mark("complete")
    project.execute("delete from refsync_build")
    assert refusal(project) == "The last `dbt build` did not finish: run `dbt build` again."


def test_the_marker_has_the_last_word(project: Project) -> None:
    project.add()
    project.mark("complete")
    project.write_run_results({"model.cafe.coffees": "error"})
    assert project.rows() == (("espresso", 3),)


@pytest.mark.parametrize("status", ["error", "skipped", "fail", "runtime error"])
def test_without_a_marker_run_results_tell_what_failed(project: Project, status: str) -> None:
    project.add()
    project.add("goals")
    project.nodes["test.cafe.unique_coffees_name.a1b2"] = {
        "resource_type": "test",
        "depends_on": {"nodes": ["model.cafe.coffees"]},
    }
    project.write_manifest()
    project.write_run_results(
        {"model.cafe.goals": "success", "test.cafe.unique_coffees_name.a1b2": status}
    )
    assert refusal(project) == (
        "The last `dbt build` failed at unique_coffees_name: correct it and run `dbt build` again."
    )
    (goals,) = project.read(select=("goals",))
    assert goals.build.finished_at == datetime(2026, 2, 3, 4, 5, 6, 123456)  # noqa: DTZ001


def test_run_results_that_warn_are_good_enough(project: Project) -> None:
    project.add()
    project.write_run_results({"model.cafe.coffees": "warn"})
    assert project.rows() == (("espresso", 3),)


def test_run_results_that_are_none(project: Project) -> None:
    project.add()
    project.manifest.with_name("run_results.json").write_text("{", encoding="utf-8")
    assert refusal(project) == (
        "target/run_results.json does not say how the last build went: run `dbt build` again."
    )
