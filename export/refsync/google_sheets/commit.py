"""The commit of a plan: all worksheets at once, without the decoration that Google refuses."""

from __future__ import annotations

import logging
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from refsync.errors import printable
from refsync.google_sheets.api.client import Client, RefusedError
from refsync.google_sheets.api.errors import refused_request, refuses_answer
from refsync.google_sheets.read import sheet_id_of
from refsync.google_sheets.spreadsheet import CELL_FIELDS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from refsync.google_sheets.batch import Bodies, Part
    from refsync.google_sheets.planning.checks import Difference
    from refsync.google_sheets.planning.plan import Plan
    from refsync.report import Progress

logger = logging.getLogger(__name__)

_WORDS = {
    "addBanding": ("its coloured bands", "coloured bands"),
    "addChart": ("a chart", "charts"),
    "addConditionalFormatRule": ("a rule for colours", "rules for colours"),
    "addSheet": ("the tab itself", "tabs"),
    "mergeCells": ("merged cells", "merged cells"),
    "repeatCell": ("a format", "formats"),
    "setBasicFilter": ("its filter", "filters"),
    "updateBanding": ("longer coloured bands", "longer coloured bands"),
    "updateCells": ("a cell", "cells"),
    "updateDimensionProperties": ("a size of rows or columns", "sizes of rows and columns"),
    "updateSheetProperties": ("its frozen header", "frozen headers"),
    "updateTable": ("a longer table", "longer tables"),
}


class RefusedFilterError(RefusedError):
    """Google does not take a reader's filter away, or does not set it again."""


class RefusedDashboardError(RefusedError):
    """Google does not add the dashboard's tab; the words say so to a reader."""


@dataclass(frozen=True)
class Committed:
    """What is known of a commit that was acknowledged.

    Attributes:
        differences: Cells that were read back otherwise than they were sent, by the tab's title;
            `None` where nothing was read back.
        left_out: What Google refused of the decoration, a sentence a tab.
        has_misplaced: Whether remarks were read back elsewhere than they were to be.
    """

    differences: Mapping[str, tuple[Difference, ...]] | None
    left_out: tuple[str, ...]
    has_misplaced: bool = False


def commit(
    client: Client, plan: Plan, bodies: Bodies, is_done: Callable[[], bool], progress: Progress
) -> Committed:
    """Send a plan's bodies; return what is known of the commit.

    Decoration that Google refuses is left out, and so are the ranges to read back: the data counts.

    Raises:
        RefusedDashboardError: The dashboard cannot be added, so a plan without it is needed.
        RefusedError: The spreadsheet is not any more what it was when it was read.
        UnansweredError: The commit was applied, and its answer is lost.
    """
    calls = len(bodies.staging) + 1
    for number, body in enumerate(bodies.staging):
        progress(number, calls)
        logger.info("Staging, part %s of %s.", number + 1, calls - 1)
        client.update(body, "spreadsheetId")
    progress(calls - 1, calls)
    logger.info("Committing all worksheets at once.")
    left_out: dict[int, str] = {}
    is_read_back = bool(bodies.checked)
    while True:
        body = bodies.commit_without(answer=is_read_back, left_out=left_out)
        try:
            answer = client.update(body, f"updatedSpreadsheet({CELL_FIELDS})", is_done)
            break
        except RefusedError as error:
            if is_read_back and refuses_answer(error.said):
                logger.info("Google does not read the cells back with the commit.")
                is_read_back = False
            else:
                refused = _refused(bodies.parts, left_out, error)
                tabs = {
                    bodies.parts[at].tab for at in refused if bodies.parts[at].kind == "addSheet"
                }
                if tabs:
                    refused = {
                        at: said for at, said in refused.items() if bodies.parts[at].tab in tabs
                    }
                    sentence, *_ = _in_words(bodies.parts, refused)
                    raise RefusedDashboardError(sentence, error.said) from error
                left_out |= refused
    progress(calls, calls)
    sentences = _in_words(bodies.parts, left_out)
    if bodies.checked and not is_read_back:
        return Committed(None, sentences)
    sheets = answer.get("updatedSpreadsheet", {}).get("sheets", ())
    data = {sheet_id_of(sheet): sheet.get("data", ()) for sheet in sheets}
    found = {
        tab.title: tab.differences(data.get(tab.sheet_id, ())) for tab in plan.tabs if tab.is_needed
    }
    answered = {sheet_id: {*map(_start, parts)} for sheet_id, parts in data.items()}
    is_answered = all(
        (area.top, area.left) in answered.get(tab.sheet_id, ())
        for tab in plan.tabs
        if tab.is_needed
        for area in tab.checked
    )
    has_misplaced = any(tab.has_misplaced(data.get(tab.sheet_id, ())) for tab in plan.tabs)
    return Committed(found if is_answered else None, sentences, has_misplaced)


def _start(part: Mapping[str, Any]) -> tuple[int, int]:
    """Return where an area of an answer begins; Google leaves out a zero."""
    return part.get("startRow", 0), part.get("startColumn", 0)


def _refused(
    parts: tuple[Part, ...], left_out: Mapping[int, str], error: RefusedError
) -> dict[int, str]:
    """Return what to leave out too, by its index, with Google's words.

    That is the request that is refused; if one of its kind was refused before, all of its kind; if
    it adds a tab, all that is about the tab; if Google does not say which it is, all decoration.

    Raises:
        RefusedFilterError: The request is about a reader's filter.
        RefusedError: A push is not right without the request.
    """
    sent = [index for index in range(len(parts)) if index not in left_out]
    of_reader = {each.tab for each in parts if each.kind == "clearBasicFilter"}
    number = refused_request(error.said)
    if number is None or number >= len(sent):
        if of_reader:
            raise RefusedFilterError(str(error), error.said)
        optional = [index for index in sent if parts[index].is_optional]
        if not optional:
            raise error
        return dict.fromkeys(optional, error.said)
    index = sent[number]
    part = parts[index]
    if part.kind == "clearBasicFilter" or (part.kind == "setBasicFilter" and part.tab in of_reader):
        raise RefusedFilterError(str(error), error.said)
    if not part.is_optional:
        raise error
    logger.info("Google refuses a request of the kind %s for %s.", part.kind, part.tab)
    more = {index}
    if part.kind == "addSheet":
        more = {at for at in sent if parts[at].tab == part.tab}
    elif any(parts[at].kind == part.kind for at in left_out):
        more = {at for at in sent if parts[at].kind == part.kind and parts[at].is_optional}
    return dict.fromkeys(more, error.said)


def _in_words(parts: tuple[Part, ...], left_out: Mapping[int, str]) -> tuple[str, ...]:
    """Return what was left out, a sentence a tab."""
    sentences = []
    for tab in dict.fromkeys(parts[index].tab for index in sorted(left_out)):
        indices = [index for index in sorted(left_out) if parts[index].tab == tab]
        kinds = Counter(parts[index].kind for index in indices)
        if "addSheet" in kinds:
            kinds = Counter({"addSheet": 1})
        words = [
            _WORDS[kind][0] if count == 1 else f"{count} {_WORDS[kind][1]}"
            for kind, count in kinds.items()
        ]
        sentences.append(
            f"{tab}: Google refuses {', '.join(words)}, so this is left out; all rows are written. "
            f"Google says: {printable(left_out[indices[0]])}"
        )
    return tuple(sentences)
