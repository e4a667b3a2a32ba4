"""The suite, on the emulator; on Google where REFSYNC_LIVE_SHEET is set.

An emulator that does otherwise makes the check of that very belief fail, and names it.
"""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest

from refsync.errors import ConfigError
from tests.google.check import CHECKS, Check, as_json, in_words, result_of
from tests.google.suite import any_scratch, emulated_scratch, live_scratch
from tests.sheets_emulator import Beliefs, SheetsEmulator

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.google.scratch import Scratch


@pytest.fixture(scope="module")
def scratch() -> Iterator[Scratch]:
    with any_scratch() as found:
        yield found


@pytest.fixture(scope="module")
def emulator() -> Iterator[SheetsEmulator]:
    with SheetsEmulator() as running:
        yield running


@pytest.mark.parametrize("each", CHECKS, ids=lambda each: each.name)
def test_it_is_as_refsync_believes(scratch: Scratch, each: Check) -> None:
    result = result_of(each, scratch)
    assert result.status != "FAIL", result.words


def test_nothing_is_left_behind(scratch: Scratch) -> None:
    titles = [
        sheet["properties"]["title"] for sheet in scratch.get("sheets(properties(title))")["sheets"]
    ]
    assert not [title for title in titles if title.startswith("refsync_test")]
    assert scratch.metadata() == []


def of_name(name: str) -> Check:
    (found,) = (each for each in CHECKS if each.run.__name__ == name)
    return found


def first_letter(value: object) -> object:
    return value[:1] if isinstance(value, str) else value


def rounded(value: object) -> object:
    return float(f"{value:.6g}") if isinstance(value, float) else value


WRONG: list[tuple[str, Beliefs]] = [
    ("guard_in_sequence", Beliefs(takes_any_metadata_id=True)),
    ("guard_in_parallel", Beliefs(takes_any_metadata_id=True)),
    ("title_taken", Beliefs(takes_any_metadata_id=True)),
    ("deleting_missing_metadata", Beliefs(skips_missing_metadata=False)),
    ("answer_of_the_grown_grid", Beliefs(answers_before_growth=True)),
    ("answer_of_the_grown_grid", Beliefs(leaves_out_answers=True)),
    ("compressed_body", Beliefs(refuses_gzip=415)),
    ("overlap", Beliefs(pastes_row_by_row=True)),
    ("hidden_by_hand", Beliefs(leaves_out=frozenset({"hiddenByUser"}))),
    ("collapsed", Beliefs(leaves_out=frozenset({"rowGroups"}))),
    ("slicer", Beliefs(leaves_out=frozenset({"slicers"}))),
    ("filter_view", Beliefs(leaves_out=frozenset({"filterViews"}))),
    ("filter_cleared", Beliefs(clears_filters_at_the_end=True)),
    ("writing_hidden", Beliefs(pastes_into_shown_rows_only=True)),
    ("writing_hidden", Beliefs(writes_shown_rows_only=True)),
    ("texts", Beliefs(keep=first_letter)),  # type: ignore[arg-type]
    ("numbers", Beliefs(keep=rounded)),  # type: ignore[arg-type]
    ("boolean_under_text", Beliefs(keeps_booleans_under_text=False)),
    ("decoration", Beliefs(refused_requests=frozenset({"addChart"}))),
    ("dashboard", Beliefs(refused_requests=frozenset({"mergeCells"}))),
    ("bands", Beliefs(refused_requests=frozenset({"updateBanding"}))),
    ("tables", Beliefs(refused_requests=frozenset({"updateTable"}))),
    ("growth", Beliefs(refused_requests=frozenset({"updateDimensionProperties"}))),
    ("pushes", Beliefs(keep=first_letter)),  # type: ignore[arg-type]
]


@pytest.mark.parametrize(("name", "beliefs"), WRONG, ids=[name for name, _ in WRONG])
def test_a_wrong_emulator_fails_the_check_of_its_belief(
    emulator: SheetsEmulator, name: str, beliefs: Beliefs
) -> None:
    each = of_name(name)
    with emulated_scratch(emulator) as found:
        emulator.beliefs = Beliefs()
        assert result_of(each, found).status != "FAIL"
        emulator.beliefs = beliefs
        result = result_of(each, found)
        emulator.beliefs = Beliefs()
    assert result.status == "FAIL"
    assert in_words([result]).endswith(f"- {each.name}: {each.consequence}")
    report = json.loads(as_json([result]))
    assert (report["is_as_believed"], report["checks"][0]["status"]) == (False, "FAIL")


def test_a_spreadsheet_that_holds_worksheets_is_not_tried_in(emulator: SheetsEmulator) -> None:
    with emulated_scratch(emulator) as found:
        record = {"metadataKey": "refsync_state", "metadataValue": "{}", "visibility": "DOCUMENT"}
        record["location"] = {"spreadsheet": True}  # type: ignore[assignment]
        found.batch({"createDeveloperMetadata": {"developerMetadata": record}})
        environment = {
            **os.environ,
            "REFSYNC_LIVE_SHEET": found.settings.to,
            "GOOGLE_SERVICE_ACCOUNT_JSON": json.dumps(emulator.service_account_info()),
            "GOOGLE_SHEETS_API_ENDPOINT": emulator.url,
        }
        with pytest.raises(ConfigError, match="make an empty one"):
            live_scratch(environment)
