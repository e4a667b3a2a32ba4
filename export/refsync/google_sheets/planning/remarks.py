"""How the remarks of a worksheet come to the new places of their rows, in the same commit.

Google copies them, by way of a hidden tab of the worksheet's own size: each row to its new place
there, and from there back. No copy overlaps another, references to a remark's own row follow it,
and what was edited after the reading comes along. Where nothing proves what Google copies, the
cells are written as they were read: where something may hide rows, and the looks of cells under a
rule for conditional formats, which each copy would repeat.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from refsync.google_sheets.api import requests
from refsync.google_sheets.cell_values import entered_value
from refsync.google_sheets.planning.cell_blocks import ALL, COLOR, LOOKS, spans, written
from refsync.google_sheets.planning.found_remarks import (
    FoundRemarks,
    find_remarks,
    with_relative_formulas,
)
from refsync.google_sheets.planning.remark_job import Job, kept_remarks
from refsync.worksheet.area import Area
from refsync.worksheet.remarks import Arrangement, arrange, outcome, runs
from refsync.worksheet.row_keys import match_rows
from refsync.worksheet.values import Formula

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from refsync.google_sheets.api.requests import Request
    from refsync.google_sheets.planning.columns import Layout
    from refsync.google_sheets.planning.desired import Desired
    from refsync.google_sheets.planning.kept_remarks import KeptRemark
    from refsync.google_sheets.spreadsheet import Tab
    from refsync.worksheet.remarks import Place, Remark
    from refsync.worksheet.values import Row

MAX_CHECKED = 50_000
"""Up to this many cells beside a worksheet are read back with the commit."""

_Cells = dict[tuple[int, int], dict[str, Any]]


@dataclass(frozen=True)
class RemarkPlan:
    """What is done for the remarks of one tab.

    Attributes:
        before: Requests that come once room is made, while refsync's own cells are as they were.
        after: Requests that come once they are as they are to be.
        kept: The remarks whose row left.
        rows: The rows that it changes, header included, from the first to before the last.
        columns: How many columns, from the first, it may change.
        staged_cells: The cells of the hidden tab.
        moved: How many remarks change places.
        expected: All remarks as they are afterwards, by their place.
        checked: The reader's cells that are read back with the commit.
        matches: Row before → row after.
        carried: Columns whose cells move whole, with what is added after the reading.
        carried_cells: Other cells to which that applies, where they are afterwards.
    """

    before: tuple[Request, ...]
    after: tuple[Request, ...]
    kept: tuple[KeptRemark, ...]
    rows: range
    columns: int
    staged_cells: int
    moved: int
    expected: Mapping[Place, Remark] = field(default_factory=dict)
    checked: Area | None = None
    matches: Mapping[int, int] = field(default_factory=dict)
    carried: frozenset[int] = frozenset()
    carried_cells: frozenset[Place] = frozenset()

    def area(self, inserted: int) -> Area:
        """Return the cells that it changes, as they are before so many columns are inserted."""
        return Area(self.rows.start, self.rows.stop, 0, max(self.columns - inserted, 1))


def plan_remarks(  # noqa: PLR0913 - what is known of a tab
    desired: Desired,
    tab: Tab,
    layout: Layout,
    old: Sequence[Row],
    *,
    may_copy: bool,
    staging: tuple[int, str],
) -> RemarkPlan | None:
    """Return what is done for the remarks of a tab; `None` if nothing has to be.

    Args:
        desired: What the worksheet is to hold.
        tab: As it was read.
        layout: Where refsync's columns are.
        old: refsync's own cells, once columns are inserted.
        may_copy: Whether Google is asked to copy.
        staging: The id and the title of the hidden tab.
    """
    if tab.beside is None or not old:
        return None
    matches = match_rows(old, desired.keys, desired.table.key)
    if layout.adopted and not matches:
        return None  # these are not rows of refsync's
    found = find_remarks(tab, layout, len(old) - 1)
    plan = arrange(found.remarks, old, len(desired.keys), matches, layout.width)
    bleached = _bleached(found, tab, len(desired.keys))
    if not plan.is_needed and not bleached:
        return None
    may_copy = may_copy and not tab.hides_by_hand
    ruled = {
        column
        for area in tab.rules
        for column in range(
            requests.moved(area.left, layout.inserted),
            requests.moved((area.right or tab.columns) - 1, layout.inserted) + 1,
        )
    }
    touched = {*plan.columns, *(place[1] for place, _ in plan.decorations)}
    copied = frozenset(touched - ruled if may_copy else ())
    job = Job(desired, tab.sheet_id, staging[0], found, plan, layout.width, copied, may_copy)
    rows, columns = max(tab.rows, len(desired.keys)), tab.columns + len(layout.inserted)
    staged = [*_staged(job)]
    before = [*written(tab.sheet_id, bleached, COLOR), *_moved(job)]
    after = [*_decorated(job), *_filled(job)]
    if staged:
        hidden = requests.add_sheet(*staging, rows, columns, {"hidden": True})
        before = [hidden, *staged, *before]
        after.append(requests.delete_sheet(staging[0]))
    headers = {
        requests.moved(index, layout.inserted): str(header)
        for index, header in enumerate(tab.header)
        if header is not None
    }
    changed = [
        *(row for pair in job.plan.sources.items() for row in pair),
        *plan.vacated,
        *(row for (row, _), _ in plan.decorations),
        *(row for row, _ in plan.kept),
        *(row for fill in plan.fills for row in (fill.source, fill.stop - 1)),
        *(row for row, _ in bleached),
    ]
    others = [fill.column for fill in plan.fills] + [column for _, column in bleached]
    return RemarkPlan(
        before=tuple(before),
        after=tuple(after),
        kept=tuple(kept_remarks(job, headers, old)),
        rows=range(min(changed), max(changed) + 1),
        columns=max([*touched, *others, *(column for _, column in plan.kept)]) + 1,
        staged_cells=rows * columns if staged else 0,
        moved=plan.moved,
        expected=outcome(with_relative_formulas(found.remarks), plan),
        checked=_checked(plan, max(len(old), len(desired.keys))),
        matches=matches,
        carried=frozenset(plan.columns if may_copy else ()),
        carried_cells=frozenset(
            place for place, source in plan.decorations if source and place[1] in copied
        ),
    )


def _checked(plan: Arrangement, bottom: int) -> Area | None:
    if not plan.columns or not plan.moves:
        return None
    area = Area(1, bottom, plan.columns[0], plan.columns[-1] + 1)
    return area if area.cells <= MAX_CHECKED else None


def _bleached(found: FoundRemarks, tab: Tab, height: int) -> dict[Place, dict[str, Any]]:
    """Return the cells of new rows that would have the colour somebody gave the last row."""
    last = tab.rows - 1
    colored = [
        column for (row, column), each in found.remarks.items() if row == last and each.color
    ]
    return {(row, column): {} for row in range(tab.rows, height) for column in colored}


def _staged(job: Job) -> Iterator[Request]:
    """Yield the copies of rows to their new places on the hidden tab."""
    if not job.may_copy:
        return
    own = {
        source[0]: target[0]
        for target, source in job.plan.decorations
        if source and source[1] in job.copied and source[1] < job.width
    }
    columns = [*(job.plan.columns if job.plan.sources else ())]
    columns += [source[1] for _, source in job.plan.decorations if source and source[0] in own]
    if not columns:
        return
    rows = {source: target for target, source in job.plan.sources.items()} | own
    left, right = min(columns), max(columns) + 1
    for move in runs(rows):
        source = Area(move.source, move.source + move.rows, left, right)
        target = Area(move.target, move.target + move.rows, left, right)
        yield requests.copy_cells(job.sheet_id, source, job.staging_id, target)


def _moved(job: Job) -> Iterator[Request]:
    """Yield the requests that clear the reader's cells that are left, and fill the others."""
    sources = job.plan.sources
    vacated = {
        (row, column): job.blank(column) for row in job.plan.vacated for column in job.plan.columns
    }
    yield from written(job.sheet_id, vacated, ALL)
    targets = [(start, stop) for start, stop in spans(sources)]
    for left, right in spans(job.copied.intersection(job.plan.columns)):
        for start, stop in targets:
            area = Area(start, stop, left, right)
            # Should a copy leave notes out, none is left beside another row.
            yield requests.clear_notes(job.sheet_id, area)
            yield requests.copy_cells(job.staging_id, area, job.sheet_id, area)
    others = [column for column in job.plan.columns if column not in job.copied]
    if job.may_copy:
        for left, right in spans(others):
            for start, stop in targets:
                area = Area(start, stop, left, right)
                yield requests.copy_values(job.staging_id, area, job.sheet_id, area)
    looks: _Cells = {}
    whole: _Cells = {}
    for target, source in sources.items():
        for column in others:
            remark = job.found.remarks.get((source, column))
            is_formula = remark is not None and isinstance(remark.value, Formula)
            if is_formula or not job.may_copy:
                cell = job.cell((source, column), ALL, target - source)
                whole[target, column] = cell
            else:
                looks[target, column] = job.cell((source, column), LOOKS)
    yield from written(job.sheet_id, whole, ALL)
    yield from written(job.sheet_id, looks, LOOKS)


def _decorated(job: Job) -> Iterator[Request]:
    """Yield the requests that give notes and colours to cells whose values are others'."""
    looks: _Cells = {}
    values: _Cells = {}
    copied: dict[int, list[int]] = {}
    for place, source in job.plan.decorations:
        row, column = place
        if source and column in job.copied and column < job.width:
            copied.setdefault(column, []).append(row)
            own = job.desired.values[row][column] if column < job.desired.width else None
            values[place] = entered_value(own)
        else:
            looks[place] = job.cell(source, LOOKS) if source else job.blank(column)
    yield from written(job.sheet_id, looks, LOOKS)
    for column, rows in copied.items():
        for start, stop in spans(rows):
            area = Area(start, stop, column, column + 1)
            yield requests.clear_notes(job.sheet_id, area)
            yield requests.copy_cells(job.staging_id, area, job.sheet_id, area)
    yield from written(job.sheet_id, values, "userEnteredValue")


def _filled(job: Job) -> Iterator[Request]:
    """Yield the requests that fill formulas down."""
    for fill in job.plan.fills:
        column = fill.column
        if job.may_copy:
            source = Area(fill.source, fill.source + 1, column, column + 1)
            target = Area(fill.start, fill.stop, column, column + 1)
            yield requests.copy_cells(job.sheet_id, source, job.sheet_id, target, "PASTE_FORMULA")
            continue
        cells = {
            (row, column): job.cell((fill.source, column), "userEnteredValue", row - fill.source)
            for row in range(fill.start, fill.stop)
        }
        yield from written(job.sheet_id, cells, "userEnteredValue")
