"""What people added to a workbook that refsync wrote, read with openpyxl (the extra `remarks`)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from refsync.errors import DestinationError
from refsync.excel.colors import theme_colors
from refsync.excel.formulas import SAME, NewColumns
from refsync.excel.found_cells import FoundCell, cell_key, found_cell, open_book
from refsync.excel.found_columns import FoundColumns, last_own_row
from refsync.excel.kept_tab import NO_TAB, KeptTab, found_tab
from refsync.excel.own_marks import mark
from refsync.worksheet.area import column_letters
from refsync.worksheet.remarks import TITLE, Remark
from refsync.worksheet.values import is_blank

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from refsync.excel.own_marks import OwnMarks
    from refsync.worksheet.remarks import Place
    from refsync.worksheet.values import Row


@dataclass(frozen=True)
class FoundSheet:
    """A worksheet as it was found, refsync's columns first.

    Attributes:
        rows: refsync's own cells, the header first; the headers are those that come.
        headers: The reader's columns, left to right: the header cell of each.
        cells: What people added below the header. The reader's columns begin behind refsync's.
        remarks: The same, as far as it is compared.
        dropped: Notes in columns of refsync's that do not come again: row, header and cell.
        columns: Where its columns go.
        own_headers: Notes and colours that people gave to refsync's headers, by their new columns.
        has_links: Whether people made links of refsync's cells, which cannot be carried over.
    """

    rows: tuple[Row, ...]
    headers: tuple[FoundCell, ...]
    cells: Mapping[Place, FoundCell] = field(default_factory=dict)
    remarks: Mapping[Place, Remark] = field(default_factory=dict)
    dropped: tuple[tuple[int, str, FoundCell], ...] = ()
    columns: NewColumns = SAME
    own_headers: Mapping[int, FoundCell] = field(default_factory=dict)
    has_links: bool = False

    @property
    def has_any(self) -> bool:
        """Whether there is anything that people added."""
        return bool(self.cells or self.headers or self.dropped or self.own_headers)


class Found:
    """A workbook that is open for its remarks."""

    def __init__(self, path: Path) -> None:
        """Open it.

        Raises:
            ImportError: openpyxl is not installed.
            DestinationError: It is damaged.
        """
        try:
            self._book = open_book(path)
        except ImportError:
            raise
        except Exception as error:  # openpyxl raises what it meets
            raise unreadable(path) from error
        self._theme = theme_colors(self._book.loaded_theme)

    def kept(self) -> KeptTab:
        """Return the tab of the kept remarks."""
        is_there = TITLE in self._book.sheetnames
        return found_tab(self._book[TITLE], self._theme) if is_there else NO_TAB

    def sheet(
        self, title: str, headers: Sequence[str], marks: OwnMarks | None = None
    ) -> FoundSheet:
        """Return a worksheet whose columns will have these headers.

        Args:
            title: Its title.
            headers: The headers that come.
            marks: What refsync remembers of it; `None` if an earlier version wrote it.

        Raises:
            DestinationError: There is something below refsync's rows, in its columns.
        """
        sheet = self._book[title]
        columns = FoundColumns.of(sheet, headers, marks)
        own, reader, texts = columns.own, list(columns.reader), columns.texts
        places = {index: at for at, index in enumerate(own) if index is not None}
        places |= {index: len(headers) + at for at, index in enumerate(reader)}
        rows = _own_rows(sheet, headers, columns, marks)
        cells: dict[Place, FoundCell] = {}
        dropped: list[tuple[int, str, FoundCell]] = []
        for number, line in enumerate(sheet.iter_rows(min_row=2), 1):
            for index, at in places.items():
                found = self._cell(line[index])
                if at < len(headers):  # the value is refsync's
                    found = replace(found, value=None, kind="value")
                if found.note or found.color or found.value is not None:
                    cells[number, at] = found
            dropped += [
                (number, str(texts[index]), self._cell(line[index]))
                for index in columns.gone
                if line[index].comment
            ]
        new_columns = NewColumns(
            tuple(map(places.get, range(len(texts)))), len(headers) + len(reader)
        )
        used = {at - len(headers) for _, at in cells}
        while reader and len(reader) - 1 not in used and texts[reader[-1]] is None:
            reader.pop()
        return FoundSheet(
            rows=rows,
            headers=tuple(self._cell(sheet.cell(1, index + 1)) for index in reader),
            cells=cells,
            remarks={
                place: Remark(cell.key if place[1] >= len(headers) else None, cell.note, cell.color)
                for place, cell in cells.items()
            },
            dropped=tuple(dropped),
            columns=new_columns,
            own_headers=dict(self._own_headers(sheet, columns, marks)),
            has_links=any(
                cell.hyperlink for index in columns.ours for cell in sheet[column_letters(index)]
            ),
        )

    def _own_headers(
        self, sheet: Any, columns: FoundColumns, marks: OwnMarks | None
    ) -> Iterator[tuple[int, FoundCell]]:
        """Yield what people added to refsync's headers, as far as it remembers its own."""
        for at, index in enumerate(columns.own):
            if index is None or marks is None:
                continue
            cell = self._cell(sheet.cell(1, index + 1))
            note = "" if mark(cell.note) in marks.notes else cell.note
            color = "" if cell.color == marks.color else cell.color
            if note or color:
                yield at, FoundCell(note=note, author=cell.author, color=color)

    def _cell(self, cell: Any) -> FoundCell:
        return found_cell(cell, self._theme)


def unreadable(path: Path) -> DestinationError:
    """Return the sentence about a workbook that is damaged."""
    return DestinationError(
        f"The remarks in {path} cannot be read: move the file away, or run with --adopt to replace "
        "it without them."
    )


def _own_rows(
    sheet: Any, headers: Sequence[str], columns: FoundColumns, marks: OwnMarks | None
) -> tuple[Row, ...]:
    """Return refsync's own cells of a worksheet, the header first.

    Raises:
        DestinationError: There is something below them, in refsync's columns.
    """
    own, ours = columns.own, columns.ours
    lines = [[cell_key(line[index]) for index in ours] for line in sheet.iter_rows(min_row=2)]
    filled = [number for number, line in enumerate(lines, 1) if not is_blank(line)]
    last_row = last_own_row(sheet, columns, marks, filled)
    below = [number for number in filled if number > last_row]
    if below:
        raise DestinationError(
            f"In the tab {sheet.title!r}, row {below[0] + 1} below refsync's rows has something in "
            "its columns: move it to the right of them, or run with --adopt to replace the "
            "workbook without what people added."
        )
    at = {index: place for place, index in enumerate(ours)}
    header = tuple(None if index is None else h for h, index in zip(headers, own, strict=True))
    rows = [
        tuple(None if index is None else line[at[index]] for index in own)
        for line in lines[:last_row]
    ]
    while rows and is_blank(rows[-1]):
        rows.pop()
    return header, *rows
