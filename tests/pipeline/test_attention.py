"""The rules of Attention: how often they cry wolf, and how often they miss one.

What is said of the oracle here is true of the models: the same rows come from both.
"""

from __future__ import annotations

import math
from random import Random
from typing import TYPE_CHECKING

import pytest

from tests.pipeline.oracle import Recruiter, surprises_of

if TYPE_CHECKING:
    from collections.abc import Iterable

HISTORIES = 400

WEEK = (1.3, 1.2, 1.1, 1.1, 1.0, 0.7, 0.6)
"""How the days of a week differ, Monday first."""


def poisson(random: Random, mean: float) -> int:
    """Return how many of many unlikely things happened."""
    number, product, limit = 0, random.random(), math.exp(-mean)
    while product > limit:
        number, product = number + 1, product * random.random()
    return number


def history(random: Random, a_week: float, halved: int = 0, dates: int = 400) -> Recruiter:
    """Return somebody with so many signups a week, in the last `halved` days half of them."""
    return Recruiter(
        f"{a_week} a week",
        [
            poisson(random, a_week / 7 * WEEK[-back % 7] / (2 if back < halved else 1))
            if back < dates
            else 0
            for back in reversed(range(140))
        ],
        dates,
    )


def share_with_a_fall(histories: Iterable[list[Recruiter]]) -> float:
    """Return how many of some histories have an officer who is down, as a part of them."""
    found = [any(each.is_down for each in surprises_of("officer", who)) for who in histories]
    assert len(found) == HISTORIES
    return sum(found) / HISTORIES


@pytest.mark.parametrize("rates", [(20,), (20,) * 6, (2, 5, 8, 13, 20, 40, 80), (10, 30) * 10])
def test_quiet_histories_have_next_to_no_fall(rates: tuple[int, ...]) -> None:
    """By 2.58 standard deviations alone, twenty officers would have one in a report of ten."""
    random = Random(1)
    quiet = [[history(random, rate) for rate in rates] for _ in range(HISTORIES)]
    assert share_with_a_fall(quiet) <= 0.02


@pytest.mark.parametrize(
    ("others", "halved", "dates"),
    [((), 28, 90), ((), 35, 400), ((20, 40), 28, 400), ((20, 40), 31, 400), ((5, 20, 40), 28, 400)],
)
def test_a_halved_officer_is_found(others: tuple[int, ...], halved: int, dates: int) -> None:
    random = Random(1)
    histories = [
        [history(random, 20, halved, dates), *(history(random, rate) for rate in others)]
        for _ in range(HISTORIES)
    ]
    assert share_with_a_fall(histories) >= 0.9


@pytest.mark.parametrize("signups", [80, 60])
def test_a_halved_week_is_found_from_60_signups_a_week(signups: int) -> None:
    random = Random(signups)
    histories = [[history(random, signups, 7)] for _ in range(HISTORIES)]
    assert share_with_a_fall(histories) >= 0.88


def test_who_began_lately_is_compared_with_the_dates_since() -> None:
    steady = Recruiter("steady", [0] * 80 + [3] * 60, 60)
    fallen = Recruiter("fallen", [0] * 80 + [3] * 32 + [1] * 28, 60)
    late = Recruiter("late", [0] * 85 + [3] * 27 + [1] * 28, 55)
    (fall,) = surprises_of("officer", [steady, fallen, late])
    assert (fall.who.name, fall.days, fall.number) == ("fallen", 28, 28)
    assert fall.expected == pytest.approx(124 * 28 / 60)
    assert surprises_of("campaign", [fallen]) == []
