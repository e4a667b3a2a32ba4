"""Basic filters, filter views and sorting."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from tests.sheets_emulator.a1 import Area, format_area
from tests.sheets_emulator.batch import Batch, handles, update_mask
from tests.sheets_emulator.cells import Cell, CellError, Formula, Result
from tests.sheets_emulator.contract import merge_masked
from tests.sheets_emulator.errors import ApiError, Json, invalid
from tests.sheets_emulator.formats import formatted
from tests.sheets_emulator.formulas import translated
from tests.sheets_emulator.merging import merged_areas
from tests.sheets_emulator.reading import public
from tests.sheets_emulator.structure import normalised

if TYPE_CHECKING:
    from tests.sheets_emulator.grid import Sheet


def completed_filter(wanted: Json) -> Json:
    """A filter with its criteria both ways: as the old `criteria` map and as `filterSpecs`."""
    result: Json = normalised(wanted)
    result.setdefault("range", {"sheetId": 0})
    specs = result.get("filterSpecs") or [
        {"columnIndex": int(column), "filterCriteria": criteria}
        for column, criteria in result.get("criteria", {}).items()
    ]
    if specs:
        result["filterSpecs"] = [{"columnIndex": 0, **spec} for spec in specs]
        result["criteria"] = {
            str(spec.get("columnIndex", 0)): spec.get("filterCriteria", {}) for spec in specs
        }
    return result


@handles("setBasicFilter")
def _set_basic_filter(batch: Batch, request: Json) -> None:
    basic_filter = completed_filter(request.get("filter", {}))
    area = batch.editable(batch.book.area(basic_filter["range"]))
    sheet = batch.sheet(area)
    show_filtered_rows(sheet)
    for table in sheet.objects["tables"]:
        if batch.book.area(table["range"]).overlaps(area):
            raise invalid("You can't add a filter over a table.")
    # An open range is pinned to the grid as it is now.
    sheet.basic_filter = {**basic_filter, "range": area.grid_range()}
    data = area._replace(top=area.top + 1)
    if basic_filter.get("sortSpecs") and data.height > 0:
        sort_rows(batch, data, basic_filter["sortSpecs"])
    hide_filtered_rows(batch, sheet, data, basic_filter.get("filterSpecs", []))


def hide_filtered_rows(batch: Batch, sheet: Sheet, data: Area, specs: list[Json]) -> None:
    """Marks the rows that a filter hides, as they are now: later edits do not move them."""
    for row in range(data.top, data.bottom) if specs else ():
        for spec in specs:
            column = spec["columnIndex"]
            result = batch.result(sheet, row, column)
            shown = formatted(result, sheet.cell(row, column).format)
            if not passes(spec.get("filterCriteria", {}), result, shown):
                hidden = {**sheet.row_metadata.get(row, {}), "hiddenByFilter": True}
                sheet.row_metadata[row] = hidden
                break


def show_filtered_rows(sheet: Sheet) -> None:
    """Takes every filter mark off a sheet's rows."""
    for row, item in list(sheet.row_metadata.items()):
        if "hiddenByFilter" in item:
            sheet.row_metadata[row] = {k: v for k, v in item.items() if k != "hiddenByFilter"}
            if not sheet.row_metadata[row]:
                del sheet.row_metadata[row]


def passes(criteria: Json, result: Result, shown: str) -> bool:
    """Whether a filter's criteria let a cell's row be seen."""
    if shown in criteria.get("hiddenValues", []):
        return False
    condition = criteria.get("condition")
    return condition is None or _holds(condition, result, shown)


def _holds(condition: Json, result: Result, shown: str) -> bool:
    kind = condition.get("type", "")
    arguments = [item.get("userEnteredValue", "") for item in condition.get("values", [])]
    text = shown.casefold()
    if kind in ("BLANK", "NOT_BLANK"):
        return (not shown) is (kind == "BLANK")
    if kind.startswith("TEXT_") and len(arguments) == 1:
        wanted = arguments[0].casefold()
        tests: dict[str, bool] = {
            "TEXT_CONTAINS": wanted in text,
            "TEXT_NOT_CONTAINS": wanted not in text,
            "TEXT_STARTS_WITH": text.startswith(wanted),
            "TEXT_ENDS_WITH": text.endswith(wanted),
            "TEXT_EQ": text == wanted,
            "TEXT_NOT_EQ": text != wanted,
        }
        if kind in tests:
            return tests[kind]
    if kind.startswith("NUMBER_"):
        return _number_holds(kind, result, [float(argument) for argument in arguments])
    raise ApiError(501, f"The Sheets emulator does not know the filter condition {kind}.")


def _number_holds(kind: str, result: Result, arguments: list[float]) -> bool:
    if isinstance(result, bool) or not isinstance(result, float):
        return False
    low, high = arguments[0], arguments[-1]
    tests: dict[str, bool] = {
        "NUMBER_GREATER": result > low,
        "NUMBER_GREATER_THAN_EQ": result >= low,
        "NUMBER_LESS": result < low,
        "NUMBER_LESS_THAN_EQ": result <= low,
        "NUMBER_EQ": result == low,
        "NUMBER_NOT_EQ": result != low,
        "NUMBER_BETWEEN": low <= result <= high,
        "NUMBER_NOT_BETWEEN": not low <= result <= high,
    }
    return tests[kind]


@handles("clearBasicFilter")
def _clear_basic_filter(batch: Batch, request: Json) -> None:
    sheet = batch.book.sheet(request.get("sheetId", 0))
    hidden = (r for r, item in sheet.row_metadata.items() if item.get("hiddenByFilter"))
    batch.hidden_before[sheet.id] = frozenset(hidden)
    sheet.basic_filter = None
    show_filtered_rows(sheet)


@handles("sortRange")
def _sort_range(batch: Batch, request: Json) -> None:
    area = batch.editable(batch.area(request))
    if not request.get("sortSpecs"):
        raise invalid("Must specify at least one sortSpec.")
    sort_rows(batch, area, request["sortSpecs"])


def sort_rows(batch: Batch, area: Area, specs: list[Json]) -> None:
    """Sorts the rows of an area: numbers, then texts, then booleans, empty cells always last."""
    sheet = batch.sheet(area)
    for spec in specs:
        if not area.left <= spec.get("dimensionIndex", 0) < area.right:
            raise invalid(
                f"sortSpecs.dimensionIndex[{spec.get('dimensionIndex', 0)}] must be in the range."
            )

    _check_no_vertical_merge(sheet, area)

    def compare(first: int, second: int) -> int:
        for spec in specs:
            column = spec.get("dimensionIndex", 0)
            one = _rank(batch.result(sheet, first, column))
            two = _rank(batch.result(sheet, second, column))
            if one == two:
                continue
            if one is None or two is None:
                return 1 if one is None else -1
            descending = spec.get("sortOrder") == "DESCENDING"
            return 1 if (one > two) != descending else -1
        return 0

    rows = [row for row in range(area.top, area.bottom) if not _is_hidden(sheet, row)]
    order = sorted(rows, key=functools.cmp_to_key(compare))
    if order == rows:
        return
    before = {row: sheet.rows.get(row, {}) for row in rows}
    for target, source in zip(rows, order, strict=True):
        if before[source] or before[target]:
            outside = {c: x for c, x in before[target].items() if not area.left <= c < area.right}
            moved = {
                c: _moved_cell(x, target - source)
                for c, x in before[source].items()
                if area.left <= c < area.right
            }
            sheet.set_row(target, {**outside, **moved})


def _check_no_vertical_merge(sheet: Sheet, area: Area) -> None:
    for merge in merged_areas(sheet):
        if merge.height > 1 and merge.overlaps(area):
            raise invalid(
                "You can't sort a range containing vertical merges. There is a vertical merge at "
                + format_area(sheet.title, merge)
            )


def _is_hidden(sheet: Sheet, row: int) -> bool:
    """A row that is not shown stays where it is when the others are sorted."""
    item = sheet.row_metadata.get(row, {})
    return bool(item.get("hiddenByFilter") or item.get("hiddenByUser"))


def _moved_cell(cell: Cell, rows: int) -> Cell:
    if isinstance(cell.value, Formula):
        return cell._replace(value=translated(cell.value, rows, 0))
    return cell


def _rank(result: Result) -> Any:
    if result is None:
        return None
    if isinstance(result, bool):
        return 2, result
    if isinstance(result, str):
        return 1, result.casefold()
    if isinstance(result, CellError):
        return 3, result.type
    return 0, result


@handles("addFilterView")
def _add_filter_view(batch: Batch, request: Json) -> Json:
    view = completed_filter(request.get("filter", {}))
    area = batch.book.area(view["range"])
    view["range"] = area.grid_range()
    sheet = batch.sheet(area)
    taken = [item["filterViewId"] for _, _, item in batch.book.objects("filterViews")]
    if view.get("filterViewId") in taken:
        raise invalid(f"A filter view with id {view['filterViewId']} already exists.")
    view.setdefault("filterViewId", batch.book.new_id())
    view.setdefault("title", f"Filter {len(sheet.objects['filterViews']) + 1}")
    sheet.objects["filterViews"].append(view)
    return {"filter": public(view)}


@handles("updateFilterView")
def _update_filter_view(batch: Batch, request: Json) -> None:
    mask = update_mask(request, "FilterView")
    wanted = normalised(request.get("filter", {}))
    for sheet, index, item in batch.book.objects("filterViews"):
        if item["filterViewId"] == wanted.get("filterViewId"):
            merged = merge_masked(item, wanted, mask)
            for one, other in (("criteria", "filterSpecs"), ("filterSpecs", "criteria")):
                if one in mask and other not in mask:
                    merged.pop(other, None)
            sheet.objects["filterViews"][index] = completed_filter(merged)
            return
    raise invalid(f"No filter view with id: {wanted.get('filterViewId', 0)}")


@handles("deleteFilterView")
def _delete_filter_view(batch: Batch, request: Json) -> None:
    for sheet, index, item in batch.book.objects("filterViews"):
        if item["filterViewId"] == request.get("filterId", 0):
            del sheet.objects["filterViews"][index]
            return
    raise invalid(f"No filter view with id: {request.get('filterId', 0)}")
