"""How often the rules of Attention find an officer who has not changed, and miss one who has.

What is said of the oracle here is true of the models: the same rows come from both.
"""

from __future__ import annotations

import math
from random import Random

import pytest

from tests.pipeline.oracle import surprise

HISTORIES = 4000


def poisson(random: Random, mean: float) -> int:
    """Return how many of many unlikely things happened."""
    number, product, limit = 0, random.random(), math.exp(-mean)
    while product > limit:
        number, product = number + 1, product * random.random()
    return number


def share_found(before: float, now: float) -> float:
    """Return the part of histories that are found down, with so many signups a week."""
    random = Random(f"{before} {now}")
    found = 0
    for _ in range(HISTORIES):
        week = poisson(random, now)
        total = week + sum(poisson(random, before) for _ in range(4))
        found += surprise(week, total) == "down"
    return found / HISTORIES


@pytest.mark.parametrize("signups", [4, 5, 10, 20, 40, 100])
def test_few_who_have_not_changed_are_found(signups: int) -> None:
    assert share_found(signups, signups) < 0.005


@pytest.mark.parametrize(
    ("before", "now", "share"), [(60, 30, 0.88), (80, 40, 0.95), (20, 0, 1), (20, 5, 0.78)]
)
def test_most_who_have_fallen_are_found(before: int, now: int, share: float) -> None:
    assert share_found(before, now) >= share


@pytest.mark.parametrize(
    ("week", "total", "found"),
    [
        (19, 19, None), (20, 20, "up"), (0, 20, None), (0, 31, None), (0, 32, "down"),
        (9, 100, "down"), (10, 100, None), (30, 100, None), (31, 100, "up"),
    ],
)  # fmt: skip
def test_at_the_edge(week: int, total: int, found: str | None) -> None:
    assert surprise(week, total) == found
