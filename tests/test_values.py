# ruff: noqa: DTZ001 - a worksheet's times have no zone
"""Values of every type, from the DuckDB file to the cells of both destinations."""

from __future__ import annotations

import re
import zipfile
from dataclasses import replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import duckdb
import openpyxl
import pytest

from refsync.destination import check
from refsync.errors import DestinationError, MartError
from refsync.excel import destination as workbook
from refsync.google_sheets.planning.desired import Desired
from refsync.worksheet.theme import pattern
from tests.google_sheets.pushing import Book, table, values_of
from tests.projects import Project
from tests.sheets_emulator import SheetsEmulator

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from refsync.worksheet.table import Cell, Format, Table

NO_CELL = (
    ", which no cell can hold; it is written as text. Give the column `format: text` in its meta "
    "if that is right."
)
STRUCT = "{'apples': 1, 'bananas': 2, 'cherries': 3}"
LARGE = "170141183460469231731687303715884105727"

# One entry a type of DuckDB's: its format where the meta names none, and values with their cells.
TYPES: dict[str, tuple[Format, list[tuple[str, Cell]]]] = {
    "TINYINT": ("plain", [("(-128)::tinyint", -128)]),
    "SMALLINT": ("plain", [("2024::smallint", 2024)]),
    "INTEGER": ("plain", [("1000455::integer", 1_000_455)]),
    "BIGINT": (
        "plain",
        [
            ("999999999999999::bigint", 999_999_999_999_999),
            ("-999999999999999::bigint", -999_999_999_999_999),
            ("1000000000000000::bigint", "1000000000000000"),
            ("1234567890123456::bigint", "1234567890123456"),
            ("-9007199254740993::bigint", "-9007199254740993"),
        ],
    ),
    "HUGEINT": ("plain", [("sum(7)", 7), (LARGE, LARGE)]),
    "UTINYINT": ("plain", [("255::utinyint", 255)]),
    "USMALLINT": ("plain", [("65535::usmallint", 65_535)]),
    "UINTEGER": ("plain", [("4294967295::uinteger", 4_294_967_295)]),
    "UBIGINT": ("plain", [("18446744073709551615::ubigint", "18446744073709551615")]),
    "UHUGEINT": ("plain", [("7::uhugeint", 7), (f"{LARGE}::uhugeint", LARGE)]),
    "BIGNUM": ("plain", [("-12::bignum", -12), (f"'{LARGE}0'::bignum", f"{LARGE}0")]),
    "FLOAT": (
        "plain",
        [
            ("19.99::float", 19.99),
            ("1e30::float", 1e30),
            ("0.1::float", 0.1),
            ("'inf'::float", None),
        ],
    ),
    "DOUBLE": (
        "plain",
        [
            ("0.1::double + 0.2::double", 0.30000000000000004),
            ("1234567890123456.0::double", 1234567890123456.0),
            ("1e308::double", 1e308),
            ("5e-324::double", 5e-324),
            ("'-0.0'::double", 0.0),
            ("'nan'::double", None),
            ("'-inf'::double", None),
        ],
    ),
    "DECIMAL": (
        "plain",
        [
            ("1.10::decimal(10, 2)", 1.1),
            ("12::decimal(10, 2)", 12),
            ("0.000123::decimal(18, 6)", 0.000123),
            ("1234567890123.45::decimal(38, 2)", 1234567890123.45),
            ("12345678901234.56::decimal(38, 2)", "12345678901234.56"),
            ("-0.3333333333333333::decimal(38, 16)", "-0.3333333333333333"),
            ("9007199254740993::decimal(38, 0)", "9007199254740993"),
        ],
    ),
    "BOOLEAN": ("boolean", [("true", True), ("false", False)]),
    "VARCHAR": (
        "text",
        [
            ("'0042'", "0042"),
            ("''", ""),
            ("'two' || chr(13) || chr(10) || 'lines' || chr(13)", "two\nlines\n"),
            ("'a' || chr(11) || chr(8232) || chr(1) || 'b'", "a\x0b\u2028\x01b"),
            ("'a' || chr(0) || 'b'", "a\0b"),
            ("'_x000D_'", "_x000D_"),
            ("'{=1+1}'", "{=1+1}"),
            ("chr(39) || 'x'", "'x"),
            ("'TRUE'", "TRUE"),
            ("'1e5'", "1e5"),
            ("'2024-02-29'", "2024-02-29"),
            ("'#N/A'", "#N/A"),
            ("'=1+1'", "=1+1"),
            ("'<r>' || chr(1) || '</r>'", "<r>\x01</r>"),
        ],
    ),
    "UUID": (
        "text",
        [("'AABBCCDD-0011-2233-4455-66778899AABB'::uuid", "aabbccdd-0011-2233-4455-66778899aabb")],
    ),
    "ENUM": ("text", [("'b'::enum('a', 'b')", "b")]),
    "DATE": (
        "date",
        [
            ("date '2024-02-29'", date(2024, 2, 29)),
            ("date '1900-03-01'", date(1900, 3, 1)),
            ("date '1900-02-28'", "1900-02-28"),
            ("date '0001-01-01'", "0001-01-01"),
            ("date '0044-03-15 (BC)'", "0044-03-15 (BC)"),
            ("date '9999-12-31'", date(9999, 12, 31)),
            ("date '20000-01-01'", "20000-01-01"),
            ("date 'infinity'", "infinity"),
            ("date '-infinity'", "-infinity"),
        ],
    ),
    "TIMESTAMP": (
        "timestamp",
        [
            ("timestamp '2024-02-29 23:59:59.999999'", datetime(2024, 2, 29, 23, 59, 59)),
            ("timestamp '9999-12-31 23:59:59.999999'", datetime(9999, 12, 31, 23, 59, 59)),
            ("timestamp '1850-05-05 10:00:00.5'", "1850-05-05 10:00:00"),
            ("timestamp '0044-03-15 (BC) 10:00:00'", "0044-03-15 (BC) 10:00:00"),
            ("timestamp '20000-01-01 10:00:00'", "20000-01-01 10:00:00"),
            ("timestamp 'infinity'", "infinity"),
        ],
    ),
    "TIMESTAMP_S": (
        "timestamp",
        [("timestamp_s '2024-02-29 01:02:03'", datetime(2024, 2, 29, 1, 2, 3))],
    ),
    "TIMESTAMP_MS": (
        "timestamp",
        [("timestamp_ms '2024-02-29 23:59:59.999'", datetime(2024, 2, 29, 23, 59, 59))],
    ),
    "TIMESTAMP_NS": (
        "timestamp",
        [
            ("timestamp_ns '2024-02-29 23:59:59.999999999'", datetime(2024, 2, 29, 23, 59, 59)),
            ("timestamp_ns 'infinity'", "infinity"),
        ],
    ),
    "TIMESTAMP WITH TIME ZONE": (
        "timestamp",
        [
            ("timestamptz '2024-03-01 01:30:00+02:00'", datetime(2024, 2, 29, 23, 30)),
            ("timestamptz '2024-02-29 23:59:59.999999+00'", datetime(2024, 2, 29, 23, 59, 59)),
            ("timestamptz 'infinity'", "infinity"),
        ],
    ),
    "TIME": ("text", [("time '10:00:00.5'", "10:00:00.5")]),
    "TIME_NS": ("text", [("time_ns '10:00:00.123456789'", "10:00:00.123456789")]),
    "TIME WITH TIME ZONE": ("text", [("timetz '10:00:00+02:00'", "10:00:00+02")]),
    "INTERVAL": ("text", [("interval 1 day", "1 day")]),
    "BLOB": ("text", [("'x\\xAA'::blob", "x\\xAA")]),
    "BIT": ("text", [("'0101'::bit", "0101")]),
    "GEOMETRY": ("text", [("'POINT(1 2)'::geometry", "POINT (1 2)")]),
    "VARIANT": ("text", [("1.50::decimal(4, 2)::variant", "1.50")]),
    "LIST": (
        "text",
        [
            ("[1.10::decimal(10, 2), null]", "[1.10, NULL]"),
            ("[timestamptz '2024-03-01 01:30:00+02:00']", "['2024-02-29 23:30:00+00']"),
            ("[[1], null, []]", "[[1], NULL, []]"),
        ],
    ),
    "ARRAY": ("text", [("[19.99, 2]::float[2]", "[19.99, 2.0]")]),
    "STRUCT": ("text", [("{'a': 1.10::decimal(10, 2), 'b': null}", "{'a': 1.10, 'b': NULL}")]),
    "MAP": ("text", [("map {'k': 1.10::decimal(10, 2)}", "{k=1.10}")]),
    "UNION": ("text", [("union_value(n := 1.10::decimal(10, 2))", "1.10")]),
}  # fmt: skip

NEVER_STORED = {"NULL", "TYPE"}

EXPRESSIONS = [expression for _, values in TYPES.values() for expression, _ in values]
VALUES = [
    pytest.param(EXPRESSIONS.index(expression), cell, format_, id=f"{name} {expression}")
    for name, (format_, values) in TYPES.items()
    for expression, cell in values
]


@pytest.fixture(scope="module")
def emulator() -> Iterator[SheetsEmulator]:
    with SheetsEmulator() as running:
        yield running


@pytest.fixture(scope="module", autouse=True)
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A working folder without refsync's own project, whose profile would be asked for a zone."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("elsewhere"))
        patch.delenv("DBT_PROJECT_DIR", raising=False)
        yield


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project for many tests that each only add a mart."""
    project = Project(tmp_path_factory.mktemp("shared"))
    with duckdb.connect() as connection:  # a VARIANT needs the newest storage
        connection.execute(f"attach '{project.database}' as newest (storage_version 'v1.5.0')")
    return project


def read(project: Project, expression: str, **meta: object) -> Table:
    project.add(query=f"select {expression} as x", columns={"x": {"header": "X", **meta}})
    return project.read(select=("coffees",))[0]


def refusal(project: Project, expression: str, **meta: object) -> str:
    with pytest.raises(MartError) as caught:
        read(project, expression, **meta)
    return str(caught.value)


# Types -----------------------------------------------------------------------------------------


def test_no_type_of_duckdb_is_forgotten() -> None:
    types = duckdb.execute("select distinct logical_type from duckdb_types()").fetchall()
    assert {name for (name,) in types} - NEVER_STORED == set(TYPES)


@pytest.fixture(scope="module")
def everything(shared: Project) -> Table:
    """A mart with a column for every value above, a row with all of them and one without any."""
    names = [f"x{number}" for number in range(len(EXPRESSIONS))]
    values = ", ".join(f"{value} as {name}" for value, name in zip(EXPRESSIONS, names, strict=True))
    shared.add(
        "everything",
        f"select * from (select {values}) union all by name (select null as x0)",
        order_by=names,
    )
    (table,) = shared.read(select=("everything",))
    return table


@pytest.mark.parametrize(("number", "cell", "format_"), VALUES)
def test_a_value_is_a_cell(everything: Table, number: int, cell: Cell, format_: Format) -> None:
    values, nothing = (row[number] for row in everything.rows)
    assert (values, nothing) == (cell, None)
    assert type(values) is type(cell)
    assert everything.columns[number].format == format_


def test_a_spreadsheet_keeps_every_value(everything: Table, emulator: SheetsEmulator) -> None:
    book = Book(emulator)
    first = book.push(everything, dry_run=True)
    assert book.push(everything).worksheets == first.worksheets
    assert book.values(everything.worksheet) == values_of(everything)
    again = book.push(everything)
    assert book.counts()[1] == 0
    assert (again.worksheets[0].cells, again.worksheets[0].added) == (0, 0)
    assert again.worksheets == book.push(everything, dry_run=True).worksheets


def test_a_workbook_keeps_every_value(everything: Table, shared: Project) -> None:
    for name in ("one.xlsx", "two.xlsx"):
        workbook.push([everything], shared.settings(name), dry_run=False)
    one = shared.folder / "one.xlsx"
    assert one.read_bytes() == (shared.folder / "two.xlsx").read_bytes()
    (first,) = openpyxl.load_workbook(one)[everything.worksheet].iter_rows(min_row=2)
    for cell, found, expected in zip(everything.rows[0], first, VALUES, strict=True):
        wanted = datetime(cell.year, cell.month, cell.day) if type(cell) is date else cell
        if isinstance(cell, str):  # openpyxl does not decode all of ECMA-376's escapes
            wanted = re.sub("[\0\x01\x0b]", lambda match: f"_x{ord(match[0]):04X}_", cell)
        assert found.value == (wanted if cell != "" else None), expected.id


# What is said ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expression", "warning"),
    [
        (
            "unnest([1, 1234567890123456])",
            (
                "X has 1 number of more than 15 digits, which no spreadsheet shows exactly; it is "
                "written as text."
            ),
        ),
        (
            "unnest([1.5::decimal(38, 20), 0.1234567890123456, -0.1234567890123456])",
            (
                "X has 2 numbers of more than 15 digits, which no spreadsheet shows exactly; they "
                "are written as text."
            ),
        ),
        ("unnest([1.5::decimal(38, 20), 1e-9::decimal(38, 20), null])", None),
        (
            "unnest(['nan', '1', 'inf']::double[])",
            "X has 2 values that are infinite or not a number; their cells are left blank.",
        ),
        (
            "unnest(['infinity', '0044-03-15 (BC)', '2024-01-01', null]::date[])",
            (
                "X has 2 dates before 1900-03-01, after the year 9999 or infinite, which "
                "spreadsheets do not show right; they are written as text."
            ),
        ),
        ("interval 1 day", "X is of the type INTERVAL" + NO_CELL),
        ("[1.5::decimal(10, 2)]", "X is of the type DECIMAL(10,2)[]" + NO_CELL),
        (STRUCT, f"X is of the type STRUCT(apples INTEGER, bananas INTEGER, …{NO_CELL}"),
        ("'a'::enum('a', 'b')", None),
        ("uuid()", None),
        ("true", None),
        ("'{}'::json", None),
    ],
)  # fmt: skip
def test_what_is_altered_is_said(shared: Project, expression: str, warning: str | None) -> None:
    assert read(shared, expression).warnings == ((f"Coffees: {warning}",) if warning else ())


def test_a_type_that_is_meant_to_be_text_needs_no_warning(shared: Project) -> None:
    assert read(shared, "[1, 2]", format="text").warnings == ()


# Formats ---------------------------------------------------------------------------------------


FORMATS: list[tuple[str, dict[str, Any], Cell, str]] = [
    ("2024", {}, 2024, "0"),
    ("1000455::bigint", {}, 1_000_455, "0"),
    ("sum(1000455)", {}, 1_000_455, "0"),
    ("0.000123::double", {}, 0.000123, "General"),
    ("19.99::float", {}, 19.99, "General"),
    ("1.50::decimal(10, 2)", {}, 1.5, "0.00"),
    ("15::decimal(10)", {}, 15, "0"),
    ("1.5::decimal(38, 20)", {}, 1.5, "General"),
    ("true", {}, True, "General"),
    ("true", {"format": "text"}, True, "General"),
    ("true", {"format": "boolean"}, True, "General"),
    ("2024", {"format": "plain"}, 2024, "0"),
    ("0.000123::double", {"format": "plain"}, 0.000123, "General"),
    ("0.000123::double", {"decimals": 6}, 0.000123, "0.000000"),
    ("0.000123::double", {"format": "plain", "decimals": 6}, 0.000123, "0.000000"),
    ("0.000123::double", {"format": "number", "decimals": 6}, 0.000123, "#,##0.000000"),
    ("0.000123::double", {"format": "number", "decimals": 0}, 0.000123, "#,##0"),
    ("0.5::double", {"format": "number"}, 0.5, "#,##0.00"),
    ("1.125::decimal(10, 3)", {"format": "number"}, 1.125, "#,##0.000"),
    ("1000455", {"format": "number"}, 1_000_455, "#,##0"),
    ("0.5::double", {"format": "decimal"}, 0.5, "#,##0.00"),
    ("0.5::double", {"format": "decimal", "decimals": 4}, 0.5, "#,##0.0000"),
    ("7.6::double", {"format": "integer"}, 7.6, "#,##0"),
    ("0.125::double", {"format": "percent"}, 0.125, "0.00%"),
    ("0.125::double", {"format": "percent", "decimals": 1}, 0.125, "0.0%"),
    ("0.125::double", {"format": "percent", "decimals": 0}, 0.125, "0%"),
    (LARGE, {"format": "integer"}, LARGE, "#,##0"),
    (LARGE, {"format": "percent"}, LARGE, "0.00%"),
    ("timestamp '2024-02-29 23:59:59.9'", {"format": "date"}, date(2024, 2, 29), "yyyy-mm-dd"),
    ("date '2024-02-29'", {"format": "timestamp"}, datetime(2024, 2, 29), "yyyy-mm-dd hh:mm:ss"),
    ("42", {"format": "text"}, "42", "@"),
    ("1.50::decimal(4, 2)", {"format": "text"}, "1.50", "@"),
    ("19.99::float", {"format": "text"}, "19.99", "@"),
    ("date '2024-02-29'", {"format": "text"}, "2024-02-29", "@"),
    ("date 'infinity'", {"format": "text"}, "infinity", "@"),
    ("timestamptz '2024-03-01 01:30:00+02:00'", {"format": "text"}, "2024-02-29 23:30:00+00", "@"),
]  # fmt: skip


def test_formats(shared: Project, emulator: SheetsEmulator) -> None:
    names = [f"x{number}" for number in range(len(FORMATS))]
    shared.add(
        "formats",
        "select " + ", ".join(f"{each[0]} as {x}" for x, each in zip(names, FORMATS, strict=True)),
        {x: {"header": x, **each[1]} for x, each in zip(names, FORMATS, strict=True)},
    )
    (table,) = shared.read(select=("formats",))
    wanted = [shown for *_, shown in FORMATS]
    assert table.rows == (tuple(cell for _, _, cell, _ in FORMATS),)
    assert [type(cell) for cell in table.rows[0]] == [type(cell) for _, _, cell, _ in FORMATS]
    assert [pattern(column) for column in table.columns] == wanted
    workbook.push([table], shared.settings(), dry_run=False)
    row = openpyxl.load_workbook(shared.folder / "report.xlsx")["Formats"][2]
    assert [cell.number_format.replace("General", "@") for cell in row] == [
        shown.replace("General", "@") for shown in wanted
    ]
    book = Book(emulator)
    book.push(table)
    written = book.sheet("Formats")["data"][0]["rowData"][1]["values"][: len(wanted)]
    formats = [cell["userEnteredFormat"].get("numberFormat", {}) for cell in written]
    assert [format_.get("pattern", "General") for format_ in formats] == wanted
    assert {
        format_.get("type") for format_, shown in zip(formats, wanted, strict=True) if shown == "0"
    } == {"NUMBER"}


def test_a_column_inserted_beside_dates_is_not_shown_as_dates(emulator: SheetsEmulator) -> None:
    book = Book(emulator)
    book.push(table([(date(2026, 1, 1), "a")], columns={"Day": "date", "Name": "text"}))
    columns: dict[str, Format] = {"Day": "date", "Share": "plain", "Name": "text"}
    book.push(table([(date(2026, 1, 1), 0.5, "a")], columns=columns))
    cells = book.sheet()["data"][0]["rowData"][1]["values"]
    assert [
        cell["userEnteredFormat"].get("numberFormat", {}).get("type") for cell in cells[:3]
    ] == [
        "DATE",
        None,
        "TEXT",
    ]


@pytest.mark.parametrize("decimals", [-1, 11, 2.0, "2", True, [2], float("nan")])
def test_decimals_that_are_no_number_of_decimals(shared: Project, decimals: object) -> None:
    assert refusal(shared, "1.5", format="number", decimals=decimals) == (
        f"The meta of model 'coffees' cannot be used: decimals {decimals!r} of column 'x' is not a "
        "whole number from 0 to 10; correct it and run `dbt build`."
    )


@pytest.mark.parametrize(
    ("expression", "format_", "shown_as"),
    [
        ("'a'", None, "text"),
        ("1.5", "text", "text"),
        ("true", None, "boolean"),
        ("1", "integer", "integer"),
        ("date '2024-01-01'", None, "date"),
        ("[1.5]", None, "text"),
    ],
)
def test_decimals_of_what_has_none(
    shared: Project, expression: str, format_: str | None, shown_as: str
) -> None:
    assert refusal(shared, expression, format=format_, decimals=2) == (
        f"Column 'x' of model 'coffees' has decimals, but its format is {shown_as}: choose number, "
        "decimal, percent, points or plain, or take the decimals out, and run `dbt build`."
    )


@pytest.mark.parametrize(
    ("expression", "format_"),
    [
        ("[1.5::decimal(10, 2)]", "decimal"),
        ("{'a': 1}", "number"),
        ("true", "plain"),
        ("'12'", "plain"),
        ("1", "boolean"),
        ("'a'", "boolean"),
        ("[date '2024-01-01']", "date"),
        ("time '10:00:00'", "timestamp"),
    ],
)
def test_a_format_that_does_not_suit_the_type(
    shared: Project, expression: str, format_: str
) -> None:
    said = refusal(shared, expression, format=format_)
    assert f"has the format {format_} but holds " in said


# Zones -----------------------------------------------------------------------------------------

PROFILE = """
cafe:
  target: dev
  outputs:
    dev:
      type: duckdb
      path: refsync.duckdb
      {settings}
"""


@pytest.mark.parametrize(
    ("settings", "shown", "text"),
    [
        (
            "settings: {TimeZone: Asia/Kolkata}",
            datetime(2024, 3, 1, 5),
            "2024-03-01 05:00:00+05:30",
        ),
        (
            "config_options: {timezone: America/New_York}",
            datetime(2024, 2, 29, 18, 30),
            "2024-02-29 18:30:00-05",
        ),
        ("threads: 1", datetime(2024, 2, 29, 23, 30), "2024-02-29 23:30:00+00"),
        (None, datetime(2024, 2, 29, 23, 30), "2024-02-29 23:30:00+00"),
    ],
)
def test_an_instant_is_shown_in_the_profile_s_zone(
    project: Project,
    monkeypatch: pytest.MonkeyPatch,
    settings: str | None,
    shown: datetime,
    text: str,
) -> None:
    monkeypatch.setenv("TZ", "Pacific/Auckland")  # this machine's zone changes nothing
    monkeypatch.chdir(project.folder if settings != "threads: 1" else project.folder.parent)
    if settings:
        (project.folder / "dbt_project.yml").write_text("{name: cafe, profile: cafe}")
        (project.folder / "profiles.yml").write_text(PROFILE.format(settings=settings))
    instant = "timestamptz '2024-03-01 01:30:00+02:00'"
    project.add(
        query=f"select {instant} as a, {instant} as b, [{instant}] as c, {instant} as d",
        columns={
            "a": {"header": "A"},
            "b": {"header": "B", "format": "text"},
            "c": {"header": "C"},
            "d": {"header": "D", "format": "date"},
        },
    )
    assert project.rows() == ((shown, text, f"['{text}']", shown.date()),)


def test_a_view_computes_in_the_profile_s_zone(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project.folder)
    (project.folder / "dbt_project.yml").write_text("{name: cafe, profile: cafe}")
    settings = "settings: {TimeZone: Asia/Kolkata}"
    (project.folder / "profiles.yml").write_text(PROFILE.format(settings=settings))
    day = "cast(timestamptz '2024-02-29 23:30:00+00' as date) as day"
    project.add(query=f"select {day}")
    project.execute("drop table coffees", f"create view coffees as select {day}")
    project.nodes["model.cafe.coffees"]["config"]["materialized"] = "view"
    project.write_manifest()
    assert project.rows() == ((date(2024, 3, 1),),)


def test_a_profile_that_cannot_be_read_is_a_warning(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project.folder)
    (project.folder / "dbt_project.yml").write_text("{name: cafe, profile: bar}")
    (project.folder / "profiles.yml").write_text(
        PROFILE.format(settings="settings: {TIMEZONE: UTC}")
    )
    (warning,) = read(project, "timestamptz '2024-03-01 01:30:00+02:00'").warnings
    assert warning.startswith("Times with a time zone are shown in UTC. ")
    assert "has no profile 'bar': name one with --profile." in warning


def test_a_zone_that_duckdb_does_not_know(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project.folder)
    (project.folder / "dbt_project.yml").write_text("{name: cafe, profile: cafe}")
    settings = "settings: {TimeZone: Mars/O'Hare}"
    (project.folder / "profiles.yml").write_text(PROFILE.format(settings=settings))
    assert refusal(project, "now()") == (
        "DuckDB has no time zone \"Mars/O'Hare\": correct TimeZone in dbt's profile."
    )


# Equality --------------------------------------------------------------------------------------


CHANGES = [
    ("1234567890123456::bigint", "1234567890123458::bigint"),
    ("0.3::double", "0.30000000000000004::double"),
    ("1234567890.1234567::double", "1234567890.1234569::double"),
    ("12345678901234567890.01::decimal(38, 2)", "12345678901234567890.02::decimal(38, 2)"),
    ("19.99::float", "19.990002::float"),
    ("timestamp '2024-02-29 23:59:58'", "timestamp '2024-02-29 23:59:59'"),
    ("timestamp '9998-02-28 23:59:58'", "timestamp '9998-02-28 23:59:59'"),
    ("date 'infinity'", "date '-infinity'"),
    ("true", "1"),
    ("'1'", "1"),
    ("'TRUE'", "true"),
]


def test_the_smallest_change_is_written(shared: Project, emulator: SheetsEmulator) -> None:
    tables: list[Table] = []
    for side in (0, 1):
        values = (f"{change[side]} as x{number}" for number, change in enumerate(CHANGES))
        shared.add("changes", "select " + ", ".join(values))
        tables += shared.read(select=("changes",))
    before, after = (Desired.from_table(each).keys[1] for each in tables)
    same = [c for c, old, new in zip(CHANGES, before, after, strict=True) if old == new]
    assert same == []
    book = Book(emulator)
    book.push(tables[0])
    assert book.push(tables[1]).worksheets[0].cells == len(CHANGES)
    assert book.values("Changes") == values_of(tables[1])
    assert book.push(tables[1]).worksheets[0].cells == 0


def test_numbers_that_google_shows_with_15_digits_are_not_written_again(
    emulator: SheetsEmulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    columns: dict[str, Format] = {"At": "timestamp", "Share": "percent"}
    wanted = table([(datetime(2026, 8, 31, 23, 59, n), n / 7) for n in range(60)], columns=columns)
    book = Book(emulator)
    book.push(wanted)
    monkeypatch.setattr(
        "tests.sheets_emulator.values.number_json", lambda number: float(f"{number:.15g}")
    )
    assert book.push(wanted, most_by_cell=0).worksheets[0].cells == 0
    assert book.counts() == (3, 0)
    times = table([(row[0],) for row in wanted.rows], "Times", {"At": "timestamp"})
    book.push(times)
    assert book.push(times, most_by_cell=0).worksheets[0].cells == 0
    assert book.counts() == (2, 0)


@pytest.mark.parametrize(
    "query",
    [
        "select null::integer as x from range(3)",
        "select ''::varchar as x from range(3)",
        "select null::integer as x, '' as y from range(3)",
        "select unnest([null, 1, null, 2, null]) as x, null as y",
        "select unnest(['', 'a', null, 'b', '']) as x",
    ],
)
def test_rows_of_nothing_are_unchanged(
    project: Project, emulator: SheetsEmulator, query: str
) -> None:
    project.add(query=query, order_by=["x"])
    (table,) = project.read()
    book = Book(emulator)
    book.push(table)
    (result,) = book.push(table).worksheets
    assert (result.added, result.changed, result.removed, result.cells) == (0, 0, 0, 0)
    assert book.counts()[1] == 0
    (fewer,) = book.push(replace(table, rows=table.rows[:-1])).worksheets
    assert (fewer.changed, fewer.removed, fewer.rows) == (0, 0, len(table.rows) - 1)


# Lengths ---------------------------------------------------------------------------------------

FLAG = "🇫🇷"  # two characters of two units each


@pytest.mark.parametrize(
    ("title", "fits"), [(FLAG + "x" * 27, True), (FLAG + "x" * 28, False), ("é" * 31, True)]
)
def test_a_workbook_s_title_is_counted_in_units(
    project: Project, title: str, *, fits: bool
) -> None:
    project.add(worksheet=title)
    if fits:
        workbook.push(project.read(), project.settings(), dry_run=False)
        assert openpyxl.load_workbook(project.folder / "report.xlsx").sheetnames == [title]
        return
    for dry_run in (True, False):
        with pytest.raises(DestinationError, match="its title has 32 characters and Excel allows"):
            workbook.push(project.read(), project.settings(), dry_run=dry_run)


def test_a_spreadsheet_s_title_is_counted_in_units(
    project: Project, emulator: SheetsEmulator
) -> None:
    project.add(worksheet=FLAG * 25)
    book = Book(emulator)
    book.push(*project.read())
    assert FLAG * 25 in book.emulator.snapshot(book.id).titles
    project.add(worksheet=FLAG * 25 + "x")
    with pytest.raises(MartError, match="is not a text of 1 to 100 letters"):
        project.read()


def test_a_spreadsheet_s_cells_are_counted_in_units(
    project: Project, emulator: SheetsEmulator
) -> None:
    book = Book(emulator)
    book.push(read(project, f"repeat('{FLAG}', 12500)"))
    with pytest.raises(DestinationError, match="row 2, column X: the text has 50,001 characters"):
        book.push(read(project, f"repeat('{FLAG}', 12500) || 'x'"), dry_run=True)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"description": FLAG * 8_192}, "the description of its column 'X' has 32,768 characters"),
        ({"chart": "x" * 256}, "the title of a chart has 256 characters and Excel allows 255"),
        ({"rows": (("🎓" * 16_384,),)}, "row 2 of its column 'X' has 32,768 characters"),
    ],
)
def test_whatever_a_workbook_has_no_room_for_is_refused_at_once(
    project: Project, change: dict[str, Any], sentence: str
) -> None:
    chart = {"title": change.pop("chart", "x"), "type": "bar", "x": "x", "series": ["x"]}
    project.add(query="select 1 as x", columns={"x": {"header": "X"}}, chart=chart)
    (table,) = project.read()
    if "description" in change:
        change = {"columns": (replace(table.columns[0], **change),)}
    for dry_run in (True, False):
        with pytest.raises(DestinationError) as caught:
            workbook.push([replace(table, **change)], project.settings(), dry_run=dry_run)
        assert sentence in str(caught.value)


def test_a_note_that_google_has_no_room_for(project: Project, emulator: SheetsEmulator) -> None:
    table = read(project, "1")
    column = replace(table.columns[0], description="x" * 50_001)
    with pytest.raises(DestinationError, match="column X: the description has 50,001 characters"):
        Book(emulator).push(replace(table, columns=(column,)))


FITS = {"query": "select 1 as x"}


@pytest.mark.parametrize(
    ("mart", "workbook_s", "spreadsheet_s"),
    [
        (FITS, "The destination is the workbook", "Coffees: a push will create the tab."),
        ({**FITS, "worksheet": FLAG + "x" * 28}, "its title has 32 characters", "will create the"),
        (
            {"query": "select repeat('🎓', 25001) as x"},
            "has 50,002 characters and Excel allows 32,767 in a cell",
            "the text has 50,002 characters, and Google Sheets allows 50,000",
        ),
    ],
)
def test_a_check_asks_all_that_a_push_asks(
    project: Project,
    emulator: SheetsEmulator,
    mart: dict[str, Any],
    workbook_s: str,
    spreadsheet_s: str,
) -> None:
    project.add(**mart)
    *_, last = check(project.settings())
    assert workbook_s in last.words
    assert last.is_good == workbook_s.startswith("The destination")
    book = Book(emulator)
    settings = replace(book.settings, manifest=project.manifest, database=project.database)
    *_, last = check(settings)
    assert spreadsheet_s in last.words
    assert last.is_good == ("create the" in spreadsheet_s)
    grid = {"rowCount": 398_959, "columnCount": 25}
    book.edit({"addSheet": {"properties": {"title": "Mine", "gridProperties": grid}}})
    *_, last = check(settings)
    assert "create the" not in spreadsheet_s or "needs 52 more" in last.words
    assert not last.is_good


# What XML cannot have --------------------------------------------------------------------------

HOSTILE = "a" + "".join(map(chr, (0, 1, 8, 11, 12, 14, 31, 0xFFFE, 0xFFFF))) + "b"


def test_every_part_of_a_workbook_is_xml(project: Project) -> None:
    query = "select x, i as y from (values ($1, 1), ($2, 2), ('nan', 3), ('-Infinity', 4)) t(x, i)"
    query = query.replace("$1", f"'{HOSTILE.replace(chr(0), '')}'").replace("$2", "'<r>&</r>'")
    charts = [{"title": "T", "type": "bar", "x": "x", "series": ["y"], "rest": 1}]
    project.add(
        query=query,
        order_by=["y"],
        chart={"title": "T", "type": "bar", "x": "x", "series": ["y"]},
        dashboard={
            "title": "D",
            "heading": "H",
            "facts": [{"label": "F", "column": "x", "row": 1}],
            "charts": charts,
        },
    )
    project.nodes["model.cafe.coffees"]["columns"]["x"]["description"] = f"Note {HOSTILE}"
    project.write_manifest()
    workbook.push(project.read(), project.settings(), dry_run=False)
    with zipfile.ZipFile(project.folder / "report.xlsx") as archive:
        parts = [name for name in archive.namelist() if name.endswith((".xml", ".rels", ".vml"))]
        assert "xl/charts/chart1.xml" in parts
        for name in parts:
            ET.fromstring(archive.read(name))  # noqa: S314 - ours
        drawn = archive.read("xl/charts/chart1.xml").decode()
    assert "<c:v>ab</c:v>" in drawn


@pytest.mark.parametrize(
    ("place", "bad"),
    [
        ("worksheet", "\x07"),
        ("worksheet", "\n"),
        ("header", "\x00"),
        ("chart.title", "\ud83d"),
        ("dashboard.heading", "\uffff"),
    ],
)
def test_a_control_character_in_a_meta(project: Project, place: str, bad: str) -> None:
    words = f"a{bad}b"
    chart = {"title": "T", "type": "bar", "x": "x", "series": ["x"]}
    metas: dict[str, dict[str, Any]] = {
        "worksheet": {"worksheet": words},
        "header": {},
        "chart.title": {"chart": {**chart, "title": words}},
        "dashboard.heading": {"dashboard": {"title": "D", "heading": words}},
    }
    header = words if place == "header" else "X"
    project.add(query="select 1 as x", columns={"x": {"header": header}}, **metas[place])
    with pytest.raises(MartError, match="has the control character"):
        project.read()


def test_a_header_of_two_lines_is_known_again(project: Project, emulator: SheetsEmulator) -> None:
    project.add(query="select 1 as x", columns={"x": {"header": "two\r\nlines"}})
    book = Book(emulator, {"Coffees": [["two\nlines"], [1]]})
    (result,) = book.push(*project.read()).worksheets
    assert (result.cells, result.notes) == (0, ("takes over the tab",))
