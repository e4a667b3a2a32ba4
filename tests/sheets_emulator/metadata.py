"""Developer metadata: creating it, finding it, and what a DataFilter selects."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.sheets_emulator.a1 import Bounds
from tests.sheets_emulator.errors import Json, invalid

if TYPE_CHECKING:
    from tests.sheets_emulator.grid import Sheet, Spreadsheet


def created_metadata(book: Spreadsheet, wanted: Json) -> Json:
    """A new metadata item, complete with id and location type.

    Raises:
        ApiError: Its id is taken, or a required part is missing.
    """
    if not wanted.get("metadataKey"):
        raise invalid("Developer metadata must have a metadataKey.")
    if wanted.get("visibility") in (None, "DEVELOPER_METADATA_VISIBILITY_UNSPECIFIED"):
        raise invalid("Developer metadata must have a visibility.")
    metadata_id = wanted.get("metadataId")
    if metadata_id is None:
        metadata_id = book.new_id()
    elif any(item["metadataId"] == metadata_id for item in book.metadata):
        raise invalid(
            f"Cannot add developer metadata with ID [{metadata_id}] because developer metadata "
            "with that ID already exists."
        )
    item = {
        "metadataId": metadata_id,
        "metadataKey": wanted["metadataKey"],
        "metadataValue": wanted.get("metadataValue", ""),
        "location": _location(book, wanted.get("location", {})),
        "visibility": wanted["visibility"],
    }
    return {name: value for name, value in item.items() if value != ""}


def _location(book: Spreadsheet, wanted: Json) -> Json:
    places = {"spreadsheet", "sheetId", "dimensionRange"} & wanted.keys()
    if len(places) != 1:
        raise invalid("Developer metadata must have exactly one location.")
    if "spreadsheet" in wanted:
        if not wanted["spreadsheet"]:
            raise invalid("Developer metadata must have exactly one location.")
        return {"locationType": "SPREADSHEET", "spreadsheet": True}
    if "sheetId" in wanted:
        book.sheet(wanted["sheetId"])
        return {"locationType": "SHEET", "sheetId": wanted["sheetId"]}
    dimension = {"sheetId": 0, **wanted["dimensionRange"]}
    book.sheet(dimension["sheetId"])
    if dimension.get("endIndex", 0) - dimension.get("startIndex", 0) != 1:
        raise invalid("Developer metadata can only be attached to a single row or column.")
    return {"locationType": dimension["dimension"][:-1], "dimensionRange": dimension}


def metadata_characters(book: Spreadsheet) -> int:
    """Characters of all keys and values, which Google limits to 30 000 a spreadsheet."""
    return sum(
        len(item["metadataKey"]) + len(item.get("metadataValue", "")) for item in book.metadata
    )


def matches(book: Spreadsheet, item: Json, data_filters: list[Json]) -> bool:
    """Whether any of the filters selects a metadata item."""
    return any(_matches_one(book, item, data_filter) for data_filter in data_filters)


def _matches_one(book: Spreadsheet, item: Json, data_filter: Json) -> bool:
    lookup = data_filter.get("developerMetadataLookup")
    if lookup is None:
        return _inside(book, item, data_filter)
    location = item["location"]
    for name in ("metadataId", "metadataKey", "metadataValue", "visibility"):
        if name in lookup and lookup[name] != item.get(name):
            return False
    if lookup.get("locationType") not in (None, location["locationType"]):
        return False
    wanted = lookup.get("metadataLocation")
    if wanted is None:
        return True
    if lookup.get("locationMatchingStrategy") == "INTERSECTING_LOCATION":
        return bool(wanted.get("spreadsheet")) or _sheet_of(wanted) == _sheet_of(location)
    return all(location.get(name) == value for name, value in wanted.items())


def _sheet_of(location: Json) -> int | None:
    if "dimensionRange" in location:
        return int(location["dimensionRange"].get("sheetId", 0))
    found = location.get("sheetId")
    return None if found is None else int(found)


def _inside(book: Spreadsheet, item: Json, data_filter: Json) -> bool:
    """Whether an item's location lies within a range."""
    sheet, bounds = bounds_of_filter(book, data_filter)
    if _sheet_of(item["location"]) != sheet.id:
        return False
    dimension = item["location"].get("dimensionRange")
    if dimension is None:
        return bounds == Bounds(None, None, None, None)
    area = sheet.clamp(bounds)
    low, high = (
        (area.top, area.bottom) if dimension["dimension"] == "ROWS" else (area.left, area.right)
    )
    return bool(low <= dimension.get("startIndex", 0) and dimension["endIndex"] <= high)


def bounds_of_filter(book: Spreadsheet, data_filter: Json) -> tuple[Sheet, Bounds]:
    """The range that an `a1Range` or a `gridRange` filter stands for."""
    if "a1Range" in data_filter:
        return book.resolve(data_filter["a1Range"])
    if "gridRange" in data_filter:
        return book.bounds_of(data_filter["gridRange"])
    raise invalid("Must specify a data filter.")


def ranges_of_filter(book: Spreadsheet, data_filter: Json) -> list[tuple[Sheet, Bounds]]:
    """The ranges that a DataFilter selects; a metadata lookup selects where the metadata is."""
    if "developerMetadataLookup" not in data_filter:
        return [bounds_of_filter(book, data_filter)]
    everything = Bounds(None, None, None, None)
    ranges: list[tuple[Sheet, Bounds]] = []
    for item in book.metadata:
        if not matches(book, item, [data_filter]):
            continue
        location = item["location"]
        if "spreadsheet" in location:
            ranges.extend((sheet, everything) for sheet in book.sheets)
        elif "sheetId" in location:
            ranges.append((book.sheet(location["sheetId"]), everything))
        else:
            dimension = location["dimensionRange"]
            start, end = dimension.get("startIndex", 0), dimension["endIndex"]
            rows = dimension["dimension"] == "ROWS"
            bounds = Bounds(start, None, end, None) if rows else Bounds(None, start, None, end)
            ranges.append((book.sheet(dimension["sheetId"]), bounds))
    return ranges
