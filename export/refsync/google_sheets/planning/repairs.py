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
from refsync.google_sheets.planning.formulas import in_row
from refsync.google_sheets.planning.found_remarks import (
    NO_COLOR,
    find_remarks,
    with_relative_formulas,
)
from refsync.google_sheets.planning.kept_remarks import TEXT, KeptPlan, KeptRemark
from refsync.google_sheets.planning.remarks import RemarkPlan
from refsync.worksheet.area import Area, column_letters
from refsync.worksheet.remarks import Remark
from refsync.worksheet.row_keys import key_words, match_rows
from refsync.worksheet.values import Formula, Truth

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


@dataclass
class _Column:
    """One column's texts of one kind, by row: as expected, as found, and what to write."""

    expected: dict[int, Key]
    found: dict[int, Key]
    written: dict[int, Key] = field(default_factory=dict)
    kept: dict[int, Key] = field(default_factory=dict)
    is_displaced: bool = False
    # Nothing proves that Google copies notes.
    is_kept_if_lost: bool = False

    def repair(self, homes: Mapping[int, int | None], *, rows_moved: bool) -> None:
        """Decide what to write; `homes` has the row that a text which nobody had read belongs to.

        Args:
            homes: Row as found → the same row as desired; `None` if it is not desired.
            rows_moved: Whether refsync's own cells were not as they were written.
        """
        missing = {r: text for r, text in self.expected.items() if self.found.get(r) != text}
        extra = {r: text for r, text in self.found.items() if self.expected.get(r) != text}
        lost = {}
        for row, text in missing.items():
            source = next((r for r, each in extra.items() if each == text), None)
            if source is None:
                lost[row] = text
                continue
            del extra[source]
            self.is_displaced = True
            self.written[row] = text
            self.written.setdefault(source, None)
        for row, text in extra.items():
            home = homes.get(row, row) if rows_moved else row
            if home == row and self.written.get(row) is None:
                lost.pop(row, None)
                self.written.pop(row, None)
                continue
            self.written.setdefault(row, None)
            is_free = home is not None and (
                self.written.get(home) is None if home in self.written else home not in self.found
            )
            if home is not None and is_free:
                lost.pop(home, None)
                self.written[home] = text
            else:
                self.kept[row] = text
        if rows_moved or self.is_displaced or self.is_kept_if_lost:
            for row, text in lost.items():
                if self.written.get(row, self.found.get(row)) is None:
                    self.written[row] = text


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
    remarks = expected.plan.expected
    rows_moved = [row for row in old if any(cell is not None for cell in row)] != [*desired.keys]
    found = find_remarks(tab, layout, len(old) - 1)
    matches = match_rows(old, desired.keys, desired.table.key)
    homes = {row: matches.get(row) for row in range(1, len(old))}
    found_remarks = with_relative_formulas(found.remarks)
    values = [(column, each.value) for (_, column), each in remarks.items() if each.value]
    formula_columns = {column for column, value in values if isinstance(value, Formula)}
    formula_columns -= {column for column, value in values if not isinstance(value, Formula)}
    cells: dict[_Kind, dict[Place, dict[str, Any]]] = {"value": {}, "note": {}}
    kept_cells: dict[Place, dict[str, Any]] = {}
    kept = []
    kinds: tuple[_Kind, ...] = ("value", "note")
    columns = {column for _, column in (*remarks, *found.remarks)}
    for column in sorted(columns | {source for source, _ in expected.kept.values()}):
        for kind in kinds:
            if kind == "value" and column in formula_columns:
                continue
            texts = _Column(
                _texts(remarks, column, kind),
                _texts(found_remarks, column, kind),
                is_kept_if_lost=kind == "note",
            )
            if kind == "value":
                in_kept = expected.of_kept(column)
                texts.expected |= in_kept
                texts.found |= {row: _text_in(kept_tab, -row) for row in in_kept}
            behind = {row: expected.row_of(row, column) for row in texts.found}
            is_behind = not rows_moved and column not in expected.plan.carried
            texts.repair(behind if is_behind else homes, rows_moved=rows_moved or is_behind)
            for row, text in texts.written.items():
                if row < 0:
                    kept_cells[-row, TEXT] = _entered(text, row)
                else:
                    entered = _entered(text, row) if kind == "value" else _noted(text)
                    cells[kind][row, column] = entered
            kept += [
                KeptRemark(
                    sheet_id=tab.sheet_id,
                    worksheet=desired.table.worksheet,
                    key=key_words(old, row, desired.table) if row < len(old) else "",
                    column=str(tab.header[column])
                    if column < len(tab.header)
                    else column_letters(column),
                    value=_kept_text(text, row),
                    as_of=desired.table.build.as_of_date,
                )
                for row, text in texts.kept.items()
            ]
    colors = {}
    for place in {*remarks, *found.remarks} if rows_moved else ():
        want = remarks.get(place, Remark()).color
        if place[0] < len(desired.keys) and found.remarks.get(place, Remark()).color != want:
            colors[place] = _colored(want or json.dumps(found.usual.get(place[1])))
    steps = (
        *written(tab.sheet_id, cells["value"], "userEnteredValue"),
        *written(tab.sheet_id, cells["note"], "note"),
        *written(tab.sheet_id, colors, COLOR),
        *written(expected.kept_id, kept_cells, "userEnteredValue"),
    )
    if not steps and not kept:
        return None
    places = [*cells["value"], *cells["note"], *colors] or [(0, 0)]
    return RemarkPlan(
        before=(),
        after=steps,
        kept=tuple(kept),
        rows=range(min(row for row, _ in places), max(row for row, _ in places) + 1),
        columns=max(column for _, column in places) + 1,
        staged_cells=0,
        moved=len(cells["value"]) + len(cells["note"]),
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
