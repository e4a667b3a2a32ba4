"""What the emulator does where nothing proves what Google does: a switch for each belief.

As they are by default, they are what refsync believes. A test turns one, and sees that a push stays
right, or fails with a sentence:

    emulator.beliefs = Beliefs(pastes_row_by_row=True)
    emulator.beliefs = Beliefs(refused_requests=frozenset({"addChart"}))
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from tests.sheets_emulator.cells import Value

if TYPE_CHECKING:
    from tests.sheets_emulator.errors import Json

Hiding = Literal["hiddenByUser", "slicers", "filterViews", "rowGroups"]
"""What may hide rows beside a basic filter."""

Keep = Callable[[Value], Value]


def as_sent(value: Value) -> Value:
    """Keeps a value as it is."""
    return value


@dataclass(frozen=True)
class Beliefs:
    """The switches.

    Attributes:
        takes_any_metadata_id: Developer metadata may have an id that is taken, as if Google let two
            commits through that arrive at the same moment. A tab whose title is taken is renamed.
        overwrites_metadata: Such metadata replaces what had the id before.
        skips_missing_metadata: Whether metadata that is not there may be deleted.
        pastes_row_by_row: A paste reads each row after it has written those before.
        copies_notes: Whether a paste of everything takes notes along.
        leaves_out: A paste leaves out rows that these hide.
        pastes_into_shown_rows_only: Rows hidden by hand are left alone where they are pasted to.
        writes_shown_rows_only: And where they are written to.
        clears_filters_at_the_end: A filter that the batch takes away hides rows until its end.
        answers_before_growth: The ranges to answer are looked for before the batch is applied.
        leaves_out_answers: The answer has no cells.
        answers: How many of the ranges are answered at most.
        refused_requests: Kinds of requests that are never valid.
        says_which_is_refused: Whether a refusal names the request.
        keep: What becomes of a value that is written.
        keeps_booleans_under_text: Whether a boolean stays one where the format is text.
        refuses_gzip: The status of the answer to a compressed body; 0 if it is taken.
        hides_new_rows: Rows added at the end are hidden, whatever is beside them.
    """

    takes_any_metadata_id: bool = False
    overwrites_metadata: bool = False
    skips_missing_metadata: bool = True
    pastes_row_by_row: bool = False
    copies_notes: bool = True
    leaves_out: frozenset[Hiding] = frozenset()
    pastes_into_shown_rows_only: bool = False
    writes_shown_rows_only: bool = False
    clears_filters_at_the_end: bool = False
    answers_before_growth: bool = False
    leaves_out_answers: bool = False
    answers: int | None = None
    refused_requests: frozenset[str] = frozenset()
    says_which_is_refused: bool = True
    keep: Keep = as_sent
    keeps_booleans_under_text: bool = True
    refuses_gzip: int = 0
    hides_new_rows: bool = False

    def kept(self, value: Value, format_: Json | None) -> Value:
        """What becomes of a value that is written into a cell with a format."""
        number_format = (format_ or {}).get("numberFormat", {})
        is_text = number_format.get("type") == "TEXT" or number_format.get("pattern") == "@"
        if isinstance(value, bool) and is_text and not self.keeps_booleans_under_text:
            return str(value).upper()
        return self.keep(value)


DEFAULT = Beliefs()
