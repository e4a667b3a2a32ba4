"""What looks like an accident, decided on rows and builds alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest

from refsync.worksheet.build import Build
from refsync.worksheet.safety import MAX_WORDS, Loss, Origin, loss, too_many_rows

if TYPE_CHECKING:
    from refsync.worksheet.values import Row

DAY = 46_000
"""2025-12-09, as a serial number."""


def as_of(day: int) -> date:
    return date.fromordinal(date(1899, 12, 30).toordinal() + day)


def officers(*numbers: int) -> list[Row]:
    return [(f"id {number}", number % 7, number / 3) for number in numbers]


def events(**counts: int) -> list[Row]:
    """Rows of several days, by the day's number after DAY: `d0=2` are two rows of the first."""
    return [
        (DAY + int(day[1:]) + number / 1_000_000, "click", "same")
        for day, count in counts.items()
        for number in range(count)
    ]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        pytest.param(officers(*range(12)), [], Loss(12, 12), id="all of few"),
        pytest.param(officers(0), [], Loss(1, 1), id="the only one"),
        pytest.param([], [], None, id="nothing was there"),
        pytest.param([(None, None, None)], [], None, id="blank rows are none"),
        pytest.param(officers(*range(19)), officers(0), None, id="most of fewer than 20"),
        pytest.param(officers(*range(20)), officers(*range(10)), None, id="half of 20"),
        pytest.param(officers(*range(20)), officers(*range(9)), Loss(11, 20), id="more than half"),
        pytest.param(
            officers(*range(40)), officers(*range(100, 140)), Loss(40, 40), id="other keys"
        ),
        pytest.param(
            [(f"{n}", 0.0) for n in range(40)], [(f"{n}", 1.5) for n in range(40)], None,
            id="other values",
        ),
        pytest.param(
            [(n / 7, f"{n}") for n in range(40)], [(n / 9, f"{n}") for n in range(40)], None,
            id="a first column of shares is no key",
        ),
        pytest.param(
            [(float(n), "a") for n in range(40)], [(n + 50.0, "a") for n in range(40)],
            Loss(40, 40), id="a first column of whole numbers is a key, however they are kept",
        ),
        pytest.param([("a",)] * 40, [("b",)] * 21, None, id="no key: rows that come make up"),
        pytest.param([(1, "a")] * 40, [(2, "b")] * 40, None, id="no key: nor are numbers dates"),
        pytest.param([("a",)] * 40, [("b",)] * 19, Loss(21, 40), id="no key: fewer rows"),
        pytest.param([("a", 1)] * 40, [("a", 1)] * 15, Loss(25, 40), id="no key: some are left"),
    ],
)  # fmt: skip
def test_a_worksheet_without_dates(
    before: list[Row], after: list[Row], expected: Loss | None
) -> None:
    assert loss(before, after) == expected
    # A date that is no leading column says nothing.
    one, two = as_of(DAY), as_of(DAY + 1)
    assert loss(before, after, as_of_before=one, as_of_after=two) == expected


@pytest.mark.parametrize(
    ("before", "after", "moved", "expected"),
    [
        pytest.param(
            events(d0=900, d5=50, d29=50), events(d5=50, d29=50, d30=1), 1, None,
            id="a day with a peak slides out",
        ),
        pytest.param(
            events(d0=900, d5=50, d29=50), events(d5=50, d29=50, d30=1), 0, Loss(900, 1000),
            id="it may not on the same day",
        ),
        pytest.param(
            events(d0=900, d5=50, d29=50), events(d5=50, d29=50), None, None,
            id="as-of dates are not known, and the newest date stayed",
        ),
        pytest.param(
            events(d0=900, d5=50, d29=50), events(d5=50), None, Loss(950, 1000),
            id="as-of dates are not known, and the newest date went back",
        ),
        pytest.param(
            events(d0=10, d1=900, d29=90), events(d29=90, d30=5), 1, Loss(900, 990),
            id="more days than have passed",
        ),
        pytest.param(
            events(d0=10, d1=900, d29=90), events(d29=90, d30=5), 2, None,
            id="as many days as have passed",
        ),
        pytest.param(
            events(d0=500, d9=500), events(d9=500, d10=999)[499:], 1, None,
            id="the newest rows only, and a busy day",
        ),
        pytest.param(
            events(d0=10, d10=800, d29=190), events(d10=1, d29=190, d30=30), 1, Loss(799, 990),
            id="a hole",
        ),
        pytest.param(
            events(d0=900, d28=10, d29=10), events(d28=1, d30=1), 1, Loss(19, 20),
            id="what slid out does not hide what is lost",
        ),
        pytest.param(
            events(d0=900, d28=10, d29=9), events(d28=1, d30=1), 1, None,
            id="nor are fewer than 20 rows many",
        ),
        pytest.param(
            events(d0=10, d29=10), events(d300=10), 290, None, id="nobody pushed for months"
        ),
        pytest.param(
            events(d0=10, d29=30), events(**{"d-60": 10, "d0": 10}), -29, Loss(30, 40),
            id="a report of the past",
        ),
        pytest.param(events(d0=50), [], 30, None, id="nothing for a month, and no row is left"),
        pytest.param(events(d0=1, d9=50), [], 1, Loss(50, 50), id="empty exports"),
        pytest.param(events(d0=1, d9=50), [], 0, Loss(51, 51), id="empty exports on the same day"),
        pytest.param(events(d0=1, d9=50), [], 9, Loss(50, 50), id="too soon for the last of them"),
        pytest.param(events(d0=1, d9=50), [], 10, None, id="as long as the window is known to be"),
        pytest.param(events(d0=50), [], None, Loss(50, 50), id="none left, and nothing known"),
        pytest.param(
            events(d0=30, d9=10), [*events(d9=10), *events(d1=1)], 1, Loss(29, 40),
            id="not in the order of the dates",
        ),
        pytest.param(
            events(d0=900, d5=50, d29=50), events(d5=50, d29=50, d30=1)[::-1], 1, None,
            id="newest first",
        ),
        pytest.param(
            [*events(d0=900, d5=50, d29=50), ("Total", None, None)],
            events(d5=50, d29=50, d30=1), 1, None, id="somebody's total below",
        ),
        pytest.param(
            [("a", "click", "same")] * 30, [("a", "click", "same")] * 9, 1, Loss(21, 30),
            id="texts where dates should be",
        ),
        pytest.param(
            [("a", "click")] * 30, [(DAY, "click")] * 40, 1, Loss(30, 30),
            id="texts where dates come",
        ),
        pytest.param(
            [(-9, "click")] * 30, [(-9, "click")] * 9, -1, Loss(21, 30),
            id="days before a spreadsheet's first",
        ),
        pytest.param(
            events(d0=900, d9=100), events(d9=1000), 0, None, id="the newest rows only, once more"
        ),
        pytest.param(
            [(DAY, "a")] * 40, [(DAY, "a")] * 15 + [(DAY + 1, "a")] * 30, 1, Loss(25, 40),
            id="no key: a new day's rows do not make up for those of an old one",
        ),
        pytest.param(
            [("Total", None), *[(DAY, "a")] * 40], [(DAY, "b")] * 41, 1, None,
            id="no key: rows of the same day do",
        ),
    ],
)  # fmt: skip
def test_a_worksheet_that_begins_with_dates(
    before: list[Row], after: list[Row], moved: int | None, expected: Loss | None
) -> None:
    last = max((int(row[0]) for row in before if isinstance(row[0], int | float)), default=DAY)
    found = loss(
        before,
        after,
        dated=True,
        as_of_before=None if moved is None else as_of(last),
        as_of_after=None if moved is None else as_of(last + moved),
    )
    assert (found and replace(found, slid=0)) == expected


@pytest.mark.parametrize(
    ("after", "first", "expected"),
    [
        pytest.param([], 30, None, id="no days any more"),
        pytest.param(events(d29=2), 29, None, id="fewer days"),
        pytest.param([], 29, Loss(30, 30, 60), id="a day that is wanted has nothing"),
        pytest.param([], None, Loss(90, 90), id="no setting says so"),
    ],
)
def test_rows_before_the_first_date_that_is_wanted_are_not_lost(
    after: list[Row], first: int | None, expected: Loss | None
) -> None:
    before = events(d10=30, d20=30, d29=30) if not after else events(d10=30, d20=30, d29=2)
    known = Build(
        first_dates=first and f'{{"events": "{as_of(DAY + first)}"}}'  # type: ignore[arg-type]
    ).first_date("events")
    day = as_of(DAY + 29)
    found = loss(before, after, dated=True, as_of_before=day, as_of_after=day, first_date=known)
    assert found == expected


@pytest.mark.parametrize("text", [None, "", "{}", '{"other": "2026-01-01"}', '{"events": 1}', "x"])
def test_a_build_that_names_no_first_date(text: str | None) -> None:
    assert Build(first_dates=text).first_date("events") is None


def test_rows_that_slid_out_are_said_beside_those_that_are_lost() -> None:
    before, after = events(d0=900, d5=50, d29=50), events(d29=20, d30=1)
    found = loss(before, after, dated=True, as_of_before=as_of(DAY), as_of_after=as_of(DAY + 1))
    assert found == Loss(80, 100, 900)
    assert found.in_words("Events") == (
        "80 of the 100 rows of Events (900 more left its window of dates)"
    )


def test_a_window_whose_last_as_of_date_is_not_known_is_as_long_as_its_rows() -> None:
    before = events(d0=1, d9=50)
    for passed, expected in ((9, Loss(51, 51)), (10, Loss(50, 50)), (19, None)):
        found = loss(before, [], dated=True, as_of_after=as_of(DAY + passed))
        assert (found and replace(found, slid=0)) == expected


def test_a_window_is_known_to_reach_to_the_last_as_of_date() -> None:
    """Ten days, of which only the first had rows: a day later it is out."""
    before, last = events(d0=50), as_of(DAY + 9)
    for passed, expected in ((0, Loss(50, 50)), (1, None)):
        today = as_of(DAY + 9 + passed)
        assert loss(before, [], dated=True, as_of_before=last, as_of_after=today) == expected


def test_rows_that_slid_out_are_said_where_all_others_go() -> None:
    day = as_of(DAY + 9)
    found = loss(events(d0=1, d9=50), [], dated=True, as_of_before=day, as_of_after=as_of(DAY + 10))
    assert found == Loss(50, 50, 1)


def test_a_loss_in_a_sentence() -> None:
    assert too_many_rows({"A": Loss(5, 5)}).startswith(
        "This push would remove all 5 rows of A, which looks like an accident: "
    )


def test_losses_in_a_sentence() -> None:
    assert too_many_rows({"Every order": Loss(1, 1), "B": Loss(1200, 1200), "C": Loss(11, 20)}) == (
        "This push would remove the only row of Every order, all 1,200 rows of B and 11 of the 20 "
        "rows of C, which looks like an accident: check that the source is complete and build "
        "again, or run with --force if the rows are meant to go."
    )


KNOWN = Build(project="refsync", target="files", source="the folder /data/exports")


@pytest.mark.parametrize(
    ("other", "differs"),
    [
        (KNOWN, False),
        (Build(), False),
        (Build(project="refsync"), False),
        (Build(project="cafe"), True),
        (Build(project="refsync", target="sample", source="the folder /data/exports"), True),
        (Build(project="refsync", target="files", source="the folder /data/exports2"), True),
        (Build(project="refsync", target="files"), False),
    ],
)
def test_origins_differ_in_what_both_know(other: Build, *, differs: bool) -> None:
    one, two = Origin.of(KNOWN), Origin.of(other)
    assert (one.differs_from(two), two.differs_from(one)) == (differs, differs)
    assert two.completed(one) == (two if differs else one)


@pytest.mark.parametrize(
    ("other", "is_another"),
    [
        (Build(project="cafe"), True),
        (Build(project="cafe", target="files"), True),
        (KNOWN, False),
        (Build(project="refsync", target="sample"), False),
        (Build(target="files"), False),
        (Build(), False),
    ],
)
def test_an_origin_is_of_another_project_where_both_name_one(
    other: Build, *, is_another: bool
) -> None:
    one, two = Origin.of(KNOWN), Origin.of(other)
    assert one.is_of_another_project(two) == two.is_of_another_project(one) == is_another


def test_of_two_origins_that_do_not_differ_the_one_that_knows_more_stays() -> None:
    whole, less = Origin.of(KNOWN), Origin.of(Build(project="refsync"))
    assert whole.completed(less) == less.completed(whole) == whole
    other_part = Origin.of(Build(target="files"))
    assert less.completed(other_part) == less
    renamed = replace(whole, words="the same, in other words")
    assert renamed.completed(whole) == renamed


def test_an_origin_is_small() -> None:
    assert [len(digest) for digest in Origin.of(KNOWN).digests] == [6, 6, 6]
    assert Origin.of(Build()).digests == ("", "", "")


@pytest.mark.parametrize(
    ("build", "words"),
    [
        (KNOWN, "the folder /data/exports (target files)"),
        (Build(project="cafe"), "the project cafe"),
        (Build(target="dev"), "target dev"),
        (Build(), ""),
        (Build(target="files", source="x" * 99), f"{'x' * 45} (target files)"),
        (Build(source="x" * 99), "x" * 60),
        (Build(target="y" * 99, source="x"), f"target {'y' * 53}"),
        (Build(target="y" * 49, source="xx"), f"x (target {'y' * 49})"),
        (Build(target="y" * 50, source="xx"), f"target {'y' * 50}"),
    ],
)
def test_an_origin_in_few_words(build: Build, words: str) -> None:
    origin = Origin.of(build)
    assert origin.words == words
    assert len(origin.words) <= MAX_WORDS
    assert origin.is_known == (build != Build())
