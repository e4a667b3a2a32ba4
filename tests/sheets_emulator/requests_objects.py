"""Requests about what lies over the cells: named ranges, protection, charts, bands, tables."""

from __future__ import annotations

from tests.sheets_emulator.a1 import Area, column_letters
from tests.sheets_emulator.batch import PROTECTED, Batch, handles, update_mask
from tests.sheets_emulator.contract import merge_masked
from tests.sheets_emulator.errors import ApiError, Json, invalid
from tests.sheets_emulator.formats import formatted
from tests.sheets_emulator.grid import OBJECT_IDS, Sheet
from tests.sheets_emulator.reading import public
from tests.sheets_emulator.structure import normalised

Place = tuple[list[Json], int]
"""Where an object is kept: the list of its sheet, and its index in it."""


def find_object(batch: Batch, kind: str, object_id: int | str, name: str) -> Place:
    """The place of an object.

    Raises:
        ApiError: There is none with that id.
    """
    key = OBJECT_IDS.get(kind, "tableId")
    for sheet, index, item in batch.book.objects(kind):
        if item[key] == object_id:
            return sheet.objects[kind], index
    raise invalid(f"No {name} with id: {object_id}")


def with_id(batch: Batch, kind: str, item: Json) -> Json:
    """A new object with the id it asks for, or a fresh one.

    Raises:
        ApiError: Another object has that id.
    """
    key = OBJECT_IDS[kind]
    if key not in item:
        return {key: batch.book.new_id(), **item}
    if any(other[key] == item[key] for _, _, other in batch.book.objects(kind)):
        raise invalid(f"An object with {key} {item[key]} already exists.")
    return item


def pinned(batch: Batch, item: Json) -> tuple[Json, Sheet]:
    """An object with its range checked, and the sheet it lies on."""
    if "range" not in item:
        raise invalid("Must specify a range.")
    area = batch.book.area(item["range"])
    return item, batch.sheet(area)


# --- named ranges -----------------------------------------------------------------------------


def _check_name(batch: Batch, item: Json) -> None:
    name = item.get("name", "")
    if not name or not (name[0].isalpha() or name[0] == "_") or " " in name or "!" in name:
        raise invalid(f"Invalid range name: {name}")
    for other in batch.book.named_ranges:
        same_name = other["name"].casefold() == name.casefold()
        if same_name and other["namedRangeId"] != item["namedRangeId"]:
            raise invalid(f"A named range with the name '{name}' already exists.")


@handles("addNamedRange")
def _add_named_range(batch: Batch, request: Json) -> Json:
    item, _ = pinned(batch, normalised(request.get("namedRange", {})))
    item = {"namedRangeId": str(batch.book.new_id()), **item}
    taken = any(other["namedRangeId"] == item["namedRangeId"] for other in batch.book.named_ranges)
    if taken:
        raise invalid(f"A named range with id {item['namedRangeId']} already exists.")
    _check_name(batch, item)
    batch.book.named_ranges.append(item)
    return {"namedRange": public(item)}


def _named_range(batch: Batch, named_range_id: str) -> int:
    for index, item in enumerate(batch.book.named_ranges):
        if item["namedRangeId"] == named_range_id:
            return index
    raise invalid(f"No named range with id: {named_range_id}")


@handles("updateNamedRange")
def _update_named_range(batch: Batch, request: Json) -> None:
    mask = update_mask(request, "NamedRange")
    wanted = normalised(request.get("namedRange", {}))
    index = _named_range(batch, wanted.get("namedRangeId", ""))
    old = batch.book.named_ranges[index]
    merged = {**merge_masked(old, wanted, mask), "namedRangeId": old["namedRangeId"]}
    pinned(batch, merged)
    _check_name(batch, merged)
    batch.book.named_ranges[index] = merged


@handles("deleteNamedRange")
def _delete_named_range(batch: Batch, request: Json) -> None:
    del batch.book.named_ranges[_named_range(batch, request.get("namedRangeId", ""))]


# --- protected ranges -------------------------------------------------------------------------


@handles("addProtectedRange")
def _add_protected_range(batch: Batch, request: Json) -> Json:
    """Whoever protects a range may edit it; the reply does not say so yet, as at Google."""
    wanted = normalised(request.get("protectedRange", {}))
    if "namedRangeId" in wanted:
        index = _named_range(batch, wanted["namedRangeId"])
        wanted.setdefault("range", batch.book.named_ranges[index]["range"])
    item, sheet = pinned(batch, with_id(batch, "protectedRanges", wanted))
    item.pop("requestingUserCanEdit", None)
    reply = {
        **{name: value for name, value in item.items() if value is not False},
        "requestingUserCanEdit": True,
        "editors": {name: who for name, who in item.get("editors", {}).items() if who},
    }
    sheet.objects["protectedRanges"].append(_with_editor(batch, item))
    return {"protectedRange": public(reply)}


def _with_editor(batch: Batch, item: Json) -> Json:
    if item.get("warningOnly"):
        return {name: value for name, value in item.items() if name != "editors"}
    editors = {name: who for name, who in item.get("editors", {}).items() if who}
    users = list(editors.get("users", []))
    if batch.editor.email not in users:
        users.append(batch.editor.email)
    return {**item, "editors": {**editors, "users": users}}


@handles("updateProtectedRange")
def _update_protected_range(batch: Batch, request: Json) -> None:
    mask = update_mask(request, "ProtectedRange")
    wanted = normalised(request.get("protectedRange", {}))
    protected_id = wanted.get("protectedRangeId", 0)
    items, index = find_object(batch, "protectedRanges", protected_id, "protected range")
    if not batch.editor.may_edit(items[index]):
        raise invalid(PROTECTED)
    merged = {**merge_masked(items[index], wanted, mask), "protectedRangeId": protected_id}
    del items[index]
    item, sheet = pinned(batch, merged)
    sheet.objects["protectedRanges"].insert(index, _with_editor(batch, item))


@handles("deleteProtectedRange")
def _delete_protected_range(batch: Batch, request: Json) -> None:
    protected_id = request.get("protectedRangeId", 0)
    items, index = find_object(batch, "protectedRanges", protected_id, "protected range")
    if not batch.editor.may_edit(items[index]):
        raise invalid(PROTECTED)
    del items[index]


# --- charts -----------------------------------------------------------------------------------


@handles("addChart")
def _add_chart(batch: Batch, request: Json) -> Json:
    chart = with_id(batch, "charts", normalised(request.get("chart", {})))
    if "spec" not in chart:
        raise invalid("A chart must have a spec.")
    position = chart.get("position", {})
    if "overlayPosition" not in position:
        raise ApiError(501, "The Sheets emulator only knows charts that lie over cells.")
    anchor = {"sheetId": 0, **position["overlayPosition"].get("anchorCell", {})}
    sheet = batch.book.sheet(anchor["sheetId"], kind="grid")
    size = {"widthPixels": 600, "heightPixels": 371, **position["overlayPosition"]}
    chart["position"] = {"overlayPosition": {**size, "anchorCell": anchor}}
    sheet.objects["charts"].append(chart)
    return {"chart": public(chart)}


@handles("updateChartSpec")
def _update_chart_spec(batch: Batch, request: Json) -> None:
    charts, index = find_object(batch, "charts", request.get("chartId", 0), "chart")
    if "spec" not in request:
        raise invalid("A chart must have a spec.")
    charts[index] = {**charts[index], "spec": normalised(request["spec"])}


@handles("updateEmbeddedObjectPosition")
def _update_embedded_object_position(batch: Batch, request: Json) -> Json:
    mask = update_mask({"fields": request.get("fields", "")}, "OverlayPosition")
    charts, index = find_object(batch, "charts", request.get("objectId", 0), "embedded object")
    chart = charts[index]
    wanted = normalised(request.get("newPosition", {}))
    overlay = merge_masked(
        chart["position"]["overlayPosition"], wanted.get("overlayPosition", {}), mask
    )
    anchor = {"sheetId": 0, **overlay.get("anchorCell", {})}
    moved = {**chart, "position": {"overlayPosition": {**overlay, "anchorCell": anchor}}}
    del charts[index]
    batch.book.sheet(anchor["sheetId"], kind="grid").objects["charts"].append(moved)
    return {"position": public(moved["position"])}


@handles("deleteEmbeddedObject")
def _delete_embedded_object(batch: Batch, request: Json) -> None:
    charts, index = find_object(batch, "charts", request.get("objectId", 0), "embedded object")
    del charts[index]


# --- conditional formats ----------------------------------------------------------------------


def _rule_sheet(batch: Batch, rule: Json) -> Sheet:
    sheets = {batch.book.area(item).sheet_id for item in rule.get("ranges", [])}
    if len(sheets) != 1:
        raise invalid("A conditional format rule must have ranges, all on one sheet.")
    if ("booleanRule" in rule) == ("gradientRule" in rule):
        raise invalid("A conditional format rule must have exactly one kind of rule.")
    return batch.book.sheet(sheets.pop())


def _rule_at(sheet: Sheet, index: int) -> list[Json]:
    rules = sheet.objects["conditionalFormats"]
    if not 0 <= index < len(rules):
        raise invalid(f"No conditional format on sheet: {sheet.id} at index: {index}")
    return rules


@handles("addConditionalFormatRule")
def _add_conditional_format_rule(batch: Batch, request: Json) -> None:
    rule = normalised(request.get("rule", {}))
    rules = _rule_sheet(batch, rule).objects["conditionalFormats"]
    index = request.get("index", 0)
    if not 0 <= index <= len(rules):
        raise invalid(f"index[{index}] must be between 0 and {len(rules)}.")
    rules.insert(index, rule)


@handles("updateConditionalFormatRule")
def _update_conditional_format_rule(batch: Batch, request: Json) -> Json:
    index = request.get("index", 0)
    if "rule" in request:
        rule = normalised(request["rule"])
        rules = _rule_at(_rule_sheet(batch, rule), index)
        old, rules[index] = rules[index], rule
        return {"oldRule": public(old), "newRule": public(rule), "newIndex": index}
    rules = _rule_at(batch.book.sheet(request.get("sheetId", 0)), index)
    new_index = request.get("newIndex", 0)
    if not 0 <= new_index < len(rules):
        raise invalid(f"newIndex[{new_index}] must be between 0 and {len(rules) - 1}.")
    rule = rules.pop(index)
    rules.insert(new_index, rule)
    return {"oldIndex": index, "newIndex": new_index, "newRule": public(rule)}


@handles("deleteConditionalFormatRule")
def _delete_conditional_format_rule(batch: Batch, request: Json) -> Json:
    index = request.get("index", 0)
    rules = _rule_at(batch.book.sheet(request.get("sheetId", 0)), index)
    return {"rule": public(rules.pop(index))}


# --- banding ----------------------------------------------------------------------------------


def _check_bands(batch: Batch, area: Area, sheet: Sheet, own: int | None = None) -> None:
    for kind in ("bandedRanges", "tables"):
        for item in sheet.objects[kind]:
            is_own = own is not None and item.get("bandedRangeId") == own
            if not is_own and batch.book.area(item["range"]).overlaps(area):
                raise invalid(
                    "You cannot add alternating background colors to a range that already has "
                    "alternating background colors."
                )


@handles("addBanding")
def _add_banding(batch: Batch, request: Json) -> Json:
    wanted = normalised(request.get("bandedRange", {}))
    item, sheet = pinned(batch, with_id(batch, "bandedRanges", wanted))
    if "rowProperties" not in item and "columnProperties" not in item:
        raise invalid("Must specify rowProperties or columnProperties.")
    area = batch.editable(batch.book.area(item["range"]))
    _check_bands(batch, area, sheet)
    item["range"] = area.grid_range()
    sheet.objects["bandedRanges"].append(item)
    return {"bandedRange": public(item)}


@handles("updateBanding")
def _update_banding(batch: Batch, request: Json) -> None:
    mask = update_mask(request, "BandedRange")
    wanted = normalised(request.get("bandedRange", {}))
    banding_id = wanted.get("bandedRangeId", 0)
    items, index = find_object(batch, "bandedRanges", banding_id, "banded range")
    merged = {**merge_masked(items[index], wanted, mask), "bandedRangeId": banding_id}
    item, sheet = pinned(batch, merged)
    _check_bands(batch, batch.book.area(item["range"]), sheet, own=banding_id)
    items[index] = item


@handles("deleteBanding")
def _delete_banding(batch: Batch, request: Json) -> None:
    banding_id = request.get("bandedRangeId", 0)
    items, index = find_object(batch, "bandedRanges", banding_id, "banded range")
    del items[index]


# --- tables -----------------------------------------------------------------------------------


@handles("addTable")
def _add_table(batch: Batch, request: Json) -> Json:
    item, sheet = pinned(batch, normalised(request.get("table", {})))
    area = batch.editable(batch.book.area(item["range"]))
    _check_table(batch, sheet, area, item)
    existing = [other for _, _, other in batch.book.objects("tables")]
    item.setdefault("tableId", str(batch.book.new_id()))
    item.setdefault("name", f"Table{len(existing) + 1}")
    for other in existing:
        if other["tableId"] == item["tableId"]:
            raise invalid(f"A table with id {item['tableId']} already exists.")
        if other["name"].casefold() == item["name"].casefold():
            raise invalid(f"A table with the name {item['name']} already exists.")
    item["range"] = area.grid_range()
    item["columnProperties"] = _columns(batch, sheet, area, item.get("columnProperties", []))
    sheet.objects["tables"].append(item)
    return {"table": public(item)}


def _check_table(batch: Batch, sheet: Sheet, area: Area, item: Json) -> None:
    for other in sheet.objects["tables"]:
        same = other["tableId"] == item.get("tableId")
        if not same and batch.book.area(other["range"]).overlaps(area):
            raise invalid("Tables cannot overlap each other.")
    for banding in sheet.objects["bandedRanges"]:
        if batch.book.area(banding["range"]).overlaps(area):
            raise invalid("A table cannot overlap a range with alternating colors.")
    for merge in sheet.objects["merges"]:
        if batch.book.area(merge).overlaps(area):
            raise invalid("A table cannot contain merged cells.")


def _columns(batch: Batch, sheet: Sheet, area: Area, wanted: list[Json]) -> list[Json]:
    """A table's columns in full: names from its header row, no type unless one is given."""
    given = {column.get("columnIndex", 0): column for column in wanted}
    columns = []
    for offset in range(area.width):
        result = batch.result(sheet, area.top, area.left + offset)
        name = formatted(result, None) or f"Column {column_letters(offset)}"
        columns.append({"columnIndex": offset, "columnName": name, **given.get(offset, {})})
    return columns


@handles("updateTable")
def _update_table(batch: Batch, request: Json) -> None:
    mask = update_mask(request, "Table")
    wanted = normalised(request.get("table", {}))
    items, index = find_object(batch, "tables", wanted.get("tableId", ""), "table")
    old = items[index]
    item, sheet = pinned(batch, {**merge_masked(old, wanted, mask), "tableId": old["tableId"]})
    area = batch.editable(batch.book.area(item["range"]))
    _check_table(batch, sheet, area, item)
    item["columnProperties"] = _columns(batch, sheet, area, item.get("columnProperties", []))
    items[index] = item


@handles("deleteTable")
def _delete_table(batch: Batch, request: Json) -> None:
    """A table goes with its contents; it is deleteBanding that leaves them, Google's guide says."""
    items, index = find_object(batch, "tables", request.get("tableId", ""), "table")
    area = batch.editable(batch.book.area(items[index]["range"]))
    sheet = batch.sheet(area)
    del items[index]
    for row in list(sheet.filled_rows(area)):
        cells = sheet.rows[row]
        sheet.set_row(row, {c: x for c, x in cells.items() if not area.left <= c < area.right})


# --- groups of rows and columns ---------------------------------------------------------------


def _groups(batch: Batch, dimension_range: Json) -> tuple[list[Json], Json]:
    wanted = {"sheetId": 0, "startIndex": 0, **dimension_range}
    sheet = batch.book.sheet(wanted["sheetId"], kind="grid")
    rows = wanted.get("dimension") == "ROWS"
    if wanted["startIndex"] >= wanted.get("endIndex", 0):
        raise invalid("A dimension group must have at least one row or column.")
    return sheet.objects["rowGroups" if rows else "columnGroups"], wanted


@handles("addDimensionGroup")
def _add_dimension_group(batch: Batch, request: Json) -> Json:
    groups, wanted = _groups(batch, request.get("range", {}))
    depth = 1 + max((g["depth"] for g in groups if _within(wanted, g["range"])), default=0)
    groups.append({"range": wanted, "depth": depth})
    return {"dimensionGroups": public(groups)}


def _within(inner: Json, outer: Json) -> bool:
    starts_inside = outer["startIndex"] <= inner["startIndex"]
    return bool(starts_inside and inner["endIndex"] <= outer["endIndex"])


@handles("deleteDimensionGroup")
def _delete_dimension_group(batch: Batch, request: Json) -> Json:
    """Takes a range out of the deepest group around it."""
    groups, wanted = _groups(batch, request.get("range", {}))
    around = [group for group in groups if _within(wanted, group["range"])]
    if not around:
        raise invalid("There is no dimension group over the range.")
    group = max(around, key=lambda item: int(item["depth"]))
    groups.remove(group)
    outer = group["range"]
    for start, end in (
        (outer["startIndex"], wanted["startIndex"]),
        (wanted["endIndex"], outer["endIndex"]),
    ):
        if start < end:
            groups.append({**group, "range": {**outer, "startIndex": start, "endIndex": end}})
    return {"dimensionGroups": public(groups)} if groups else {}


@handles("updateDimensionGroup")
def _update_dimension_group(batch: Batch, request: Json) -> None:
    mask = update_mask(request, "DimensionGroup")
    wanted = request.get("dimensionGroup", {})
    groups, place = _groups(batch, wanted.get("range", {}))
    for index, group in enumerate(groups):
        if group["range"] == place and group["depth"] == wanted.get("depth", 1):
            groups[index] = {**group, **merge_masked(group, wanted, mask), "range": place}
            return
    raise invalid("There is no dimension group with the given range and depth.")


# --- slicers ----------------------------------------------------------------------------------


@handles("addSlicer")
def _add_slicer(batch: Batch, request: Json) -> Json:
    """Keeps a slicer; it hides nothing here."""
    item = with_id(batch, "slicers", normalised(request.get("slicer", {})))
    area = batch.editable(batch.book.area(item["spec"]["dataRange"]))
    batch.sheet(area).objects["slicers"].append(item)
    return {"slicer": public(item)}
