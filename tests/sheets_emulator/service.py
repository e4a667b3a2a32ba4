"""The methods of the Sheets API, found, checked and answered as the discovery document says."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import parse_qs, unquote

from tests.sheets_emulator import (  # noqa: F401 - the modules register their requests
    filtering,
    merging,
    pasting,
    requests_cells,
    requests_objects,
    requests_sheets,
    requests_structure,
    searching,
)
from tests.sheets_emulator.a1 import Area, Bounds, format_area
from tests.sheets_emulator.batch import Batch, apply_batch
from tests.sheets_emulator.contract import (
    Mask,
    check_mask,
    check_request,
    check_response,
    discovery_document,
    masked,
    parse_mask,
)
from tests.sheets_emulator.errors import ApiError, Json, invalid, not_found
from tests.sheets_emulator.grid import Sheet, Spreadsheet, new_sheet
from tests.sheets_emulator.metadata import matches, ranges_of_filter
from tests.sheets_emulator.reading import View, public, sheet_properties, spreadsheet_json
from tests.sheets_emulator.requests_sheets import copied_sheet
from tests.sheets_emulator.values import append_values, clear_values, value_range, write_values

if TYPE_CHECKING:
    from tests.sheets_emulator.editors import Editor
    from tests.sheets_emulator.library import File, Library


@dataclass(frozen=True)
class Method:
    """One method of the API: how it is called, and what goes in and out."""

    id: str
    http_method: str
    pattern: re.Pattern[str]
    parameters: Json
    request: str | None
    response: str

    @property
    def kind(self) -> Literal["read", "write"]:
        """What a call costs; Google counts a POST that only reads as a read."""
        reading = ("get", "batchGet", "getByDataFilter", "batchGetByDataFilter", "search")
        return "read" if self.id.rpartition(".")[2] in reading else "write"


@functools.cache
def methods() -> tuple[Method, ...]:
    """Every method of the discovery document, the most particular paths first."""
    found: list[tuple[int, Method]] = []

    def walk(resource: Json) -> None:
        for item in resource.get("methods", {}).values():
            path = item["path"]
            pattern = re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+?)", re.escape(path))
            method = Method(
                item["id"].removeprefix("sheets."),
                item["httpMethod"],
                re.compile("/" + pattern),
                item.get("parameters", {}),
                item.get("request", {}).get("$ref"),
                item["response"]["$ref"],
            )
            found.append((len(re.sub(r"\{\w+\}", "", path)), method))
        for below in resource.get("resources", {}).values():
            walk(below)

    walk(discovery_document())
    return tuple(method for _, method in sorted(found, key=lambda pair: -pair[0]))


@dataclass(frozen=True)
class Route:
    """A request as the API sees it: the method and its parameters, not yet checked."""

    method: Method
    path: dict[str, str]
    query: str


def route(http_method: str, target: str) -> Route:
    """The method that a request line calls.

    Raises:
        ApiError: 404, there is no such method.
    """
    path, _, query = target.partition("?")
    for method in methods():
        match = method.pattern.fullmatch(path) if method.http_method == http_method else None
        if match:
            return Route(method, {k: unquote(v) for k, v in match.groupdict().items()}, query)
    raise ApiError(404, f"The requested URL {path} was not found on this server.")


def query_parameters(called: Route) -> Json:
    """The query parameters by name, typed and checked.

    Raises:
        ApiError: 400, a parameter that the method does not have, or a value it cannot take.
    """
    known = {**discovery_document()["parameters"], **called.method.parameters}
    result: Json = {}
    for name, texts in parse_qs(called.query, keep_blank_values=True).items():
        schema = known.get(name)
        if schema is None:
            raise invalid(
                f'Invalid JSON payload received. Unknown name "{name}": Cannot bind query '
                f"parameter. Field '{name}' could not be found in request message."
            )
        values = [_typed(name, text, schema) for text in texts]
        result[name] = values if schema.get("repeated") else values[-1]
    return result


def _typed(name: str, text: str, schema: Json) -> Any:
    if schema["type"] == "boolean":
        if text.lower() not in ("true", "false"):
            raise invalid(f"Invalid value at '{name}' (TYPE_BOOL), \"{text}\"")
        return text.lower() == "true"
    if "enum" in schema and text not in schema["enum"] and not name.startswith("$"):
        raise invalid(f"Invalid value at '{name}' (TYPE_ENUM), \"{text}\"")
    return text


@dataclass
class Request:
    """One call, checked, on its way to the function that answers it."""

    library: Library
    email: str
    path: dict[str, str]
    query: Json
    body: Json
    mask: Mask | None

    def file(self, *, to_write: bool) -> File:
        """The spreadsheet that the call is about."""
        return self.library.opened(self.path["spreadsheetId"], self.email, to_write=to_write)

    @functools.cached_property
    def book(self) -> Spreadsheet:
        """The spreadsheet's present state, to read."""
        return self.file(to_write=False).book

    @property
    def reader(self) -> Editor:
        """The caller, as someone who is shown the spreadsheet."""
        return self.file(to_write=False).editor(self.email)

    def batch(self) -> tuple[File, Batch]:
        """A copy of the spreadsheet to write into, which `commit` then makes the present state."""
        file = self.file(to_write=True)
        return file, Batch(file.book.copy(), file.editor(self.email), self.library.beliefs)

    def commit(self, file: File, book: Spreadsheet) -> None:
        """Makes a written copy the state that readers see."""
        file.commit(book, self.library.clock.now())


Answer = Callable[[Request], Json]
ANSWERS: dict[str, Answer] = {}


def answers(method_id: str) -> Callable[[Answer], Answer]:
    """Registers a function as the one that answers a method."""

    def register(answer: Answer) -> Answer:
        ANSWERS["spreadsheets." + method_id] = answer
        return answer

    return register


def perform(library: Library, called: Route, body: Json | None, email: str) -> Json:
    """Answers one call, both sides of it checked against the discovery document.

    Raises:
        ApiError: Anything that Google would refuse.
    """
    method = called.method
    query = query_parameters(called)
    if method.request is not None:
        check_request(method.request, {} if body is None else body)
    mask = None
    if query.get("fields"):
        mask = parse_mask(query["fields"])
        check_mask(mask, method.response)
    if method.id not in ANSWERS:
        raise ApiError(501, f"The Sheets emulator does not know the method {method.id}.")
    request = Request(library, email, called.path, query, body or {}, mask)
    answer = ANSWERS[method.id](request)
    check_response(method.response, answer)
    shown: Json = answer if mask is None else masked(answer, mask)
    return shown


# --- spreadsheets -----------------------------------------------------------------------------


@answers("create")
def _create(request: Request) -> Json:
    file = request.library.create(request.body, request.email)
    return spreadsheet_json(file.book, View(file.editor(request.email), mask=request.mask))


@answers("get")
def _get(request: Request) -> Json:
    areas = _read_areas(request.book, request.query.get("ranges", []))
    include = request.query.get("includeGridData", False)
    return spreadsheet_json(request.book, View(request.reader, areas, request.mask, include))


def _read_areas(book: Spreadsheet, ranges: list[str]) -> tuple[Area, ...]:
    resolved = (book.resolve(text) for text in ranges)
    return tuple(sheet.clamp(bounds) for sheet, bounds in resolved)


@answers("getByDataFilter")
def _get_by_data_filter(request: Request) -> Json:
    filters = request.body.get("dataFilters", [])
    pairs = [pair for item in filters for pair in ranges_of_filter(request.book, item)]
    areas = tuple(sheet.clamp(bounds) for sheet, bounds in pairs)
    include = request.body.get("includeGridData", False)
    answer = spreadsheet_json(request.book, View(request.reader, areas, request.mask, include))
    if filters and not pairs:
        answer.pop("sheets", None)
    return answer


@answers("batchUpdate")
def _batch_update(request: Request) -> Json:
    file = request.file(to_write=True)
    requests = request.body.get("requests", [])
    beliefs = request.library.beliefs
    before = file.book
    book, replies = apply_batch(before, requests, file.editor(request.email), beliefs)
    answer: Json = {"spreadsheetId": book.id, "replies": replies}
    if request.body.get("includeSpreadsheetInResponse") and not beliefs.leaves_out_answers:
        ranges = request.body.get("responseRanges", [])[: beliefs.answers]
        for text in ranges if beliefs.answers_before_growth else ():
            sheet, bounds = before.resolve(text)
            sheet.fit(bounds)
        areas = _read_areas(book, ranges)
        below = (request.mask or {}).get("updatedSpreadsheet") if request.mask else None
        include = request.body.get("responseIncludeGridData", False)
        view = View(request.reader, areas, below or None, include)
        answer["updatedSpreadsheet"] = spreadsheet_json(book, view)
    request.commit(file, book)
    return answer


@answers("sheets.copyTo")
def _copy_to(request: Request) -> Json:
    if not re.fullmatch(r"\d+", request.path["sheetId"]):
        raise invalid(f"Invalid value at 'sheet_id' (TYPE_INT32), \"{request.path['sheetId']}\"")
    source = request.book.sheet(int(request.path["sheetId"]))
    target_id = request.body.get("destinationSpreadsheetId", "")
    target = request.library.opened(target_id, request.email, to_write=True)
    batch = Batch(target.book.copy(), target.editor(request.email))
    title = f"Copy of {source.title}"
    number = 2
    while batch.book.titled(title):
        title = f"Copy of {source.title} {number}"
        number += 1
    wanted = {**source.properties, "title": title, "sheetId": batch.book.new_id()}
    frame = new_sheet(batch.book, wanted, len(batch.book.sheets))
    batch.book.sheets.append(copied_sheet(batch, source, frame))
    batch.book.check_size()
    request.commit(target, batch.book)
    return sheet_properties(batch.book.sheets[-1], len(batch.book.sheets) - 1)


@answers("developerMetadata.get")
def _get_metadata(request: Request) -> Json:
    for item in request.book.metadata:
        if str(item["metadataId"]) == request.path["metadataId"]:
            shown: Json = public(item)
            return shown
    raise not_found()


@answers("developerMetadata.search")
def _search_metadata(request: Request) -> Json:
    filters = request.body.get("dataFilters", [])
    found = [
        {
            "developerMetadata": public(item),
            "dataFilters": [one for one in filters if matches(request.book, item, [one])],
        }
        for item in request.book.metadata
        if matches(request.book, item, filters)
    ]
    return {"matchedDeveloperMetadata": found} if found else {}


# --- values -----------------------------------------------------------------------------------


def _response_options(options: Json) -> Json:
    """The options under which a write gives the values back."""
    names = {
        "responseValueRenderOption": "valueRenderOption",
        "responseDateTimeRenderOption": "dateTimeRenderOption",
    }
    return {names[name]: value for name, value in options.items() if name in names}


def _with_data(book: Spreadsheet, updates: Json, options: Json) -> Json:
    """A write's answer with the values as they are now, where the call asks for them."""
    if not options.get("includeValuesInResponse"):
        return updates
    sheet, bounds = book.resolve(updates["updatedRange"])
    data = value_range(book, sheet.clamp(bounds), _response_options(options))
    return {**updates, "updatedData": data}


@answers("values.get")
def _values_get(request: Request) -> Json:
    (area,) = _read_areas(request.book, [request.path["range"]])
    return value_range(request.book, area, request.query)


@answers("values.batchGet")
def _values_batch_get(request: Request) -> Json:
    areas = _read_areas(request.book, request.query.get("ranges", []))
    ranges = [value_range(request.book, area, request.query) for area in areas]
    return {"spreadsheetId": request.book.id, **({"valueRanges": ranges} if ranges else {})}


def _without_zeros(data_filter: Json) -> Json:
    if "gridRange" not in data_filter:
        return data_filter
    return {"gridRange": {k: v for k, v in data_filter["gridRange"].items() if v != 0}}


@answers("values.batchGetByDataFilter")
def _values_batch_get_by_data_filter(request: Request) -> Json:
    """Answers in another order than asked, and filters without their zeros, as Google does."""
    found = [
        {
            "valueRange": value_range(request.book, sheet.clamp(bounds), request.body),
            "dataFilters": [_without_zeros(data_filter)],
        }
        for data_filter in reversed(request.body.get("dataFilters", []))
        for sheet, bounds in ranges_of_filter(request.book, data_filter)
    ]
    return {"spreadsheetId": request.book.id, **({"valueRanges": found} if found else {})}


@answers("values.update")
def _values_update(request: Request) -> Json:
    file, batch = request.batch()
    sheet, bounds = batch.book.resolve(request.path["range"])
    option = request.query.get("valueInputOption", "")
    updates = write_values(batch, sheet, bounds, request.body, option)
    request.commit(file, batch.book)
    return {"spreadsheetId": batch.book.id, **_with_data(batch.book, updates, request.query)}


@answers("values.append")
def _values_append(request: Request) -> Json:
    file, batch = request.batch()
    sheet, bounds = batch.book.resolve(request.path["range"])
    answer = append_values(batch, sheet, bounds, request.body, request.query)
    request.commit(file, batch.book)
    updates = _with_data(batch.book, answer["updates"], request.query)
    answer["updates"] = {"spreadsheetId": batch.book.id, **updates}
    return {"spreadsheetId": batch.book.id, **answer}


def _totals(book: Spreadsheet, touched: list[Sheet], responses: list[Json]) -> Json:
    totals = {
        "totalUpdatedRows": sum(item.get("updatedRows", 0) for item in responses),
        "totalUpdatedColumns": sum(item.get("updatedColumns", 0) for item in responses),
        "totalUpdatedCells": sum(item.get("updatedCells", 0) for item in responses),
        "totalUpdatedSheets": len({sheet.id for sheet in touched}) if responses else 0,
    }
    return {"spreadsheetId": book.id, **{name: total for name, total in totals.items() if total}}


def _write_all(batch: Batch, writes: list[tuple[Sheet, Bounds, Json, Json]], options: Json) -> Json:
    """Writes several ranges; each comes with the fields its response carries besides."""
    option = options.get("valueInputOption", "")
    responses = []
    for sheet, bounds, message, besides in writes:
        updates = write_values(batch, sheet, bounds, message, option)
        responses.append({**besides, **updates})
    responses = [_with_data(batch.book, item, options) for item in responses]
    totals = _totals(batch.book, [sheet for sheet, *_ in writes], responses)
    return {**totals, **({"responses": responses} if responses else {})}


@answers("values.batchUpdate")
def _values_batch_update(request: Request) -> Json:
    file, batch = request.batch()
    writes = [
        (*batch.book.resolve(item.get("range", "")), item, {"spreadsheetId": batch.book.id})
        for item in request.body.get("data", [])
    ]
    answer = _write_all(batch, writes, request.body)
    request.commit(file, batch.book)
    return answer


@answers("values.batchUpdateByDataFilter")
def _values_batch_update_by_data_filter(request: Request) -> Json:
    file, batch = request.batch()
    writes = [
        (sheet, bounds, item, {"dataFilter": public(item.get("dataFilter", {}))})
        for item in request.body.get("data", [])
        for sheet, bounds in ranges_of_filter(batch.book, item.get("dataFilter", {}))
    ]
    answer = _write_all(batch, writes, request.body)
    request.commit(file, batch.book)
    return answer


def _clear_all(
    request: Request, pairs: Callable[[Spreadsheet], list[tuple[Sheet, Bounds]]]
) -> list[str]:
    file, batch = request.batch()
    cleared = []
    for sheet, bounds in pairs(batch.book):
        area = sheet.clamp(bounds)
        clear_values(batch, area)
        cleared.append(format_area(sheet.title, area))
    request.commit(file, batch.book)
    return cleared


@answers("values.clear")
def _values_clear(request: Request) -> Json:
    (cleared,) = _clear_all(request, lambda book: [book.resolve(request.path["range"])])
    return {"spreadsheetId": request.path["spreadsheetId"], "clearedRange": cleared}


@answers("values.batchClear")
def _values_batch_clear(request: Request) -> Json:
    ranges = request.body.get("ranges", [])
    cleared = _clear_all(request, lambda book: [book.resolve(text) for text in ranges])
    return {
        "spreadsheetId": request.path["spreadsheetId"],
        **({"clearedRanges": cleared} if cleared else {}),
    }


@answers("values.batchClearByDataFilter")
def _values_batch_clear_by_data_filter(request: Request) -> Json:
    filters = request.body.get("dataFilters", [])
    cleared = _clear_all(
        request,
        lambda book: [pair for item in filters for pair in ranges_of_filter(book, item)],
    )
    return {
        "spreadsheetId": request.path["spreadsheetId"],
        **({"clearedRanges": cleared} if cleared else {}),
    }
