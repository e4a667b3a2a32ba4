"""Checks, what came of them, and the report."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Literal

from refsync.secret_values import strike

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.google.scratch import Scratch

Run = Callable[["Scratch"], str | None]
Status = Literal["PASS", "FAIL", "FACT"]


class OtherwiseError(Exception):
    """Google does something else than refsync believes; the text says what."""


@dataclass(frozen=True)
class Check:
    """One belief, and how to find out.

    Attributes:
        name: What refsync believes, in a few words.
        consequence: What a push does if it is otherwise.
        run: Finds out: it returns a fact for the report, or nothing, and raises `OtherwiseError`.
    """

    name: str
    consequence: str
    run: Run


@dataclass(frozen=True)
class Result:
    """What came of a check: `words` is what was found, of a PASS perhaps nothing."""

    name: str
    status: Status
    words: str
    consequence: str


CHECKS: list[Check] = []


def check(name: str, consequence: str) -> Callable[[Run], Run]:
    """Register a function as a check."""

    def register(run: Run) -> Run:
        CHECKS.append(Check(name, consequence, run))
        return run

    return register


def expect(found: object, wanted: object, what: str) -> None:
    """Raise an `OtherwiseError` unless the two are equal."""
    if found != wanted:
        raise OtherwiseError(f"{what}: {_short(found)} was found, {_short(wanted)} was expected.")


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 200 else f"{text[:200]}…"


def result_of(each: Check, scratch: Scratch) -> Result:
    """Run one check; whatever goes wrong is a FAIL."""
    try:
        fact = each.run(scratch)
    except OtherwiseError as error:
        return Result(each.name, "FAIL", str(error), each.consequence)
    except Exception as error:  # noqa: BLE001 - an answer of another shape is otherwise, too
        words = strike(f"{type(error).__name__}: {error}")
        return Result(each.name, "FAIL", words, each.consequence)
    return Result(each.name, "FACT" if fact else "PASS", fact or "", each.consequence)


def in_words(results: Sequence[Result]) -> str:
    """Return a line for each result, and at the end what a push does about each FAIL."""
    lines = [
        f"{each.status}  {each.name}{': ' if each.words else ''}{each.words}" for each in results
    ]
    failed = [each for each in results if each.status == "FAIL"]
    lines += ["", f"{len(results) - len(failed)} of {len(results)} checks are as refsync believes."]
    if failed:
        lines += ["", "What a push does about the others:"]
        lines += [f"- {each.name}: {each.consequence}" for each in failed]
    return "\n".join(lines)


def as_json(results: Sequence[Result]) -> str:
    """Return the results as one JSON object."""
    whole = {
        "is_as_believed": all(each.status != "FAIL" for each in results),
        "checks": [asdict(each) for each in results],
    }
    return json.dumps(whole, indent=2, ensure_ascii=False)
