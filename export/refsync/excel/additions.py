"""What people added to refsync's tabs in a workbook that a push cannot carry over.

It is read from the parts of the file: openpyxl drops some kinds, such as text boxes, when it reads.
What Excel and LibreOffice add by themselves when they save is none of it.
"""

from __future__ import annotations

import posixpath
import zipfile
from collections import Counter
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from refsync.excel.found_remarks import unreadable
from refsync.excel.own_marks import mark
from refsync.worksheet import theme

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from refsync.excel.own_marks import OwnMarks
    from refsync.excel.record import ExistingWorkbook

_KINDS = {
    "table": "tables",
    "pivotTable": "pivot tables",
    "slicer": "slicers",
    "timeline": "timelines",
    "control": "form controls",
    "ctrlProp": "form controls",
    "oleObject": "embedded objects",
    "package": "embedded objects",
    "image": "pictures",
    "queryTable": "query tables",
}
"""Parts of a worksheet, in words."""

_USUAL_PARTS = {
    *("drawing", "vmlDrawing", "comments", "hyperlink", "printerSettings"),
    *("threadedComment", "customProperty"),
}
_ELEMENTS = {"dataValidation": "data validations", "sparklineGroup": "sparklines"}
_SHAPES = {"sp": "text boxes or shapes", "cxnSp": "text boxes or shapes", "pic": "pictures"}
_BANDS = "MOD(ROW(),2)=1"
_COLORS = {color.strip("#") for color in (theme.PAPER, theme.SCALED, theme.BAR)}


def additions(found: ExistingWorkbook, tabs: Sequence[str], dashboards: Sequence[str]) -> list[str]:
    """Return in words what would be lost of these tabs.

    Args:
        found: The workbook.
        tabs: The titles of the tabs that a push writes.
        dashboards: Those of them that are dashboards.

    Raises:
        DestinationError: The workbook is damaged.
    """
    lost = []
    try:
        with zipfile.ZipFile(found.path) as archive:
            sheets = _sheets(archive)
            for title in (title for title in tabs if title in sheets):
                marks, is_dashboard = found.marks_of(title), title in dashboards
                sheet = _Sheet(archive, sheets[title], marks, is_dashboard=is_dashboard)
                if kinds := sorted({*sheet.additions()}):
                    lost.append(f"{', '.join(kinds)} in the tab {title}")
            return [*lost, *_of_the_workbook(archive)]
    except (zipfile.BadZipFile, ET.ParseError, KeyError, ValueError, StopIteration) as error:
        raise unreadable(found.path) from error


def _of_the_workbook(archive: zipfile.ZipFile) -> Iterator[str]:
    """Yield what belongs to no worksheet."""
    names = [
        name
        for each in _root(archive, "xl/workbook.xml").iter()
        if _kind(each) == "definedName"
        and each.get("hidden") not in {"1", "true"}
        # Excel and LibreOffice name filters and areas to be printed.
        and not (name := each.get("name", "")).startswith(("_xl", "Excel_BuiltIn"))
    ]
    if names:
        yield f"the defined name{'s' if len(names) > 1 else ''} {', '.join(dict.fromkeys(names))}"
    kinds = {kind for kind, _, _ in _relations(archive, "xl/workbook.xml")}
    if "externalLink" in kinds:
        yield "links to other workbooks"
    if "connections" in kinds:
        yield "connections to data"


class _Sheet:
    """One worksheet."""

    def __init__(
        self, archive: zipfile.ZipFile, part: str, marks: OwnMarks | None, *, is_dashboard: bool
    ) -> None:
        self._archive = archive
        self._part = part
        self._marks = marks
        self._is_dashboard = is_dashboard

    def additions(self) -> Iterator[str]:
        """Yield what would be lost."""
        with self._archive.open(self._part) as file:
            for _, element in ET.iterparse(file):  # noqa: S314 - openpyxl reads it as well
                yield from self._of_element(element)
                if _kind(element) in {"row", "conditionalFormatting"}:
                    element.clear()
        for kind, target, _ in _relations(self._archive, self._part):
            if kind == "drawing":
                yield from self._of_drawing(target)
            elif kind == "comments" and self._is_dashboard:
                yield "notes"
            elif kind not in _USUAL_PARTS:
                yield _KINDS.get(kind, f"parts of the kind {kind}")

    def _of_element(self, element: ET.Element) -> Iterator[str]:
        kind = _kind(element)
        if kind in _ELEMENTS:
            yield _ELEMENTS[kind]
        elif kind == "f":
            yield from _of_formula(element)
        elif kind == "cfRule":
            if not self._is_own_rule(element):
                yield "conditional formats"
        elif not self._is_dashboard:
            if kind == "mergeCell":
                yield "merged cells"
        elif kind == "hyperlink":
            yield "links"
        elif kind == "c" and len(element) and not self._is_own_cell(element):
            yield "cells"

    def _is_own_cell(self, cell: ET.Element) -> bool:
        return not self._marks or cell.get("r") in self._marks.cells

    def _is_own_rule(self, rule: ET.Element) -> bool:
        """Whether a conditional format is one of refsync's."""
        formulas = ["".join(each.itertext()) for each in rule if _kind(each) in {"formula", "f"}]
        colors = {
            each.get("rgb", "")[-6:].upper() for each in rule.iter() if _kind(each) == "color"
        }
        match rule.get("type"):
            case "expression":
                return [formula.replace(" ", "") for formula in formulas] == [_BANDS]
            case "colorScale" | "dataBar":
                return colors <= _COLORS  # of a bar there are two rules, one without a colour
            case "cellIs":
                return self._is_dashboard and formulas == ["0"]
        return False

    def _of_drawing(self, part: str) -> Iterator[str]:
        targets = {id_: target for _, target, id_ in _relations(self._archive, part)}
        charts: Counter[str] = Counter()
        for element in _root(self._archive, part).iter():
            kind = _kind(element)
            if kind in _SHAPES:
                yield _SHAPES[kind]
            elif kind == "graphicData":
                ids = [value for each in element for name, value in each.items() if _is_id(name)]
                title = _chart_title(self._archive, targets.get(ids[0])) if ids else None
                if title is None:
                    yield "text boxes or shapes"
                else:
                    charts[mark(title)] += 1
        if self._marks and charts - Counter(self._marks.charts):
            yield "charts"


def _of_formula(formula: ET.Element) -> Iterator[str]:
    if formula.get("t") == "dataTable":
        yield "what-if data tables"
    elif formula.get("t") == "array" and ":" in formula.get("ref", ""):
        yield "array formulas over several cells"


def _chart_title(archive: zipfile.ZipFile, part: str | None) -> str | None:
    """Return the title of a chart; `None` if the part is no chart."""
    root = _root(archive, part) if part else None
    if root is None or _kind(root) != "chartSpace":
        return None
    title = next((each for each in root.iter() if _kind(each) in {"title", "plotArea"}), None)
    if title is None or _kind(title) == "plotArea":  # the titles of axes are in there
        return ""
    return "".join(each.text or "" for each in title.iter() if _kind(each) in {"t", "v"})


def _sheets(archive: zipfile.ZipFile) -> dict[str, str]:
    """Return the parts of the worksheets by their titles."""
    parts = {id_: target for _, target, id_ in _relations(archive, "xl/workbook.xml")}
    sheets = {}
    for each in _root(archive, "xl/workbook.xml").iter():
        if _kind(each) == "sheet":
            id_ = next(value for name, value in each.items() if _is_id(name))
            sheets[each.get("name", "")] = parts[id_]
    return sheets


def _relations(archive: zipfile.ZipFile, part: str) -> Iterator[tuple[str, str, str]]:
    """Yield the kind, the part and the id of what belongs to a part."""
    folder, _, name = part.rpartition("/")
    rels = f"{folder}/_rels/{name}.rels"
    if rels not in archive.namelist():
        return
    for each in _root(archive, rels):
        target = posixpath.normpath(posixpath.join("/", folder, each.get("Target", "")))
        yield each.get("Type", "").rpartition("/")[2], target.lstrip("/"), each.get("Id", "")


def _root(archive: zipfile.ZipFile, part: str) -> ET.Element:
    return ET.fromstring(archive.read(part))  # noqa: S314 - openpyxl reads it as well


def _kind(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2]


def _is_id(name: str) -> bool:
    return name.startswith("{") and name.endswith("}id")
