"""What of a worksheet is read back with a commit, and whether that is what was desired.

Nothing proves how Google copies rows that overlap, or that something hides, and how it keeps every
text. So each row that a commit copied is read back, by its most telling column, and the rows whose
texts a spreadsheet might take for something else.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from hashlib import blake2b
from itertools import chain, count, islice
from typing import TYPE_CHECKING, Any

from refsync.google_sheets.cell_values import alike, columns, is_alike, key_of_entered
from refsync.worksheet.area import Area

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from refsync.google_sheets.planning.diff import Block, Copy
    from refsync.worksheet.values import Key, Row

CHECKED_WHOLE = 1_000
"""Up to this many cells, a worksheet is read back whole with the commit."""

CHECKED_EDGES = 100
"""At most this many edges of blocks, and as many of copies, are read back of a larger worksheet."""

CHECKED_VALUES = 5
"""At most this many rows are read back for each way in which a value may be kept otherwise."""

_LIKE_ANOTHER_TYPE = re.compile(
    r"[\s']*(?:[-+\d.,:/%$€£()]+(?:e[-+]?\d+)?|true|false)\s*", re.IGNORECASE
)


@dataclass(frozen=True)
class Difference:
    """A cell that was read back with another value than the one it was sent.

    Attributes:
        row: Its row, from 0.
        column: Its column, from 0.
        want: The value it was sent.
        found: The value it has.
    """

    row: int
    column: int
    want: Key
    found: Key


def checked_areas(
    keys: Sequence[Row],
    last_row: int,
    copies: Sequence[Copy],
    blocks: Sequence[Block],
    doubtful: Sequence[int] = (),
) -> tuple[Area, ...]:
    """Return the areas that are read back in the commit's response.

    Args:
        keys: The rows that are desired.
        last_row: How many rows there were, or are to be, whichever is more.
        copies: Rows that are copied.
        blocks: Cells that are written.
        doubtful: Rows of which Google may keep a cell otherwise.
    """
    width, height = len(keys[0]), len(keys)
    if last_row * width <= CHECKED_WHOLE:
        return (Area(0, last_row, 0, width),)
    copied = [edge for copy in copies for edge in (copy.target, copy.target + copy.rows - 1)]
    written = [edge for block in blocks for edge in (block.row, block.row + block.rows - 1)]
    rows = {0, 1, height - 1, last_row - 1, *_fragile_rows(keys)}
    rows.update(copied[:CHECKED_EDGES], written[:CHECKED_EDGES], doubtful[:CHECKED_EDGES])
    if not copies:
        return tuple(Area(row, row + 1, 0, width) for row in sorted(rows))
    column = max(range(width), key=lambda place: len({row[place] for row in keys}))
    # An answer names an area by its first cell, so no two may begin with the same one.
    start = next(row for row in count(1) if column > 0 or row not in rows)
    whole_rows = (Area(row, row + 1, 0, width) for row in sorted(rows))
    return (*whole_rows, Area(start, last_row, column, column + 1))


def _fragile_rows(keys: Sequence[Row]) -> Iterator[int]:
    """Yield some rows with values that a spreadsheet may take, or keep, for something else.

    There are some of each kind, since one kind may be kept and another one not.
    """
    values = set(chain.from_iterable(keys[1:]))
    texts = [value for value in values if isinstance(value, str)]
    kinds: list[set[Key]] = [{text for text in texts if is_(text)} for is_ in _FRAGILE]
    kinds.append({value for value in values if isinstance(value, float) and len(repr(value)) > 16})
    for fragile in filter(None, kinds):
        found = (index for index, row in enumerate(keys) if not fragile.isdisjoint(row))
        yield from islice(found, CHECKED_VALUES)


_FRAGILE: tuple[Callable[[str], object], ...] = (
    lambda text: len(text) < 40 and _LIKE_ANOTHER_TYPE.fullmatch(text),
    lambda text: text[0] in "'=+@" or text != " ".join(text.split()),
    lambda text: not text.isprintable(),
    lambda text: not text.isascii(),
    lambda text: max(text) > "\uffff",
    lambda text: not text.isascii() and not unicodedata.is_normalized("NFKC", text),
    lambda text: len(text) > 1_000,
    lambda text: len(text) > 30_000,
)
"""Whether a text is like another type, has spaces or signs that may be left out, and so on."""


def differences(
    keys: Sequence[Row], checked: Iterable[Area], data: Iterable[Mapping[str, Any]]
) -> Iterator[Difference]:
    """Yield the cells read back with a commit that are not the desired ones.

    Args:
        keys: The rows that are desired; those beyond are blank.
        checked: The areas that were asked for.
        data: The areas as they were answered (`GridData`); blank cells at an end are left out.
    """
    areas = {(area.top, area.left): area for area in checked}
    blank: Row = (None,) * len(keys[0])
    for part in data:
        top, left = part.get("startRow", 0), part.get("startColumn", 0)
        rows = part.get("rowData", ())
        area = areas.get((top, left), Area(top, top + len(rows), left, None))
        for index in range(top, area.bottom or 0):
            cells = rows[index - top].get("values", ()) if index - top < len(rows) else ()
            wanted = keys[index] if index < len(keys) else blank
            for column in range(left, area.right or left + len(cells)):
                place = column - left
                cell = cells[place] if place < len(cells) else {}
                found = key_of_entered(cell.get("userEnteredValue"))
                if found != wanted[column]:
                    yield Difference(index, column, wanted[column], found)


def kept_otherwise(old: Sequence[Row], keys: Sequence[Row]) -> tuple[Difference, ...]:
    """Return the cells that have a value which is like the desired one, and not equal to it.

    If they are the same after two pushes, Google keeps them so, and to write them again is vain.
    """
    if list(old) == list(keys):
        return ()
    suspects = {
        column: found
        for column, (has, want) in enumerate(zip(columns(old), columns(keys), strict=False))
        if (found := alike(has, want))
    }
    return tuple(
        Difference(index, column, wants[column], row[column])
        for index, (row, wants) in enumerate(zip(old, keys, strict=False) if suspects else ())
        for column, found in suspects.items()
        if row[column] in found and is_alike(row[column], wants[column])
    )


def digest_of(kept: Sequence[Difference]) -> str:
    """Return a few digits for these differences, to know them again; nothing if there are none."""
    if not kept:
        return ""
    pairs = sorted({repr((each.want, each.found)) for each in kept})
    return blake2b("\n".join(pairs).encode(errors="surrogatepass"), digest_size=4).hexdigest()


def with_values(rows: Sequence[Row], kept: Sequence[Difference]) -> list[Row]:
    """Return the rows with the values that Google was sent, in place of those that it keeps."""
    cells = {row: list(rows[row]) for row in {each.row for each in kept}}
    for each in kept:
        cells[each.row][each.column] = each.want
    return [tuple(cells.get(index, row)) for index, row in enumerate(rows)]
