"""What a push refuses because it looks like an accident: another source, or rows that are gone.

    (existing rows, desired rows) -> a difference, or a loss

`--force` pushes all the same.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from hashlib import blake2b
from math import floor, inf
from typing import TYPE_CHECKING

from refsync.worksheet.row_counts import key_width
from refsync.worksheet.values import EPOCH

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from refsync.worksheet.build import Build
    from refsync.worksheet.values import Row

MIN_ROWS = 20
"""Of fewer rows, more than half may go."""

MAX_WORDS = 60
"""Characters kept of a source's description."""


@dataclass(frozen=True)
class Origin:
    """Where a worksheet's rows came from, as small as the records of a destination need it.

    Attributes:
        digests: Of the project, the target and the source; empty for an unknown one.
        words: The same in words, without any secret.
    """

    digests: tuple[str, str, str]
    words: str

    @classmethod
    def of(cls, build: Build) -> Origin:
        """Return the origin of a build."""
        digests = tuple(
            blake2b(part.encode(), digest_size=3).hexdigest() if part else ""
            for part in (build.project, build.target, build.source)
        )
        words = build.source or (f"the project {build.project}" if build.project else "")
        if build.target:
            target = f"target {build.target}"
            room = MAX_WORDS - len(f" ({target})")
            words = f"{words[:room]} ({target})" if words and room > 0 else target
        return cls((digests[0], digests[1], digests[2]), words[:MAX_WORDS])

    @property
    def is_known(self) -> bool:
        """Whether any part of it is known."""
        return any(self.digests)

    def differs_from(self, other: Origin) -> bool:
        """Whether the two differ; a part that is unknown in one of them is not compared."""
        pairs = zip(self.digests, other.digests, strict=True)
        return any(one and two and one != two for one, two in pairs)

    def is_of_another_project(self, other: Origin) -> bool:
        """Whether the two are of different dbt projects, as far as both are known."""
        one, another = self.digests[0], other.digests[0]
        return bool(one and another and one != another)

    def completed(self, other: Origin) -> Origin:
        """Return this origin, or the other one if it is the same and more complete."""
        if self.differs_from(other):
            return self
        return self if sum(map(bool, self.digests)) >= sum(map(bool, other.digests)) else other


@dataclass(frozen=True)
class Loss:
    """Rows that a worksheet would lose, without those that left its window of dates.

    Attributes:
        rows: How many would be removed.
        of: Of how many.
        slid: How many others left the window.
    """

    rows: int
    of: int
    slid: int = 0

    def in_words(self, worksheet: str) -> str:
        """Return the loss as a part of a sentence.

        >>> Loss(30, 40, slid=5).in_words("Attention")
        '30 of the 40 rows of Attention (5 more left its window of dates)'
        """
        if self.rows < self.of:
            rows = f"{self.rows:,} of the {self.of:,} rows"
        else:
            rows = "the only row" if self.of == 1 else f"all {self.of:,} rows"
        slid = f" ({self.slid:,} more left its window of dates)" if self.slid else ""
        return f"{rows} of {worksheet}{slid}"


def other_project(place: str, existing: Origin) -> str:
    """Return the sentence about a tab or a workbook that another dbt project has pushed to."""
    return (
        f"{place} belongs to another dbt project: the last push there came from {existing.words}. "
        "Choose another title or destination for this project's worksheet, or run with --adopt and "
        "--force to take it over."
    )


def other_origin(others: Mapping[str, Origin], new: Origin) -> str:
    """Return the sentence about worksheets that were pushed from another source than `new`."""
    words = next(iter(others.values())).words
    shown = ", ".join(others)
    return (
        f"The last push of {shown} came from {words}, and this one comes from {new.words}: build "
        "from the former source again, or run with --force to replace what is there."
    )


def too_many_rows(losses: Mapping[str, Loss]) -> str:
    """Return the sentence about worksheets that would lose most of their rows."""
    *first, last = [each.in_words(worksheet) for worksheet, each in losses.items()]
    shown = f"{', '.join(first)} and {last}" if first else last
    return (
        f"This push would remove {shown}, which looks like an accident: check that the source is "
        "complete and build again, or run with --force if the rows are meant to go."
    )


def loss(  # noqa: PLR0913 - each is a fact of its own
    before: Sequence[Row],
    after: Sequence[Row],
    *,
    dated: bool = False,
    as_of_before: date | None = None,
    as_of_after: date | None = None,
    first_date: date | None = None,
) -> Loss | None:
    """Return the rows that a worksheet would lose, if they are so many that a push is refused.

    That is: all rows, or more than half of 20 rows or more. A row is identified by the leading
    columns that are unique, and it is lost if no desired row has the same values there. If no
    columns are unique, or only all of them together, an added row makes up for a removed one.

    Rows that left a window of dates do not count. If the table is ordered by the date in its first
    column, those are rows before the first desired date, if

    - the as-of date moved on: rows older than the oldest one, moved on by as many days;
    - there are as many rows as before: a worksheet of the newest rows, up to a number of them;
    - an as-of date is unknown: all of them, if the newest date did not go back.

    Without desired rows, the existing rows alone show the window: it was at least as long as from
    the oldest one to the newest one, and to the as-of date of that push.

    Args:
        before: The worksheet's rows, without its header, in columns that `after` has too.
        after: The desired rows, in the same columns.
        dated: Whether the first column has dates or times, as serial numbers.
        as_of_before: The as-of date of the last push that wrote the worksheet.
        as_of_after: The as-of date of this push.
        first_date: The first desired date, if a setting says so: an earlier row is not lost.
    """
    before = [row for row in before if any(value is not None for value in row)]
    if dated and (not after or _is_in_order(after)):
        bound = _window_start(before, after, as_of_before, as_of_after)
        if first_date is not None:
            bound = max(bound, _serial(first_date))
        rest = [row for row in before if not _is_before(row, bound)]
    else:
        dated, rest = False, before
    slid = len(before) - len(rest)
    if not after:
        return Loss(len(rest), len(rest), slid) if rest else None
    if len(rest) < MIN_ROWS:
        return None
    width = key_width(rest, after)
    if width < len(after[0]) and not _has_fractions(after, range(int(dated), width)):
        kept = {row[:width] for row in after}
        lost = sum(row[:width] not in kept for row in rest)
    else:
        newest = max(_times(rest), default=-inf) if dated else inf
        known = [row for row in after if not _is_after(row, newest)]
        gone, come = Counter(rest), Counter(known)
        lost = (gone - come).total() - (come - gone).total()
    return Loss(lost, len(rest), slid) if 2 * lost > len(rest) else None


def _has_fractions(rows: Sequence[Row], columns: Iterable[int]) -> bool:
    """Whether any of the columns has fractions: then it is no key."""
    return any(
        isinstance(value, float) and not value.is_integer()
        for column in columns
        for value in (row[column] for row in rows)
    )


def _times(rows: Iterable[Row]) -> list[float]:
    """Return the serial numbers at the beginning of rows, without other values."""
    return [row[0] for row in rows if isinstance(row[0], int | float)]


def _is_before(row: Row, bound: float) -> bool:
    return isinstance(row[0], int | float) and row[0] < bound


def _is_after(row: Row, bound: float) -> bool:
    return isinstance(row[0], int | float) and row[0] > bound


def _is_in_order(rows: Sequence[Row]) -> bool:
    """Whether all rows begin with a date, in ascending or descending order."""
    times = _times(rows)
    return len(times) == len(rows) and times in (sorted(times), sorted(times, reverse=True))


def _window_start(
    before: Sequence[Row],
    after: Sequence[Row],
    as_of_before: date | None,
    as_of_after: date | None,
) -> float:
    """Return the serial number before which rows left the window."""
    times = _times(before)
    moved = (as_of_after - as_of_before).days if as_of_after and as_of_before else None
    if not times or (moved is not None and moved < 0):
        return -inf
    oldest, newest = floor(min(times)), max(times)
    if after:
        wanted = _times(after)
        first = min(wanted)
        if moved is None:
            return first if max(wanted) >= newest else -inf
        return first if len(after) >= len(before) else min(first, oldest + moved)
    if as_of_after is None:
        return -inf
    days = floor(newest) - oldest + 1
    if as_of_before:
        days = max(days, _serial(as_of_before) - oldest + 1)
    return _serial(as_of_after) - days + 1


def _serial(day: date) -> int:
    return (day - EPOCH.date()).days
