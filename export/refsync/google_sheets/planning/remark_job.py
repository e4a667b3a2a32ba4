"""One tab's remarks on their way: what is known of each cell, and what is kept."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from refsync.google_sheets.planning.formulas import shifted
from refsync.google_sheets.planning.kept_remarks import KeptRemark
from refsync.worksheet.area import column_letters
from refsync.worksheet.row_keys import key_words
from refsync.worksheet.values import Formula

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from refsync.google_sheets.planning.desired import Desired
    from refsync.google_sheets.planning.found_remarks import FoundRemarks
    from refsync.worksheet.remarks import Arrangement, Place
    from refsync.worksheet.values import Row


@dataclass(frozen=True)
class Job:
    """One tab's remarks, and where they go.

    Attributes:
        desired: What the worksheet is to hold.
        sheet_id: The tab's id.
        staging_id: The id of the hidden tab.
        found: The remarks as they were read.
        plan: Where they go.
        width: How many columns are refsync's.
        copied: Columns that Google copies with all that is in their cells.
        may_copy: Whether Google is asked to copy at all.
    """

    desired: Desired
    sheet_id: int
    staging_id: int
    found: FoundRemarks
    plan: Arrangement
    width: int
    copied: frozenset[int]
    may_copy: bool

    def cell(self, place: Place, fields: str, rows: int = 0) -> dict[str, Any]:
        """Return a cell as it was read (`CellData`), for a place so many rows further down."""
        read = self.found.cells.get(place, {})
        written: dict[str, Any] = {}
        if "userEnteredValue" in fields and "userEnteredValue" in read:
            value = dict(read["userEnteredValue"])
            if "formulaValue" in value:
                value["formulaValue"] = shifted(value["formulaValue"], rows)
            written["userEnteredValue"] = value
        if "note" in fields and "note" in read:
            written["note"] = read["note"]
        if "Color" in fields and read.get("userEnteredFormat", {}).get("backgroundColorStyle"):
            written["userEnteredFormat"] = read["userEnteredFormat"]
        return written

    def blank(self, column: int) -> dict[str, Any]:
        """Return what a cell of a column looks like that nobody touched."""
        usual = self.found.usual.get(column)
        return {"userEnteredFormat": {"backgroundColorStyle": usual}} if usual else {}


def kept_remarks(job: Job, headers: Mapping[int, str], old: Sequence[Row]) -> Iterator[KeptRemark]:
    """Yield the texts whose row left; a formula as it was typed, as it speaks of other rows.

    Args:
        job: The tab.
        headers: Its headers by their column.
        old: refsync's own cells.
    """
    for row, column in job.plan.kept:
        remark = job.found.remarks[row, column]
        note = KeptRemark(
            sheet_id=job.sheet_id,
            worksheet=job.desired.table.worksheet,
            key=key_words(old, row, job.desired.table) if row < len(old) else "",
            column=headers.get(column, column_letters(column)),
            value={"stringValue": remark.note},
            as_of=job.desired.table.build.as_of_date,
        )
        if remark.value is not None and column in job.plan.columns:
            if isinstance(remark.value, Formula):
                yield replace(note, value={"stringValue": remark.value.text})
            else:
                yield replace(
                    note,
                    value=job.found.cells[row, column]["userEnteredValue"],
                    source=(row, column) if job.may_copy else None,
                    copies_format=column in job.copied,
                )
        if remark.note:
            yield note
