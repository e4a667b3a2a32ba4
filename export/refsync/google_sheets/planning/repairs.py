"""Remarks as they have to be after somebody edited the worksheet between reading and commit.

The commit moved cells by their places. If somebody sorted the rows just before, or deleted one,
the cells at these places were others. What was read then says which remark belongs to which row;
each that is elsewhere now is written where it belongs. A text that nobody had read is an edit of
the last second: it stays beside the row that it is beside.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from refsync.google_sheets.cell_values import entered_value, key_of_entered
from refsync.google_sheets.planning.cell_blocks import COLOR, written
from refsync.google_sheets.planning.found_remarks import NO_COLOR, find_remarks
from refsync.google_sheets.planning.kept_remarks import TEXT, KeptPlan, KeptRemark
from refsync.google_sheets.planning.remarks import RemarkPlan
from refsync.worksheet.area import column_letters
from refsync.worksheet.remarks import Remark
from refsync.worksheet.row_keys import key_words, match_rows
from refsync.worksheet.values import Formula, Truth

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from refsync.google_sheets.planning.columns import Layout
    from refsync.google_sheets.planning.desired import Desired
    from refsync.google_sheets.spreadsheet import Tab
    from refsync.worksheet.area import Area
    from refsync.worksheet.remarks import Place
    from refsync.worksheet.values import Key, Row

_Kind = Literal["value", "note"]


@dataclass(frozen=True)
class Expected:
    """What a commit was to make of a tab's remarks.

    Attributes:
        remarks: All remarks beside the rows, by their place.
        kept_id: The id of the tab of the kept remarks.
        kept: The texts that were to be copied there, by their row: the column each is from, too.
    """

    remarks: Mapping[Place, Remark]
    kept_id: int = 0
    kept: Mapping[int, tuple[int, Key]] = field(default_factory=dict)

    @classmethod
    def of(cls, tab_id: int, remarks: Mapping[Place, Remark], kept: KeptPlan | None) -> Expected:
        """Return what a plan for a tab is to make of its remarks."""
        if kept is None:
            return cls(remarks)
        copied = {
            row: (each.source[1], key_of_entered(dict(each.value)))
            for row, each in kept.rows.items()
            if each.sheet_id == tab_id and each.source
        }
        return cls(remarks, kept.record.sheet_id, copied)

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
        if rows_moved or self.is_displaced:
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
    remarks = expected.remarks
    rows_moved = [row for row in old if any(cell is not None for cell in row)] != [*desired.keys]
    found = find_remarks(tab, layout, len(old) - 1)
    matches = match_rows(old, desired.keys, desired.table.key)
    homes = {row: matches.get(row) for row in range(1, len(old))}
    formula_columns = {
        column for (_, column), each in remarks.items() if isinstance(each.value, Formula)
    }
    cells: dict[_Kind, dict[Place, dict[str, Any]]] = {"value": {}, "note": {}}
    kept_cells: dict[Place, dict[str, Any]] = {}
    kept = []
    kinds: tuple[_Kind, ...] = ("value", "note")
    columns = {column for _, column in (*remarks, *found.remarks)}
    for column in sorted(columns | {source for source, _ in expected.kept.values()}):
        for kind in kinds:
            if kind == "value" and column in formula_columns:
                continue
            texts = _Column(_texts(remarks, column, kind), _texts(found.remarks, column, kind))
            if kind == "value":
                in_kept = expected.of_kept(column)
                texts.expected |= in_kept
                texts.found |= {row: _text_in(kept_tab, -row) for row in in_kept}
            texts.repair(homes, rows_moved=rows_moved)
            for row, text in texts.written.items():
                if row < 0:
                    kept_cells[-row, TEXT] = _entered(text)
                else:
                    cells[kind][row, column] = _entered(text) if kind == "value" else _noted(text)
            kept += [
                KeptRemark(
                    sheet_id=tab.sheet_id,
                    worksheet=desired.table.worksheet,
                    key=key_words(old, row, desired.table) if row < len(old) else "",
                    column=str(tab.header[column])
                    if column < len(tab.header)
                    else column_letters(column),
                    value=_entered(text).get("userEnteredValue", {}),
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
    expected: Mapping[Place, Remark], area: Area, data: Mapping[str, Any]
) -> tuple[Place, ...]:
    """Return the cells that were read back with another text than expected; formulas do not count.

    Args:
        expected: All remarks as they were to be.
        area: The cells that were read back.
        data: What was read (`GridData`).
    """
    found = {}
    for row, line in enumerate(data.get("rowData", ()), area.top):
        for column, cell in enumerate(line.get("values", ()), area.left):
            value = key_of_entered(cell.get("userEnteredValue"))
            found[row, column] = (None if isinstance(value, Formula) else value, cell.get("note"))
    wanted = {
        place: (None if isinstance(each.value, Formula) else each.value, each.note or None)
        for place, each in expected.items()
        if area.top <= place[0] < (area.bottom or 0) and area.left <= place[1] < (area.right or 0)
    }
    blank = (None, None)
    return tuple(
        place
        for place in sorted({*found, *wanted})
        if found.get(place, blank) != wanted.get(place, blank)
    )


def _text_in(tab: Tab | None, row: int) -> Key:
    """Return the text of a row of the tab of the kept remarks."""
    cells = tab.cells[row] if tab and row < len(tab.cells) else ()
    return cells[TEXT] if len(cells) > TEXT else None


def _texts(remarks: Mapping[Place, Remark], column: int, kind: _Kind) -> dict[int, Key]:
    found: dict[int, Key] = {}
    for (row, place), each in remarks.items():
        text = each.value if kind == "value" else each.note or None
        if place == column and text is not None and not isinstance(text, Formula):
            found[row] = text
    return found


def _entered(text: Key) -> dict[str, Any]:
    if isinstance(text, Truth):
        return entered_value(text.value)
    return {} if isinstance(text, Formula) else entered_value(text)


def _noted(text: Key) -> dict[str, Any]:
    return {} if text is None else {"note": str(text)}


def _colored(color: str) -> dict[str, Any]:
    if color in {NO_COLOR, "null", ""}:
        return {}
    return {"userEnteredFormat": {"backgroundColorStyle": json.loads(color)}}
