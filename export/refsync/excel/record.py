"""The existing workbook: whether refsync wrote it, and refsync's record in it.

The record is a custom property of the workbook. Excel and LibreOffice keep it when they save the
workbook, but they change the time of the last modification. The standard library is enough to read
them.
"""

from __future__ import annotations

import json
import re
import zipfile
import zlib
from dataclasses import dataclass, field
from datetime import date
from hashlib import blake2b
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

from refsync.errors import DestinationError
from refsync.excel.own_marks import OwnMarks, mark, own_marks
from refsync.worksheet.safety import Origin

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from refsync.worksheet.build import Build
    from refsync.worksheet.values import Row

PROPERTY = "refsync"
"""The custom property with the record."""

MAX_PART = 5_000_000
"""Bytes of the largest part that is read; refsync's own are far smaller."""

_CHUNK = 1 << 20
# A RuntimeError means encryption; for an unknown compression, zipfile raises a subclass of it.
_DAMAGED = (zipfile.BadZipFile, zlib.error, ValueError, KeyError, EOFError, RuntimeError)
_ROW = re.compile(rb'<row r="\d+"[^>]*>(?:<c r="A\d+"(?: s="\d+")?><v>([^<]*)</v>)?')


class NoWorkbookError(Exception):
    """A file is no workbook, or none that refsync can read."""


@dataclass(frozen=True)
class ExistingWorkbook:
    """A workbook as it was found.

    Attributes:
        path: Its path.
        titles: The titles of its tabs.
        is_ours: Whether refsync wrote it.
        is_untouched: Whether nobody has saved it since.
        origin: Where its rows came from, if the record has it.
        as_of: The as-of date of its rows, if the record has it.
        has_remarks: Whether refsync carried remarks into it.
        charts: How many charts are in it.
        has_objects: Whether there are pictures or pivot tables in it.
        marks: What refsync remembers of its worksheets, by the marks of their titles.
    """

    path: Path
    titles: tuple[str, ...]
    is_ours: bool
    is_untouched: bool
    origin: Origin | None = None
    as_of: date | None = None
    has_remarks: bool = False
    charts: int = 0
    has_objects: bool = False
    marks: Mapping[str, OwnMarks] = field(default_factory=dict)

    def marks_of(self, title: str) -> OwnMarks | None:
        """Return what refsync remembers of a worksheet."""
        return self.marks.get(mark(title))

    def rows(self, title: str) -> list[Row]:
        """Return a worksheet's rows without the header, each as its number in column A."""
        part = f"xl/worksheets/sheet{self.titles.index(title) + 1}.xml"
        try:
            with zipfile.ZipFile(self.path) as archive, archive.open(part) as file:
                rows: list[Row] = [(float(each or 1),) for each in _first_cells(file)]
        except _DAMAGED as error:
            raise DestinationError(
                f"{self.path} is damaged: move it away and push again."
            ) from error
        return rows[1:]


def record(build: Build, titles: Sequence[str], *, has_remarks: bool = False) -> str:
    """Return the record of a workbook with these tabs; it may have 255 characters."""
    origin = Origin.of(build)
    as_of = build.as_of_date.isoformat() if build.as_of_date else None
    known: dict[str, object] = {
        "origin": [".".join(origin.digests), origin.words],
        "as_of": as_of,
        "tabs": _mark(titles),
        **({"remarks": 1} if has_remarks else {}),
    }
    return json.dumps(known, ensure_ascii=False, separators=(",", ":"))


def read_workbook(path: Path) -> ExistingWorkbook:
    """Return the workbook at a path, with its record.

    Raises:
        NoWorkbookError: It is not a workbook.
        OSError: It cannot be read.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            book = _xml(archive, "xl/workbook.xml")
            core = _texts(archive, "docProps/core.xml", names)
            custom = _texts(archive, "docProps/custom.xml", names)
            authors = [
                author.text
                for name in names
                if re.fullmatch(r"xl/comments\d*\.xml", name)
                for author in _named(_xml(archive, name), "author")
            ]
    except (*_DAMAGED, ET.ParseError) as error:
        raise NoWorkbookError from error
    titles = tuple(sheet.get("name", "") for sheet in _named(book, "sheet"))
    saved_once = core.get("created") == core.get("modified") and not core.get("lastModifiedBy")
    known = _record(custom.get(PROPERTY))
    charts = sum(name.startswith("xl/charts/chart") for name in names)
    has_objects = any(name.startswith(("xl/media/", "xl/pivotTables/")) for name in names)
    if known is None:
        # An older version wrote no record, but notes.
        is_ours = saved_once and "refsync" in authors
        return ExistingWorkbook(path, titles, is_ours, saved_once)
    origin, as_of, mark, has_remarks = known
    return ExistingWorkbook(
        path,
        titles,
        is_ours=True,
        is_untouched=saved_once and mark == _mark(titles),
        origin=origin,
        as_of=as_of,
        has_remarks=has_remarks,
        charts=charts,
        has_objects=has_objects,
        marks=own_marks(custom),
    )


def _record(text: str | None) -> tuple[Origin | None, date | None, str, bool] | None:
    try:
        found = json.loads(text or "")
        digests, words = found["origin"]
        project, target, source = digests.split(".")
        origin = Origin((project, target, source), str(words))
        as_of = date.fromisoformat(found["as_of"]) if found["as_of"] else None
        known = origin if origin.is_known else None
        return known, as_of, str(found["tabs"]), bool(found.get("remarks"))
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


def _mark(titles: Sequence[str]) -> str:
    return blake2b("\0".join(titles).encode(), digest_size=3).hexdigest()


def _xml(archive: zipfile.ZipFile, name: str) -> ET.Element:
    """Return a small part of the file; a part with entities is refused."""
    with archive.open(name) as file:
        content = file.read(MAX_PART + 1)
    text = content.decode("utf-8-sig")
    if len(content) > MAX_PART or "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise ValueError(name)
    return ET.fromstring(text)  # noqa: S314 - without a document type there are no entities


def _texts(archive: zipfile.ZipFile, name: str, names: Sequence[str]) -> dict[str, str]:
    """Return the properties in a part, by name; none where there is no such part."""
    if name not in names:
        return {}
    return {
        element.get("name") or element.tag.rpartition("}")[2]: "".join(element.itertext())
        for element in _xml(archive, name)
    }


def _named(root: ET.Element, name: str) -> Iterator[ET.Element]:
    return (element for element in root.iter() if element.tag.rpartition("}")[2] == name)


def _first_cells(file: Any) -> Iterator[bytes | None]:
    """Yield the number in column A of each row; `None` for anything else."""
    text = b""
    while chunk := file.read(_CHUNK):
        text += chunk
        *rows, text = text.split(b"<row ")
        for row in rows:
            yield from _first_cell(row)
    yield from _first_cell(text)


def _first_cell(row: bytes) -> Iterator[bytes | None]:
    found = _ROW.match(b"<row " + row)
    if found:
        yield found[1]
