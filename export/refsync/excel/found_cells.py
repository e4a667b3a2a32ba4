"""Cells of a workbook as its file has them, read with openpyxl (the extra `remarks`)."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from refsync.excel.cells import read_value
from refsync.excel.colors import color_of
from refsync.worksheet.values import Formula, key_of, sheet_value

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from refsync.worksheet.values import Key

Kind = Literal["value", "formula", "array", "error"]
"""What is in a cell; an array is a formula that takes whole ranges, in one cell."""

_FORMULAS = {"formula", "array"}

_TRUTHS = {"=TRUE()": True, "=FALSE()": False}
"""How LibreOffice saves booleans."""

_ERRORS = {"#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A", "#GETTING_DATA"}


@dataclass(frozen=True)
class FoundCell:
    """A cell with something that a person added.

    Attributes:
        value: Its value; a formula is a text that begins with "=", a date is its number.
        kind: What the value is.
        number_format: How it is shown.
        note: Its note.
        author: The note's author.
        color: Its background such as FFFF00; empty without one.
        row: Where it was, 0-based.
        link: Where a click on it leads, in XlsxWriter's words.
    """

    value: Any = None
    kind: Kind = "value"
    number_format: str = "General"
    note: str = ""
    author: str = ""
    color: str = ""
    row: int = 0
    link: str = ""

    @property
    def is_formula(self) -> bool:
        """Whether it is a formula."""
        return self.kind in _FORMULAS

    @property
    def key(self) -> Key:
        """The identity of its value."""
        return _key(self.value, self.kind)


def open_book(path: Path) -> Any:
    """Return a workbook as openpyxl has it, with each number as the file has it.

    openpyxl takes a number in a format for dates for a moment or a duration. That loses fractions
    of a second, and what is no date, such as a negative number. It has no setting against it, so it
    is told that no format is one for dates. In a workbook that counts days from 1904 they stay
    moments, as refsync counts from 1900. openpyxl also drops "x005F_" from texts. A file has it
    before a text such as `_x000D_`, which would be read as a control character without it.

    Raises:
        Exception: openpyxl raises what it meets, such as ImportError if it is not installed.
    """
    import openpyxl.reader.excel  # noqa: PLC0415 - an extra, and slow to import
    from openpyxl.utils.datetime import WINDOWS_EPOCH  # noqa: PLC0415 - an extra

    class Reader(openpyxl.reader.excel.ExcelReader):  # type: ignore[misc] # openpyxl has no types
        def read_strings(self) -> None:
            part = self.package.find(openpyxl.reader.excel.SHARED_STRINGS)
            if part is not None:
                with self.archive.open(part.PartName[1:]) as file:
                    self.shared_strings = _strings(file)

        def read_worksheets(self) -> None:
            if self.wb.epoch == WINDOWS_EPOCH:
                self.wb._date_formats = set()  # noqa: SLF001 - there is no setting
                self.wb._timedelta_formats = set()  # noqa: SLF001 - there is no setting
            super().read_worksheets()

    with warnings.catch_warnings():
        # openpyxl warns of what it does not read, such as bars in cells.
        warnings.simplefilter("ignore")
        reader = Reader(path)
        reader.read()
    return reader.wb


def _strings(file: Any) -> list[str]:
    """Return the texts of a workbook as they are in its part; hints for reading are no text."""
    from openpyxl.cell.text import Text  # noqa: PLC0415 - an extra
    from openpyxl.xml.functions import iterparse  # noqa: PLC0415 - an extra

    texts = []
    for _, item in iterparse(file):
        if item.tag.endswith("}si"):
            texts.append(Text.from_tree(item).content)
            item.clear()
    return texts


def found_cell(cell: Any, theme: Sequence[str]) -> FoundCell:
    """Return a cell that openpyxl read.

    Args:
        cell: The cell, as openpyxl has it.
        theme: The colours of the workbook's theme.
    """
    comment = cell.comment
    value, kind = content_of(cell)
    link = _link(cell.hyperlink)
    return FoundCell(
        value=(link or None) if value is None else value,
        kind=kind,
        number_format=cell.number_format,
        note=read_value(comment.text or "") if comment else "",
        author=(comment.author or "").strip() if comment else "",
        color=color_of(cell.fill, theme),
        row=cell.row - 1,
        link=link,
    )


def _link(link: Any) -> str:
    target, location = (link.target or "", link.location or "") if link else ("", "")
    if target.startswith("#"):  # how LibreOffice saves a link into the workbook
        target, location = "", target[1:]
    if not target:
        return f"internal:{location}" if location else ""
    if location:
        target += f"#{location}"
    is_file = not target.startswith("mailto:") and "://" not in target
    return f"external:{target}" if is_file else target


def content_of(cell: Any) -> tuple[Any, Kind]:
    """Return the value of a cell, and what it is."""
    value = cell.value
    if cell.data_type == "e":
        return value, "error"
    if cell.data_type != "f":
        return sheet_value(read_value(value)), "value"
    text = str(getattr(value, "text", value))
    if text.upper() in _TRUTHS:
        return _TRUTHS[text.upper()], "value"
    if text[1:] in _ERRORS:  # how XlsxWriter writes an error
        return text[1:], "error"
    return text, "array" if hasattr(value, "text") else "formula"


def cell_key(cell: Any) -> Key:
    """Return the identity of a cell's value."""
    return _key(*content_of(cell))


def _key(value: Any, kind: Kind) -> Key:
    return Formula(str(value)) if kind in _FORMULAS else key_of(value)
