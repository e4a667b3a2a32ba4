"""Charts and dashboards as a mart's `meta` describes them; what it does not know, it refuses.

In a mart's yml, under `meta`:

    chart:
      title: Signups a day
      type: line                       # line, column or bar
      x: event_date                    # a column that has a header; so are all below
      series: [total_signups, {column: signups_average_7_days, color: orange}]
      rows: 90                         # the first rows only; all there are if nothing is said

    dashboard:
      title: Dashboard                 # the tab's title
      heading: Referrals
      facts: [{label: As of, column: last_date, row: 1}]
      note: Changes are against as many days before.
      findings: {title: Attention, text: finding, mark: severity, value: since, rows: 3}
      lists: [{title: More, text: name, value: clicks, change: change, rows: 3, width: half}]
      cards: [{title: Clicks, label: period, value: clicks, change: clicks_change, rows: [1, 2]}]
      charts: [...]                    # as above, each with a width: full, half or third, and
                                       # perhaps rest: 11, the row that sums up what is left out
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, TypeVar, get_args

from refsync.worksheet.chart import (
    Card,
    Chart,
    ChartType,
    Color,
    Dashboard,
    Fact,
    Listing,
    Scale,
    Series,
    Width,
)
from refsync.worksheet.values import UNWRITABLE

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

_Thing = TypeVar("_Thing")

NEAR = 0.8
"""From this likeness on a key of somebody else's is taken for a slip of ours."""

ANY_COLUMNS: Collection[str] = frozenset()
"""The columns of a table that nobody has looked at yet: any name may be one."""

MAX_FACTS = 4
MAX_CARDS = 4
MAX_CARD_ROWS = 6
MAX_LIST_ROWS = 10
_CHART_KEYS = ("title", "type", "x", "series", "rows")
_LIST_KEYS = ("title", "rows", "text", "mark", "value", "change", "note", "count")
_DRAWN_IN: tuple[Color, ...] = ("blue", "orange", "green", "purple", "grey")


class MetaError(ValueError):
    """What is wrong with a meta, and where in it: the end of a sentence."""


def refuse_slips(place: str, meta: Collection[str], known: Sequence[str]) -> None:
    """Refuse a key that is nearly one of refsync's; all others are somebody else's.

    Raises:
        MetaError: There is one.
    """
    for key in meta:
        near = get_close_matches(str(key).casefold(), known, n=1, cutoff=NEAR)
        if near and key not in known:
            raise MetaError(f"{place}has the unknown key {key!r}; did you mean {near[0]}?")


def refuse_unwritable(place: str, text: str, also: str = "") -> None:
    """Refuse a text with a character that a file of Excel cannot hold, or with one of `also`.

    Raises:
        MetaError: It has one.
    """
    for character in text:
        if character in also or UNWRITABLE.match(character):
            raise MetaError(f"{place} {text!r} has the control character {character!r}")


def scale_from_meta(place: str, value: object) -> Scale | None:
    """Return a column's `scale`; `None` where nothing is said."""
    return None if value is None else _one_of(place, value, Scale)


def chart_from_meta(place: str, value: object, columns: Collection[str]) -> Chart:
    """Return the chart that a meta describes at `place`, over these columns.

    Raises:
        MetaError: It has a key or a value that is not known.
    """
    return _chart(_Keys(place, value, columns, *_CHART_KEYS))


def dashboard_from_meta(place: str, value: object, columns: Collection[str]) -> Dashboard:
    """Return the dashboard that a meta describes at `place`, over these columns.

    Raises:
        MetaError: It has a key or a value that is not known.
    """
    known = ("title", "heading", "facts", "note", "findings", "cards", "lists", "charts")
    keys = _Keys(place, value, columns, *known)
    cards = keys.things("cards", _card, "title", "label", "value", "change", "rows")
    facts = keys.things("facts", _fact, "label", "column", "row")
    for key, things, most in (("facts", facts, MAX_FACTS), ("cards", cards, MAX_CARDS)):
        if len(things) > most:
            raise MetaError(f"{place}.{key} are {len(things)}, and {most} have room")
    return Dashboard(
        title=keys.text("title"),
        heading=keys.text("heading"),
        facts=facts,
        note=keys.text_or_empty("note"),
        cards=cards,
        charts=keys.things("charts", _chart, *_CHART_KEYS, "width", "rest"),
        findings=None
        if (findings := keys.get("findings")) is None
        else _listing(_Keys(f"{place}.findings", findings, columns, *_LIST_KEYS)),
        lists=keys.things("lists", _listing, *_LIST_KEYS, "width"),
    )


class _Keys:
    """A mapping in a meta, known to have no keys but these; each value is checked when asked."""

    def __init__(self, place: str, value: object, columns: Collection[str], *known: str) -> None:
        self.place = place
        self.columns = columns
        if not isinstance(value, dict):
            raise MetaError(f"{place} is not a mapping of {', '.join(known)}")
        for key in value:
            if key not in known:
                near = get_close_matches(str(key).casefold(), known, n=1)
                guess = f"did you mean {near[0]}?" if near else f"it may have {', '.join(known)}"
                raise MetaError(f"{place} has the unknown key {key!r}; {guess}")
        self._values: dict[str, Any] = value

    def get(self, key: str) -> Any:
        """Return a value, `None` where there is none."""
        return self._values.get(key)

    def needed(self, key: str) -> Any:
        """Return a value that must be there."""
        if self.get(key) is None:
            raise MetaError(f"{self.place} has no {key}")
        return self.get(key)

    def text(self, key: str) -> str:
        """Return a text that must be there."""
        value = self.needed(key)
        if not isinstance(value, str) or not value.strip():
            raise MetaError(f"{self.place}.{key} {value!r} is not a text")
        refuse_unwritable(f"{self.place}.{key}", value)
        return value

    def text_or_empty(self, key: str) -> str:
        """Return a text, empty where there is none."""
        return "" if self.get(key) is None else self.text(key)

    def column(self, key: str) -> str:
        """Return the name of a column that must be there."""
        return column_from_meta(f"{self.place}.{key}", self.needed(key), self.columns)

    def column_or_none(self, key: str) -> str | None:
        """Return the name of a column, `None` where there is none."""
        return None if self.get(key) is None else self.column(key)

    def row(self, key: str) -> int:
        """Return a number of rows, or of a row, from 1 on."""
        return _row(f"{self.place}.{key}", self.needed(key))

    def things(self, key: str, make: Callable[[_Keys], _Thing], *known: str) -> tuple[_Thing, ...]:
        """Return what a list of mappings with these keys describes; nothing where it is missing."""
        return tuple(
            make(_Keys(f"{self.place}.{key}[{number}]", value, self.columns, *known))
            for number, value in enumerate(
                _list(f"{self.place}.{key}", [] if self.get(key) is None else self.get(key)), 1
            )
        )


def _chart(keys: _Keys) -> Chart:
    place = f"{keys.place}.series"
    series = _list(place, keys.needed("series"))
    if not 0 < len(series) <= len(_DRAWN_IN):
        raise MetaError(f"{place} are {len(series)}, not 1 to {len(_DRAWN_IN)}")
    return Chart(
        title=keys.text("title"),
        type=_one_of(f"{keys.place}.type", keys.needed("type"), ChartType),
        x=keys.column("x"),
        series=tuple(
            _series(f"{place}[{number}]", value, color, keys.columns)
            for number, (value, color) in enumerate(zip(series, _DRAWN_IN, strict=False), 1)
        ),
        rows=None if keys.get("rows") is None else keys.row("rows"),
        width=_one_of(f"{keys.place}.width", keys.get("width") or "full", Width),
        rest=None if keys.get("rest") is None else keys.row("rest"),
    )


def _series(place: str, value: object, color: Color, columns: Collection[str]) -> Series:
    if not isinstance(value, dict):
        return Series(column_from_meta(place, value, columns), color)
    keys = _Keys(place, value, columns, "column", "color")
    return Series(
        keys.column("column"), _one_of(f"{place}.color", keys.get("color") or color, Color)
    )


def _fact(keys: _Keys) -> Fact:
    return Fact(keys.text("label"), keys.column("column"), keys.row("row"))


def _card(keys: _Keys) -> Card:
    rows = _list(f"{keys.place}.rows", keys.needed("rows"))
    if not 0 < len(rows) <= MAX_CARD_ROWS:
        raise MetaError(f"{keys.place}.rows are {len(rows)}, not 1 to {MAX_CARD_ROWS}")
    return Card(
        title=keys.text("title"),
        label=keys.column("label"),
        value=keys.column("value"),
        change=keys.column_or_none("change"),
        rows=tuple(_row(f"{keys.place}.rows[{n}]", row) for n, row in enumerate(rows, 1)),
    )


def _listing(keys: _Keys) -> Listing:
    rows = keys.row("rows")
    if rows > MAX_LIST_ROWS:
        raise MetaError(f"{keys.place}.rows are {rows}, not 1 to {MAX_LIST_ROWS}")
    return Listing(
        title=keys.text("title"),
        rows=rows,
        text=keys.column("text"),
        mark=keys.column_or_none("mark"),
        value=keys.column_or_none("value"),
        change=keys.column_or_none("change"),
        note=keys.text_or_empty("note"),
        count=keys.column_or_none("count"),
        width=_one_of(f"{keys.place}.width", keys.get("width") or "full", Width),
    )


def column_from_meta(place: str, value: object, columns: Collection[str]) -> str:
    """Return the name of one of the columns, as the mart spells it."""
    if columns is ANY_COLUMNS and isinstance(value, str):
        return value
    for name in columns:
        if isinstance(value, str) and name.casefold() == value.casefold():
            return name
    near = get_close_matches(str(value).casefold(), columns, n=1)
    guess = f"; did you mean {near[0]}?" if near else ""
    raise MetaError(f"{place} {value!r} is not a column that has a header{guess}")


def _row(place: str, value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise MetaError(f"{place} {value!r} is not a whole number from 1 up")
    return value


def _list(place: str, value: object) -> list[Any]:
    if not isinstance(value, list):
        raise MetaError(f"{place} is not a list")
    return value


def _one_of(place: str, value: object, kind: Any) -> Any:
    known = get_args(kind)
    if value not in known:
        raise MetaError(f"{place} {value!r} is not one of {', '.join(known)}")
    return value
