"""Which tab is a worksheet's, and which of its columns are refsync's."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

from refsync.errors import DestinationError
from refsync.google_sheets.api import requests
from refsync.google_sheets.records import header_hash
from refsync.worksheet.area import column_letters
from refsync.worksheet.values import Truth, is_blank

if TYPE_CHECKING:
    from collections.abc import Sequence

    from refsync.google_sheets.planning.desired import Desired
    from refsync.google_sheets.records import TabRecord
    from refsync.google_sheets.spreadsheet import Spreadsheet, Tab
    from refsync.worksheet.table import Table
    from refsync.worksheet.values import Key


@dataclass(frozen=True)
class Layout:
    """Where a table's columns are in its tab, and what has to be inserted for them.

    Attributes:
        width: How many columns are refsync's once these are inserted, from column A on.
        inserted: Places, after all insertions, of the columns that are to be inserted.
        blank: Places, after all insertions, of the columns that are new: inserted or found blank.
        adopted: Whether refsync takes the tab over with this push.
    """

    width: int
    inserted: tuple[int, ...] = ()
    blank: tuple[int, ...] = ()
    adopted: bool = False

    @property
    def is_blank(self) -> bool:
        """Whether the tab holds nothing yet where refsync is to write."""
        return len(self.blank) == self.width


def find_tabs(tables: Sequence[Table], spreadsheet: Spreadsheet) -> dict[str, Tab | None]:
    """Return each worksheet's tab: the one in refsync's record, else the one with its title.

    A tab in the record stays a worksheet's whatever its title is now; a copy of it is another tab.
    Titles are compared without regard to case, as Google does.

    Raises:
        DestinationError: The title belongs to a tab that cannot hold the worksheet.
    """
    by_id = {tab.sheet_id: tab for tab in spreadsheet.tabs}
    by_title = {tab.title.casefold(): tab for tab in spreadsheet.tabs}
    owners = {
        record.sheet_id: worksheet
        for worksheet, record in spreadsheet.records.tabs.items()
        if record.sheet_id in by_id
    }
    found: dict[str, Tab | None] = {}
    for table in tables:
        record = spreadsheet.records.tabs.get(table.worksheet)
        tab = by_id.get(record.sheet_id) if record else None
        if tab is None:
            tab = by_title.get(table.worksheet.casefold())
            if tab is not None and tab.sheet_id in owners:
                raise DestinationError(
                    f"The title {tab.title!r} is taken by the tab that holds the worksheet "
                    f"{owners[tab.sheet_id]}: give that tab its own name again."
                )
        if tab is not None and not tab.rows:
            raise DestinationError(
                f"The tab {tab.title!r} is not a grid of cells: rename it, so that refsync "
                f"can create the worksheet {table.worksheet}."
            )
        found[table.worksheet] = tab
    return found


def lay_out(desired: Desired, tab: Tab, record: TabRecord | None, *, adopt: bool) -> Layout:
    """Return the layout of a table in `tab`, `record` being what is known of it.

    Raises:
        DestinationError: A column that is not refsync's is between its columns, or the tab is not
            refsync's, holds something else, and `adopt` is not set.
    """
    headers = [column.header for column in desired.table.columns]
    found = [_shown(value) for value in tab.header]
    if record is None or record.sheet_id != tab.sheet_id:
        return _adopted(desired.table, tab, headers, found, adopt=adopt)
    if not adopt:
        _refuse_moved_headers(desired, tab, record.header_hashes)
    width = _own_width(desired, tab, record.header_hashes, found)
    # The last headers may have been deleted, alone or with the cells below them.
    layout = _fitted(headers, [*found[:width], *[""] * (width - len(found))])
    blank = [place for place in range(len(found), width) if _is_blank(tab, place)]
    moved = [requests.moved(place, layout.inserted) for place in blank]
    return replace(layout, blank=tuple(sorted({*layout.blank, *moved})))


def _refuse_moved_headers(desired: Desired, tab: Tab, hashes: Sequence[str]) -> None:
    """Refuse a tab whose header row is not the first row any more, or has another order.

    What people wrote beside the rows would be beside other rows afterwards, and formats would be in
    other columns. A header that was edited, or a column that was deleted, is no such case.

    Raises:
        DestinationError: The header row moved or is missing, or columns changed places.
    """
    found = [header_hash(_shown(value)) for value in tab.header]
    if found[: len(hashes)] == list(hashes):
        return
    take_over = "or run with --adopt to let refsync write over its columns as they are."
    if sorted(found[: len(hashes)]) == sorted(hashes):
        now = ", ".join(map(_shown, tab.header[: len(hashes)]))
        order = ", ".join(_shown(tab.header[found.index(known)]) for known in hashes)
        raise DestinationError(
            f"In the tab {tab.title!r}, refsync's columns are in another order ({now}): put them "
            f"back in the order {order}, {take_over}"
        )
    likeness = len({*hashes} & {*found})
    if row := _header_row(tab, hashes, likeness):
        raise DestinationError(
            f"In the tab {tab.title!r}, refsync's header is in row {row + 1} and not in row 1: "
            f"delete the rows above it, or sort it back to the top, {take_over}"
        )
    if not likeness and _looks_like_data(desired, tab):
        raise DestinationError(
            f"In the tab {tab.title!r}, row 1 has data where refsync's header was: insert a row "
            f"above it, {take_over}"
        )


def _header_row(tab: Tab, hashes: Sequence[str], likeness: int) -> int | None:
    """Return the index of a row that has at least half of the headers, and more than the first."""
    known: dict[Key, str] = {}
    for index, row in enumerate(tab.cells[1:], 1):
        texts = [value for value in row if isinstance(value, str)]
        for text in texts:
            if text not in known:
                known[text] = header_hash(text)
        alike = len({*hashes} & {known[text] for text in texts})
        if alike > likeness and 2 * alike >= len(hashes):
            return index
    return None


def _looks_like_data(desired: Desired, tab: Tab) -> bool:
    """Whether the first row has numbers, or mostly values that its columns have below."""
    cells = [(place, value) for place, value in enumerate(tab.header) if place < desired.width]
    cells = [(place, value) for place, value in cells if value is not None]
    if any(isinstance(value, int | float | Truth) for _, value in cells):
        return True
    columns = [{row[place] for row in desired.keys[1:]} for place in range(desired.width)]
    return 2 * sum(value in columns[place] for place, value in cells) > len(cells)


def _shown(value: Key) -> str:
    return "" if value is None else str(value)


def _own_width(desired: Desired, tab: Tab, hashes: Sequence[str], found: Sequence[str]) -> int:
    """Return how many columns are refsync's still: people may have deleted some, or edited headers.

    Raises:
        DestinationError: Somebody's own column is between them.
    """
    found_hashes = [header_hash(header) for header in found]
    if sorted(found_hashes[: len(hashes)]) == sorted(hashes):
        return len(hashes)
    pairs = _common(hashes, found_hashes)
    if not pairs:
        return len(hashes)
    for (own, place), (next_own, next_place) in pairwise([(-1, -1), *pairs]):
        # As many columns as are missing there: their headers were edited. More: some are strange.
        if next_place - place > next_own - own:
            strange = range(place + 1, next_place)
            names = " and ".join(
                f"{found[column]!r} (column {column_letters(column)})"
                if found[column]
                else f"column {column_letters(column)}, which has no header,"
                for column in strange
            )
            verb, them = ("is", "it") if len(strange) == 1 else ("are", "them")
            raise DestinationError(
                f"In the tab {tab.title!r}, {names} {verb} between refsync's columns: "
                f"move {them} to the right, where your own columns are safe."
            )
    last_own, last_place = pairs[-1]
    width = last_place + 1
    # Behind the last header that is there still: edited headers, or the reader's own columns.
    for known_hash in hashes[last_own + 1 :]:
        if not _may_be(desired, known_hash, tab, width):
            break
        width += 1
    return width


def _may_be(desired: Desired, known_hash: str, tab: Tab, column: int) -> bool:
    """Whether a column may be the one whose header had this hash, its header edited.

    That is so unless most of its cells are strange too.
    """
    cells = [row[column] for row in tab.cells[1:] if column < len(row) and row[column] is not None]
    names = [header_hash(header) for header in desired.keys[0]]
    if not cells or known_hash not in names:
        return True
    known = {row[names.index(known_hash)] for row in desired.keys[1:]}
    return 2 * sum(cell in known for cell in cells) >= len(cells)


def _adopted(
    table: Table, tab: Tab, headers: Sequence[str], found: Sequence[str], *, adopt: bool
) -> Layout:
    """Return the layout in a tab that refsync did not make: empty, or an older exporter's."""
    width = len(headers)
    blank = [column for column in range(width) if _is_blank(tab, column)]
    filled = len(found)
    while filled and not found[filled - 1]:
        filled -= 1
    known = min(filled, width)
    starts_alike = found[:known] == headers[:known] and len(blank) == width - known
    if starts_alike or len(blank) == width:
        return Layout(width, blank=tuple(blank), adopted=True)
    if not adopt:
        raise DestinationError(
            f"The tab {tab.title!r} holds something other than the worksheet {table.worksheet}: "
            "rename it, or run with --adopt to let refsync overwrite its first "
            f"{width} columns (A to {column_letters(width - 1)})."
        )
    pairs = _common(headers, found)
    own = pairs[-1][1] + 1 if pairs else width
    if own < width and any(column not in blank for column in range(own, width)):
        return replace(_fitted(headers, found[:own]), adopted=True)
    return Layout(max(own, width), blank=tuple(blank), adopted=True)


def _is_blank(tab: Tab, column: int) -> bool:
    """Whether a column has neither a header nor a cell."""
    return is_blank(row[column] for row in (tab.header, *tab.cells) if column < len(row))


def _fitted(headers: Sequence[str], own: Sequence[str]) -> Layout:
    """Return the layout that makes room for `headers` where refsync's columns are `own`.

    Only as many columns are inserted as are missing, each beside its neighbours, so that references
    to the others follow them.
    """
    missing = len(headers) - len(own)
    inserted: list[int] = []
    ahead = 0  # by how many places headers are ahead of their columns
    for own_next, header_next in [*_common(own, headers), (len(own), len(headers))]:
        for _ in range(header_next - own_next - ahead):
            if len(inserted) < missing:
                inserted.append(own_next + len(inserted))
        ahead = header_next - own_next
    return Layout(max(len(own), len(headers)), tuple(inserted), tuple(inserted))


def _common(first: Sequence[str], second: Sequence[str]) -> list[tuple[int, int]]:
    """Return the places of a longest common subsequence, in both."""
    lengths = [[0] * (len(second) + 1) for _ in range(len(first) + 1)]
    for i in reversed(range(len(first))):
        for j in reversed(range(len(second))):
            lengths[i][j] = (
                lengths[i + 1][j + 1] + 1
                if first[i] == second[j]
                else max(lengths[i + 1][j], lengths[i][j + 1])
            )
    pairs = []
    i = j = 0
    while i < len(first) and j < len(second):
        if first[i] == second[j]:
            pairs.append((i, j))
            i, j = i + 1, j + 1
        elif lengths[i + 1][j] >= lengths[i][j + 1]:
            i += 1
        else:
            j += 1
    return pairs
