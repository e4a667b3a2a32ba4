"""A plan as bodies of `spreadsheets.batchUpdate`: the commit, and what is staged for it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any, overload

from refsync.google_sheets import limits
from refsync.google_sheets.api import requests
from refsync.google_sheets.cell_values import row_json
from refsync.google_sheets.planning.diff import BLOCK_BYTES, Block
from refsync.worksheet.area import Area

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from refsync.google_sheets.api.requests import Request
    from refsync.google_sheets.planning.plan import Plan
    from refsync.google_sheets.planning.tab_plan import TabPlan
    from refsync.google_sheets.spreadsheet import Spreadsheet

MAX_BYTES = 4_000_000
"""Of one body, unpacked. Google refuses 10 485 760 bytes, and recommends 2 000 000."""

MAX_STAGED_BLOCKS = 100
"""A tab with more blocks than this is staged whole: a copy costs more than a cell."""


_OPTIONAL = frozenset(
    {
        "addBanding", "addChart", "addConditionalFormatRule", "mergeCells", "repeatCell",
        "setBasicFilter", "updateBanding", "updateBorders", "updateDimensionProperties",
        "updateSheetProperties", "updateTable",
    }
)  # fmt: skip
"""The kinds of requests that decorate; none of them says which cell has which value."""


@dataclass(frozen=True)
class Part:
    """One request of a commit.

    Attributes:
        text: The request in JSON.
        kind: Its kind, such as `updateCells`.
        tab: The title of the tab that it is about; empty for refsync's own records.
        is_optional: Whether a push is right without it.
    """

    text: bytes
    kind: str
    tab: str = ""
    is_optional: bool = False

    @classmethod
    def of(cls, request: Request, tab: str = "", *, is_optional: bool = False) -> Part:
        """Return a request as a part."""
        kind = next(iter(request))
        return cls(_dump(request), kind, tab, is_optional or kind in _OPTIONAL)


@dataclass(frozen=True)
class Bodies:
    """What is sent for one plan.

    Attributes:
        staging: Bodies that fill a hidden staging tab, in their order; usually none.
        staged_cells: The staging tab's cells, which count against Google's limit.
        parts: The requests that change all worksheets at once.
        checked: The ranges that are read back with them, in A1 notation.
    """

    staging: Sequence[bytes]
    staged_cells: int
    parts: tuple[Part, ...]
    checked: tuple[str, ...] = ()

    @property
    def commit(self) -> bytes:
        """The body that changes all worksheets at once."""
        return self.commit_without()

    def commit_without(self, *, answer: bool = True, left_out: Collection[int] = ()) -> bytes:
        """Return the commit's body.

        Args:
            answer: Whether the checked ranges are read back.
            left_out: Indices of parts that are not sent.
        """
        texts = (part.text for index, part in enumerate(self.parts) if index not in left_out)
        return _body(texts, self.checked if answer else ())


def make_bodies(plan: Plan, most_bytes: int) -> Bodies:
    """Return the bodies for a plan.

    If the commit alone were larger than `most_bytes`, the cells of the tabs with most to write are
    brought to a hidden staging tab first, and the commit copies them from there: then too, a
    reader's tabs change all at once.
    """
    written = {tab.sheet_id: [_Written.of(tab, block) for block in tab.blocks] for tab in plan.tabs}
    sizes = {sheet_id: sum(map(len, parts)) for sheet_id, parts in written.items()}
    before = {
        tab.sheet_id: [Part.of(request, tab.title) for request in (*tab.prepare, *_copies(tab))]
        for tab in plan.tabs
    }
    after = {
        tab.sheet_id: [Part.of(request, tab.title) for request in tab.finish] for tab in plan.tabs
    }
    opening, closing = map(Part.of, plan.opening), map(Part.of, plan.closing)
    of_dashboard = (
        [Part.of(each, plan.dashboard.title, is_optional=True) for each in plan.dashboard.requests]
        if plan.dashboard
        else []
    )
    parts, ending = list(opening), [*of_dashboard, *closing]
    others = (*parts, *ending, *chain(*before.values(), *after.values()))
    size_of_others = sum(len(part.text) for part in others)
    stage = _Stage(plan.staging_id)
    for tab in sorted(plan.tabs, key=lambda tab: sizes[tab.sheet_id], reverse=True):
        if size_of_others + sum(sizes.values()) <= most_bytes or not sizes[tab.sheet_id]:
            break
        stage.add(tab, written[tab.sheet_id])
        sizes[tab.sheet_id] = 0

    for tab in plan.tabs:
        parts += before[tab.sheet_id]
        if tab.sheet_id in stage.places:
            parts += (Part.of(copy, tab.title) for copy in stage.copies_to(tab))
        else:
            for each in written[tab.sheet_id]:
                parts.append(Part(each.to_request(tab.sheet_id), "updateCells", tab.title))
        for area in tab.blanked:
            parts.append(Part.of(requests.clear_values(tab.sheet_id, area), tab.title))
        parts += after[tab.sheet_id]
    parts += ending
    if stage.places:
        parts.append(Part.of(requests.delete_sheet(plan.staging_id)))
    return Bodies(
        staging=stage.bodies(plan.staging_title, most_bytes) if stage.places else (),
        staged_cells=stage.rows * stage.columns,
        parts=tuple(parts),
        checked=tuple(_checked_ranges(plan)),
    )


def check_growth(spreadsheet: Spreadsheet, plan: Plan, bodies: Bodies) -> tuple[str, ...]:
    """Return warnings about the spreadsheet's size, a sentence each; usually none.

    A staging tab counts too: it is there until the commit.

    Raises:
        DestinationError: The spreadsheet, all its tabs together, would be too large.
    """
    limits.check_growth(
        cells=sum(tab.rows * tab.columns for tab in spreadsheet.tabs),
        more_cells=plan.added_cells + bodies.staged_cells,
    )
    more_tabs = plan.added_tabs + bool(bodies.staging)
    return limits.too_many_tabs(tabs=len(spreadsheet.tabs), more_tabs=more_tabs)


@dataclass(frozen=True)
class _Written:
    """A block's cells, row by row, in JSON."""

    block: Block
    rows: tuple[bytes, ...]

    @classmethod
    def of(cls, tab: TabPlan, block: Block) -> _Written:
        rows = tab.desired.values[block.row : block.row + block.rows]
        cells = slice(block.column, block.column + block.columns)
        known: dict[str, str] = {}
        return cls(block, tuple(row_json(row[cells], known).encode() for row in rows))

    def __len__(self) -> int:
        return sum(map(len, self.rows)) + len(self.rows) + BLOCK_BYTES

    def to_request(self, sheet_id: int) -> bytes:
        return _update(sheet_id, self.block.row, self.block.column, self.rows)


class _Stage:
    """The staging tab: blocks of several tabs, one below the other."""

    def __init__(self, sheet_id: int) -> None:
        self.sheet_id = sheet_id
        self.places: dict[int, list[tuple[int, Block]]] = {}
        self.rows = 0
        self.columns = 0
        self._lines: list[bytes] = []

    def add(self, tab: TabPlan, written: Sequence[_Written]) -> None:
        """Give the blocks of a tab their places in the staging tab."""
        if len(written) > MAX_STAGED_BLOCKS:
            everything = Block(0, 0, len(tab.desired.keys), tab.desired.width)
            written = [_Written.of(tab, everything)]
        places = self.places.setdefault(tab.sheet_id, [])
        for each in written:
            places.append((self.rows, each.block))
            self.rows += each.block.rows
            self.columns = max(self.columns, each.block.columns)
            self._lines += each.rows

    def copies_to(self, tab: TabPlan) -> Iterator[Request]:
        """Yield the requests that copy a tab's blocks to their places."""
        for top, block in self.places[tab.sheet_id]:
            source = Area(top, top + block.rows, 0, block.columns)
            yield requests.copy_values(self.sheet_id, source, tab.sheet_id, block.area)

    def bodies(self, title: str, most_bytes: int) -> _StagingBodies:
        """Return the bodies that create the staging tab and fill it, each within `most_bytes`.

        Sent twice, one changes nothing the second time or is refused; neither does harm.
        """
        create = requests.add_sheet(self.sheet_id, title, self.rows, self.columns, {"hidden": True})
        tops = [0]
        size = 0
        for row, line in enumerate(self._lines):
            if row > tops[-1] and size + len(line) > most_bytes:
                tops.append(row)
                size = 0
            size += len(line) + 1
        return _StagingBodies(_dump(create), self.sheet_id, self._lines, tops)


class _StagingBodies(Sequence[bytes]):
    """The bodies that create and fill a staging tab: each is made when it is sent."""

    def __init__(
        self, create: bytes, sheet_id: int, lines: Sequence[bytes], tops: Sequence[int]
    ) -> None:
        self._create = create
        self._sheet_id = sheet_id
        self._lines = lines
        self._tops = tops

    def __len__(self) -> int:
        return len(self._tops)

    @overload
    def __getitem__(self, index: int) -> bytes: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[bytes]: ...

    def __getitem__(self, index: int | slice) -> bytes | Sequence[bytes]:
        if isinstance(index, slice):
            return [self[each] for each in range(*index.indices(len(self)))]
        top, end = self._tops[index], [*self._tops[1:], None][index]
        update = _update(self._sheet_id, top, 0, self._lines[top:end])
        return _body([update] if top else [self._create, update])


def _copies(tab: TabPlan) -> Iterator[Request]:
    for copy in tab.copies:
        source = Area(copy.source, copy.source + copy.rows, 0, tab.desired.width)
        target = Area(copy.target, copy.target + copy.rows, 0, tab.desired.width)
        yield requests.copy_values(tab.sheet_id, source, tab.sheet_id, target)


def _update(sheet_id: int, row: int, column: int, rows: Iterable[bytes]) -> bytes:
    """Return an `updateCells` request, made of rows that are JSON already."""
    start = _dump({"sheetId": sheet_id, "rowIndex": row, "columnIndex": column})
    head = b'{"updateCells":{"fields":"userEnteredValue","start":' + start + b',"rows":['
    return head + b",".join(rows) + b"]}}"


def _checked_ranges(plan: Plan) -> list[str]:
    return [
        area.a1(tab.title)
        for tab in plan.tabs
        if tab.is_needed
        for area in (*tab.checked, *([tab.remarks.checked] if tab.remarks else ()))
        if area
    ]


def _body(requests: Iterable[bytes], answer_ranges: Sequence[str] = ()) -> bytes:
    asked: dict[str, Any] = {
        "includeSpreadsheetInResponse": bool(answer_ranges),
        "responseIncludeGridData": bool(answer_ranges),
        "responseRanges": answer_ranges,
    }
    return b'{"requests":[' + b",".join(requests) + b"]," + _dump(asked)[1:]


def _dump(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
