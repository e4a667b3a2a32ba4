"""`spreadsheets.batchUpdate`: requests in order, all of them or none.

Each kind of request is a function registered under its name; it changes the batch's own copy of
the workbook and returns its reply.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.sheets_emulator.beliefs import DEFAULT, Beliefs
from tests.sheets_emulator.colors import with_paired_colors
from tests.sheets_emulator.contract import Mask, check_mask, parse_mask
from tests.sheets_emulator.errors import ApiError, Json, invalid
from tests.sheets_emulator.formulas import Evaluator

if TYPE_CHECKING:
    from tests.sheets_emulator.a1 import Area
    from tests.sheets_emulator.cells import Result
    from tests.sheets_emulator.editors import Editor
    from tests.sheets_emulator.grid import Sheet, Spreadsheet

MAX_REQUESTS = 100_000
PROTECTED = (
    "You are trying to edit a protected cell or object. Please contact the spreadsheet owner to "
    "remove protection if you need to edit."
)


@dataclass
class Batch:
    """The copy of a workbook that one batch is applied to."""

    book: Spreadsheet
    editor: Editor
    beliefs: Beliefs = DEFAULT
    hidden_before: dict[int, frozenset[int]] = field(default_factory=dict)
    _evaluator: Evaluator | None = field(default=None)

    def sheet(self, area: Area) -> Sheet:
        """The sheet of an area."""
        return self.book.sheet(area.sheet_id, kind="grid")

    def area(self, request: Json, name: str = "range") -> Area:
        """A required GridRange of a request."""
        if name not in request:
            raise invalid(f"Must specify a {name}.")
        return self.book.area(request[name])

    def editable(self, area: Area) -> Area:
        """The area itself.

        Raises:
            ApiError: A protected range that the editor may not edit touches it.
        """
        sheet = self.sheet(area)
        for protected in sheet.objects["protectedRanges"]:
            if self.editor.may_edit(protected):
                continue
            target = self.protected_area(sheet, protected)
            open_parts = [self.book.area(item) for item in protected.get("unprotectedRanges", [])]
            if target.overlaps(area) and not any(part.contains(area) for part in open_parts):
                raise invalid(PROTECTED)
        return area

    def protected_area(self, sheet: Sheet, protected: Json) -> Area:
        """The cells that a protected range covers."""
        if "range" in protected:
            return self.book.area(protected["range"])
        for named in self.book.named_ranges:
            if named["namedRangeId"] == protected.get("namedRangeId"):
                return self.book.area(named["range"])
        return sheet.whole()

    def result(self, sheet: Sheet, row: int, column: int) -> Result:
        """What a cell shows at this point of the batch."""
        if self._evaluator is None:
            self._evaluator = Evaluator(self.book)
        return self._evaluator.result(sheet, row, column)

    def forget_results(self) -> None:
        """To be called after every request: the workbook has changed."""
        self._evaluator = None


Handler = Callable[[Batch, Json], "Json | None"]
HANDLERS: dict[str, Handler] = {}


def handles(kind: str) -> Callable[[Handler], Handler]:
    """Registers a function as the one that carries out a kind of request."""

    def register(handler: Handler) -> Handler:
        HANDLERS[kind] = handler
        return handler

    return register


def update_mask(request: Json, schema: str) -> Mask:
    """The required `fields` of an update request, checked against the resource's schema."""
    if not request.get("fields"):
        raise invalid(
            "At least one field must be listed in 'fields'. (Use '*' to indicate all fields.)"
        )
    mask = parse_mask(request["fields"])
    check_mask(mask, schema)
    return with_paired_colors(mask)


def _handled(batch: Batch, kind: str, body: Json) -> Json | None:
    if kind in batch.beliefs.refused_requests:
        raise invalid(f"The emulator was told to refuse every {kind}.")
    return HANDLERS[kind](batch, body)


def apply_batch(
    book: Spreadsheet, requests: list[Json], editor: Editor, beliefs: Beliefs = DEFAULT
) -> tuple[Spreadsheet, list[Json]]:
    """The workbook after the requests, and their replies; the given workbook is left as it is.

    Raises:
        ApiError: A request is not valid: its message begins with `Invalid requests[i].kind: `; or
            501 for a kind that this emulator does not know.
    """
    if not requests:
        raise invalid("Must specify at least one request.")
    if len(requests) > MAX_REQUESTS:
        raise invalid(f"Too many requests in the batch. The limit is {MAX_REQUESTS}.")
    for request in requests:
        for kind in request:
            if kind not in HANDLERS:
                raise ApiError(501, f"The Sheets emulator does not know the request {kind}.")
    batch = Batch(book.copy(), editor, beliefs)
    replies: list[Json] = []
    for index, request in enumerate(requests):
        if len(request) != 1:
            raise invalid(f"Invalid requests[{index}]: No request set.")
        ((kind, body),) = request.items()
        try:
            reply = _handled(batch, kind, body)
        except ApiError as error:
            if error.code == 400 and beliefs.says_which_is_refused:
                message = f"Invalid requests[{index}].{kind}: {error.message}"
                raise ApiError(400, message, status=error.status) from None
            raise
        batch.forget_results()
        replies.append({} if reply is None else {kind: reply})
    batch.book.check_size()
    return batch.book, replies
