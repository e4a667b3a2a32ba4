"""Remarks as they have to be after somebody edited the worksheet between reading and commit.

The commit moved cells by their places. If somebody sorted the rows just before, or deleted one,
the cells at these places were others. What was read then says which remark belongs to which row;
each that is elsewhere now is written where it belongs. A text that nobody had read stays beside its
row.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from refsync.google_sheets.cell_values import entered_value, key_of_entered
from refsync.google_sheets.planning.cell_blocks import COLOR, written
from refsync.google_sheets.planning.column_texts import ColumnTexts
from refsync.google_sheets.planning.formulas import in_row
from refsync.google_sheets.planning.found_remarks import (
    NO_COLOR,
    FoundRemarks,
    find_remarks,
    with_relative_formulas,
)
from refsync.google_sheets.planning.kept_remarks import TEXT, KeptPlan, KeptRemark
from refsync.google_sheets.planning.remarks import RemarkPlan
from refsync.worksheet.area import Area, column_letters
from refsync.worksheet.remarks import Remark
from refsync.worksheet.row_keys import key_words, match_rows
from refsync.worksheet.values import Formula, Truth, is_blank

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from refsync.google_sheets.planning.columns import Layout
    from refsync.google_sheets.planning.desired import Desired
    from refsync.google_sheets.spreadsheet import Tab
    from refsync.worksheet.remarks import Place
    from refsync.worksheet.values import Key, Row

_Kind = Literal["value", "note"]


@dataclass(frozen=True)
class Expected:
    """What a commit was to make of a tab's remarks.

    Attributes:
        plan: What was planned for the tab.
        kept_id: The id of the tab of the kept remarks.
        kept: The texts that were to be copied there, by their row: the column each is from, too.
    """

    plan: RemarkPlan
    kept_id: int = 0
    kept: Mapping[int, tuple[int, Key]] = field(default_factory=dict)

    @classmethod
    def of(cls, tab_id: int, plan: RemarkPlan, kept: KeptPlan | None) -> Expected:
        """Return what a plan for a tab is to make of its remarks."""
        if kept is None:
            return cls(plan)
        copied = {
            row: (each.source[1], key_of_entered(dict(each.value)))
            for row, each in kept.rows.items()
            if each.sheet_id == tab_id and each.source
        }
        return cls(plan, kept.record.sheet_id, copied)

    def row_of(self, row: int, column: int) -> int:
        """Return the row of a text that nobody had read, and that its row left behind."""
        is_carried = column in self.plan.carried or (row, column) in self.plan.carried_cells
        return row if is_carried else self.plan.matches.get(row, row)

    def of_kept(self, column: int) -> dict[int, Key]:
        """Return a column's texts in the tab of the kept remarks; their rows are below zero."""
        return {-row: text for row, (source, text) in self.kept.items() if source == column}


def plan_repair(  # noqa: PLR0913, PLR0917 - what is known of a tab
    desired: Desired,
    tab: Tab,
    layout: Layout,
    old: Sequence[Row],
    expected: Expected,
    kept_tab: Tab | None,
) -> RemarkPlan | None:
    """Return what is done for the remarks of a tab after a commit; `None` if nothing has to be.

    Args:
        desired: What the worksheet is to hold.
        tab: As it was read after the commit.
        layout: Where refsync's columns are.
        old: refsync's own cells.
        expected: What the commit was to make of the remarks.
        kept_tab: The tab of the kept remarks as it was read.
    """
    found = find_remarks(tab, layout, len(old) - 1)
    repair = _Repair(desired, tab, old, expected, kept_tab, found)
    columns = {column for _, column in (*repair.wanted, *found.remarks)}
    for column in sorted(columns | {source for source, _ in expected.kept.values()}):
        if not repair.has_only_formulas(column):
            repair.put_right(column, "value")
        repair.put_right(column, "note")
    if repair.rows_moved:
        repair.color()
    return repair.plan()


class _Repair:
    """What is written for the remarks of one tab, column by column."""

    def __init__(  # noqa: PLR0913, PLR0917 - what is known of a tab
        self,
        desired: Desired,
        tab: Tab,
        old: Sequence[Row],
        expected: Expected,
        kept_tab: Tab | None,
        found: FoundRemarks,
    ) -> None:
        self.desired, self.tab, self.old = desired, tab, old
        self.expected, self.kept_tab, self.found = expected, kept_tab, found
        self.wanted = expected.plan.expected
        self.texts_found = with_relative_formulas(found.remarks)
        # Whether refsync's own cells are not as they were written.
        self.rows_moved = [row for row in old if not is_blank(row)] != [*desired.keys]
        matches = match_rows(old, desired.keys, desired.table.key)
        self.homes = {row: matches.get(row) for row in range(1, len(old))}
        self.cells: dict[_Kind, dict[Place, dict[str, Any]]] = {"value": {}, "note": {}}
        self.colors: dict[Place, dict[str, Any]] = {}
        self.kept_cells: dict[Place, dict[str, Any]] = {}
        self.kept: list[KeptRemark] = []

    def has_only_formulas(self, column: int) -> bool:
        """Whether the values that a column was to have are formulas, which are not compared."""
        values = [each.value for (_, at), each in self.wanted.items() if at == column]
        found = [value for value in values if value]
        return bool(found) and all(isinstance(value, Formula) for value in found)

    def put_right(self, column: int, kind: _Kind) -> None:
        """Add what is written for a column's texts, and those that have no row any more."""
        texts = ColumnTexts(
            _texts(self.wanted, column, kind),
            _texts(self.texts_found, column, kind),
            is_written_if_lost=kind == "note",
        )
        if kind == "value":
            in_kept = self.expected.of_kept(column)
            texts.expected |= in_kept
            texts.found |= {row: _text_in(self.kept_tab, -row) for row in in_kept}
        is_behind = not self.rows_moved and column not in self.expected.plan.carried
        behind = {row: self.expected.row_of(row, column) for row in texts.found}
        texts.repair(behind if is_behind else self.homes, rows_moved=self.rows_moved or is_behind)
        for row, text in texts.written.items():
            if row < 0:
                self.kept_cells[-row, TEXT] = _entered(text, row)
            else:
                entered = _entered(text, row) if kind == "value" else _noted(text)
                self.cells[kind][row, column] = entered
        self.kept += [self._kept(row, column, text) for row, text in texts.kept.items()]

    def color(self) -> None:
        """Add the colours that are not where they were to be."""
        for place in {*self.wanted, *self.found.remarks}:
            want = self.wanted.get(place, Remark()).color
            have = self.found.remarks.get(place, Remark()).color
            if place[0] < len(self.desired.keys) and have != want:
                usual = json.dumps(self.found.usual.get(place[1]))
                self.colors[place] = _colored(want or usual)

    def plan(self) -> RemarkPlan | None:
        """Return the plan; `None` if nothing has to be done."""
        steps = (
            *written(self.tab.sheet_id, self.cells["value"], "userEnteredValue"),
            *written(self.tab.sheet_id, self.cells["note"], "note"),
            *written(self.tab.sheet_id, self.colors, COLOR),
            *written(self.expected.kept_id, self.kept_cells, "userEnteredValue"),
        )
        if not steps and not self.kept:
            return None
        places = [*self.cells["value"], *self.cells["note"], *self.colors] or [(0, 0)]
        return RemarkPlan(
            before=(),
            after=steps,
            kept=tuple(self.kept),
            rows=range(min(row for row, _ in places), max(row for row, _ in places) + 1),
            columns=max(column for _, column in places) + 1,
            staged_cells=0,
            moved=len(self.cells["value"]) + len(self.cells["note"]),
        )

    def _kept(self, row: int, column: int, text: Key) -> KeptRemark:
        table, header = self.desired.table, self.tab.header
        return KeptRemark(
            sheet_id=self.tab.sheet_id,
            worksheet=table.worksheet,
            key=key_words(self.old, row, table) if row < len(self.old) else "",
            column=str(header[column]) if column < len(header) else column_letters(column),
            value=_kept_text(text, row),
            as_of=table.build.as_of_date,
        )


def misplaced(
    expected: Mapping[Place, Remark],
    areas: Sequence[Area],
    data: Iterable[Mapping[str, Any]],
    width: int,
) -> frozenset[Place]:
    """Return the cells below the header that were read back with another text than expected.

    Formulas do not count, nor do the values of refsync's own cells.

    Args:
        expected: All remarks as they were to be.
        areas: The cells that were asked for.
        data: What was answered (`GridData`).
        width: How many columns are refsync's.
    """
    parts = {(part.get("startRow", 0), part.get("startColumn", 0)): part for part in data}
    wrong = set()
    for area in areas:
        found: dict[Place, tuple[Key, str]] = {}
        for row, line in enumerate(
            parts.get((area.top, area.left), {}).get("rowData", ()), area.top
        ):
            for column, cell in enumerate(line.get("values", ()), area.left):
                value = key_of_entered(cell.get("userEnteredValue")) if column >= width else None
                found[row, column] = _compared(Remark(value, cell.get("note", "")))
        wanted = {
            place: _compared(each)
            for place, each in expected.items()
            if area.meets(Area(place[0], place[0] + 1, place[1], place[1] + 1))
        }
        wrong |= {
            place
            for place in {*found, *wanted}
            if place[0] and found.get(place, (None, "")) != wanted.get(place, (None, ""))
        }
    return frozenset(wrong)


def _compared(remark: Remark) -> tuple[Key, str]:
    return None if isinstance(remark.value, Formula) else remark.value, remark.note


def _text_in(tab: Tab | None, row: int) -> Key:
    """Return the text of a row of the tab of the kept remarks."""
    cells = tab.cells[row] if tab and row < len(tab.cells) else ()
    return cells[TEXT] if len(cells) > TEXT else None


def _texts(remarks: Mapping[Place, Remark], column: int, kind: _Kind) -> dict[int, Key]:
    found: dict[int, Key] = {}
    for (row, place), each in remarks.items():
        text = each.value if kind == "value" else each.note or None
        if place == column and text is not None:
            found[row] = text
    return found


def _entered(text: Key, row: int) -> dict[str, Any]:
    if isinstance(text, Truth):
        return entered_value(text.value)
    if isinstance(text, Formula):
        return {"userEnteredValue": {"formulaValue": in_row(text.text, max(row, 0))}}
    return entered_value(text)


def _kept_text(text: Key, row: int) -> dict[str, Any]:
    if isinstance(text, Formula):
        return {"stringValue": in_row(text.text, row)}
    return dict(_entered(text, row).get("userEnteredValue", {}))


def _noted(text: Key) -> dict[str, Any]:
    return {} if text is None else {"note": str(text)}


def _colored(color: str) -> dict[str, Any]:
    if color in {NO_COLOR, "null", ""}:
        return {}
    return {"userEnteredFormat": {"backgroundColorStyle": json.loads(color)}}
