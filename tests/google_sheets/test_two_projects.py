"""Two dbt projects that push to one spreadsheet."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from refsync.errors import DestinationError
from refsync.worksheet.build import Build
from tests.google_sheets.dashboards import numbers
from tests.google_sheets.pushing import Book, table, values_of

if TYPE_CHECKING:
    from refsync.worksheet.table import Table
    from tests.sheets_emulator import SheetsEmulator


def of(project: str, title: str = "Data") -> Table:
    return replace(table([(1, project, 0.5)], title), build=Build(project=project))


@pytest.mark.parametrize("force", [False, True])
def test_a_tab_belongs_to_the_project_that_pushed_it(
    emulator: SheetsEmulator, *, force: bool
) -> None:
    book = Book(emulator)
    book.force = force
    book.push(of("cafe"))
    with pytest.raises(DestinationError) as error:
        book.push(of("bar"))
    assert str(error.value) == (
        "The tab Data belongs to another dbt project: the last push there came from the "
        "project cafe. Choose another title or destination for this project's worksheet, or run "
        "with --adopt and --force to take it over."
    )
    assert book.counts()[1] == 0
    book.adopt = book.force = True
    book.push(of("bar"))
    assert book.values("Data")[1][1] == "bar"


def test_a_dashboard_belongs_to_the_project_that_made_it(emulator: SheetsEmulator) -> None:
    book = Book(emulator)
    cafe, bar = (
        replace(numbers(title=project), build=Build(project=project)) for project in ("cafe", "bar")
    )
    book.push(cafe)
    with pytest.raises(
        DestinationError, match=r"^The tab Dashboard belongs to another dbt project"
    ):
        book.push(bar)
    assert book.counts()[1] == 0
    book.push(cafe)
    assert book.counts() == (2, 0)
    book.adopt = True
    book.push(bar)
    assert book.values("bar") == values_of(bar)


def test_tabs_of_different_titles_stay_each_project_s_own(emulator: SheetsEmulator) -> None:
    book = Book(emulator)
    for _ in range(2):
        for project in ("cafe", "bar"):
            book.push(of(project, project.title()))
    assert book.counts() == (2, 0)
    assert [book.values(title)[1][1] for title in ("Cafe", "Bar")] == ["cafe", "bar"]
