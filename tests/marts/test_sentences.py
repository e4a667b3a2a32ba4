"""What a test says when it warns, as a push repeats it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from refsync.marts.run_results import RunResults
from refsync.marts.sentences import said_by_tests, sentences_of
from refsync.worksheet.build import Build

FINISHED = datetime(2026, 1, 2, 3, 4, 5)  # noqa: DTZ001 - in UTC
BUILD = Build(finished_at=FINISHED, target="dev")
RUN = RunResults(Path("run_results.json"), "id", FINISHED, {"which": "build", "target": "dev"})

WORDS = {"warning": "{count} orders have no customer.", "warning_of_one": "1 order has none."}


def node(**meta: Any) -> dict[str, Any]:
    return {"resource_type": "test", "config": {"meta": meta}}


@pytest.mark.parametrize(
    ("meta", "count", "expected"),
    [
        ({"refsync": WORDS}, 1_400, ("1,400 orders have no customer.",)),
        ({"refsync": WORDS}, 1, ("1 order has none.",)),
        ({"refsync": {"warning": "{count} orders\nfail."}}, 1, ("1 orders fail.",)),
        ({"refsync": {"warning": 7}}, 1, ()),
        ({"refsync": "a text"}, 1, ()),
        ({"refsync": None}, 1, ()),
        ({"warning": "of another tool"}, 1, ()),
        ({}, 1, ()),
    ],
)
def test_a_test_warns_in_the_words_of_its_meta(
    meta: dict[str, Any], count: int, expected: tuple[str, ...]
) -> None:
    sentences = sentences_of({"test.a": node(**meta), "test.b": node(), "model.a": {}})
    run = replace(RUN, warned={"test.a": count, "test.b": 3, "test.gone": 1})
    assert said_by_tests(sentences, run, BUILD) == expected


@pytest.mark.parametrize(
    ("arguments", "later", "counts"),
    [
        ({"which": "test", "target": "dev"}, 1, True),
        ({"which": "test"}, 1, True),
        ({"which": "test", "target": "prod"}, 1, False),
        ({"which": "docs", "target": "dev"}, 1, False),
        ({"which": "build", "target": "dev"}, -1, False),
    ],
)
def test_results_of_something_else_say_nothing(
    arguments: dict[str, str], later: int, *, counts: bool
) -> None:
    finished_at = FINISHED + timedelta(minutes=later)
    run = replace(RUN, warned={"t": 2}, arguments=arguments, finished_at=finished_at)
    sentences = sentences_of({"t": node(refsync=WORDS)})
    assert bool(said_by_tests(sentences, run, BUILD)) is counts
    assert said_by_tests(sentences, None, BUILD) == ()
