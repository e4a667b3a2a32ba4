"""A spreadsheet as it was read: its tabs, refsync's own records in it, and the managed cells."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field, replace
from datetime import date
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from refsync.google_sheets.cell_values import key_of_entered, key_of_rendered
from refsync.worksheet.area import Area
from refsync.worksheet.safety import Origin

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from refsync.worksheet.values import Key, Row

GENERATION_KEY = "refsync_generation"
STATE_KEY = "refsync_state"

FIRST_GENERATION = 1_900_000_000
"""Generation n is the developer metadata with this id + n: Google refuses an id that is taken."""

MOST_GENERATIONS = 10_000_000

STAGING_TITLE = re.compile(r"_refsync_stage_(?P<generation>\d+)_[0-9a-f]+")
"""A hidden tab that a push too big for one request fills first: its generation, and its run."""


def staging_title(generation: int, run: str) -> str:
    """Return the title of the staging tab for one run's commit of a generation."""
    return f"_refsync_stage_{generation}_{run}"


STRUCTURE_FIELDS = (
    "spreadsheetId,spreadsheetUrl,developerMetadata(metadataId,metadataKey,metadataValue),"
    "sheets(properties(sheetId,title,sheetType,hidden,"
    "gridProperties(rowCount,columnCount,frozenRowCount)),basicFilter,merges,"
    "protectedRanges(protectedRangeId,range,description,requestingUserCanEdit,warningOnly,"
    "unprotectedRanges),tables(tableId,name,range),bandedRanges(bandedRangeId,range))"
)
"""The field mask of the first read (`spreadsheets.get`)."""

CELL_FIELDS = (
    "sheets(properties(sheetId),data(startRow,startColumn,rowData(values(userEnteredValue))))"
)
"""The field mask under which cells are read with their `userEnteredValue`."""


@dataclass(frozen=True)
class Tab:
    """One tab of the spreadsheet.

    Attributes:
        sheet_id: Its id; 0 is a usual one.
        title: Its title.
        rows: Height of its grid; 0 for a tab that is no grid, like a chart's own.
        columns: Width of its grid.
        frozen_rows: Rows frozen at the top.
        basic_filter: Its `BasicFilter` as read, or `None`.
        merges: The merged areas.
        protected: Areas that refsync may not edit, with their descriptions.
        tables: Its typed tables (`Table`) as read.
        bands: Its `BandedRange`s, without their colours.
        header: The first row's values, as wide as the grid or shorter.
        cells: The rows of the columns that refsync manages or is to manage.
    """

    sheet_id: int
    title: str
    rows: int
    columns: int
    frozen_rows: int = 0
    basic_filter: Mapping[str, Any] | None = None
    merges: tuple[Area, ...] = ()
    protected: tuple[Protection, ...] = ()
    tables: tuple[Mapping[str, Any], ...] = ()
    bands: tuple[Mapping[str, Any], ...] = ()
    header: Row = ()
    cells: tuple[Row, ...] = field(default=(), repr=False)

    def grid(self, width: int) -> tuple[Row, ...]:
        """Return `cells`, every row exactly `width` wide, blank rows at the end left off."""
        rows = [row[:width] + (None,) * (width - len(row)) for row in self.cells]
        while rows and not any(value is not None for value in rows[-1]):
            rows.pop()
        return tuple(rows)


@dataclass(frozen=True)
class Protection:
    """An area whose protection keeps refsync out, except for the areas `open` in it."""

    area: Area
    description: str
    open: tuple[Area, ...] = ()


@dataclass(frozen=True)
class Managed:
    """What the state record says of one worksheet.

    Attributes:
        sheet_id: Its tab's id.
        marks: A mark for each header.
        origin: Where its rows came from; `None` in the records of older versions.
        as_of: The as-of date of the last push that wrote anything, where that is known. It alone is
            no reason to write.
    """

    sheet_id: int
    marks: tuple[str, ...]
    origin: Origin | None = None
    as_of: date | None = field(default=None, compare=False)


def header_mark(header: Key) -> str:
    """Return four hexadecimal digits for a header, to keep the state record small."""
    return blake2b(str(header).encode(), digest_size=2).hexdigest()


@dataclass(frozen=True)
class Spreadsheet:
    """A spreadsheet as it was read, with refsync's records.

    Attributes:
        spreadsheet_id: Its id.
        url: Its address for people.
        tabs: All tabs, in their order.
        generation: The newest generation; 0 where refsync never was.
        guards: Generation → id of the run that committed it, for the last ones.
        managed: Worksheet → what is known of its tab, from the newest state record.
        state_ids: Metadata ids of all state records, which the next commit replaces.
    """

    spreadsheet_id: str
    url: str
    tabs: tuple[Tab, ...]
    generation: int
    guards: Mapping[int, str]
    managed: Mapping[str, Managed]
    state_ids: tuple[int, ...]

    def with_tabs(self, tabs: Mapping[int, Tab]) -> Spreadsheet:
        """Return the same with some tabs, by sheet id, replaced."""
        return replace(self, tabs=tuple(tabs.get(tab.sheet_id, tab) for tab in self.tabs))


def spreadsheet_from_json(answer: Mapping[str, Any]) -> Spreadsheet:
    """Return the spreadsheet of a `spreadsheets.get` answer, without any cells yet."""
    generation = 0
    guards: dict[int, str] = {}
    states: list[tuple[int, Mapping[str, Managed]]] = []
    state_ids: list[int] = []
    for item in answer.get("developerMetadata", ()):
        key, number = item.get("metadataKey"), item.get("metadataId", 0) - FIRST_GENERATION
        if key == STATE_KEY:
            state_ids.append(item["metadataId"])
            states.append(_state(item.get("metadataValue", "")))
        elif 0 < number < MOST_GENERATIONS:
            # Whatever its key, an id in this range is taken, so the next generation is above it.
            generation = max(generation, number)
            if key == GENERATION_KEY:
                guards[number] = item.get("metadataValue", "")
    return Spreadsheet(
        spreadsheet_id=answer["spreadsheetId"],
        url=answer.get("spreadsheetUrl", ""),
        tabs=tuple(_tab(sheet) for sheet in answer.get("sheets", ())),
        generation=generation,
        guards=guards,
        managed=max(states, key=lambda state: state[0], default=(0, {}))[1],
        state_ids=tuple(state_ids),
    )


def _state(text: str) -> tuple[int, Mapping[str, Managed]]:
    """Return (generation, managed tabs); nothing where the record is not one of refsync's."""
    try:
        record = json.loads(text)
        managed = {
            worksheet: Managed(int(sheet_id), tuple(re.findall("[0-9a-f]{4}", marks)))
            for worksheet, (sheet_id, marks) in record["tabs"].items()
        }
        generation = int(record["generation"])
    except (ValueError, TypeError, KeyError, AttributeError):
        return 0, {}
    try:
        origins = [Origin(_three(digests), words) for digests, words in record["origins"]]
        for worksheet, (index, as_of) in zip(managed, record["pushed"], strict=True):
            managed[worksheet] = replace(
                managed[worksheet],
                origin=None if index is None else origins[index],
                as_of=None if as_of is None else date.fromisoformat(as_of),
            )
    except (ValueError, TypeError, KeyError, IndexError):
        pass  # written by an older version
    return generation, managed


def _three(digests: str) -> tuple[str, str, str]:
    project, target, source = digests.split(".")
    return project, target, source


def state_text(generation: int, run: str, pushed_at: str, managed: Mapping[str, Managed]) -> str:
    """Return the state record's value, which `spreadsheet_from_json` reads again."""
    tabs = {name: (tab.sheet_id, "".join(tab.marks)) for name, tab in managed.items()}
    origins = list(dict.fromkeys(tab.origin for tab in managed.values() if tab.origin))
    record = {
        "generation": generation,
        "run": run,
        "pushed_at": pushed_at,
        "tabs": tabs,
        # Beside the tabs, in their order, since older versions read the tabs too.
        "origins": [(".".join(origin.digests), origin.words) for origin in origins],
        "pushed": [
            (
                origins.index(tab.origin) if tab.origin else None,
                tab.as_of.isoformat() if tab.as_of else None,
            )
            for tab in managed.values()
        ],
    }
    return json.dumps(record, ensure_ascii=False, separators=(",", ":"))


def _tab(sheet: Mapping[str, Any]) -> Tab:
    properties = sheet.get("properties", {})
    grid = properties.get("gridProperties", {})
    return Tab(
        sheet_id=properties.get("sheetId", 0),
        title=properties.get("title", ""),
        rows=grid.get("rowCount", 0),
        columns=grid.get("columnCount", 0),
        frozen_rows=grid.get("frozenRowCount", 0),
        basic_filter=sheet.get("basicFilter"),
        merges=tuple(Area.from_json(merge) for merge in sheet.get("merges", ())),
        protected=tuple(
            Protection(
                Area.from_json(item.get("range", {})),
                item.get("description", ""),
                tuple(Area.from_json(open_) for open_ in item.get("unprotectedRanges", ())),
            )
            for item in sheet.get("protectedRanges", ())
            if not item.get("requestingUserCanEdit") and not item.get("warningOnly")
        ),
        tables=tuple(sheet.get("tables", ())),
        bands=tuple(sheet.get("bandedRanges", ())),
    )


def rendered_cells(values: Sequence[Sequence[Any]]) -> tuple[Row, ...]:
    """Return the cells of a `ValueRange` whose values were rendered as formulas."""
    return tuple(tuple(map(key_of_rendered, row)) for row in values)


def entered_cells(data: Mapping[str, Any]) -> tuple[Row, ...]:
    """Return the cells of a `GridData` that begins at the first cell of its sheet."""
    return tuple(
        tuple(key_of_entered(cell.get("userEnteredValue")) for cell in row.get("values", ()))
        for row in data.get("rowData", ())
    )


def with_cells(tab: Tab, parts: Sequence[tuple[Row, ...]]) -> Tab:
    """Return the tab with what was read of it: its first row, and the columns refsync is after."""
    header = max((part[0] for part in parts if part), key=len, default=())
    return replace(tab, header=header, cells=max(parts, key=len, default=()))
