"""USER_ENTERED: what Google makes of a text that is typed into a cell (en_US)."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING

from tests.sheets_emulator.cells import Cell, Formula, Plain, Value, check_length, with_value
from tests.sheets_emulator.formats import EPOCH, MONTHS

if TYPE_CHECKING:
    from tests.sheets_emulator.errors import Json

_NUMBER = re.compile(
    r"(?P<open>\()?(?P<sign>[-+])?\s*(?P<currency>\$)?(?P<sign2>[-+])?\s*"
    r"(?P<digits>(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d*)?|\.\d+)"
    r"(?P<exponent>[eE][-+]?\d+)?\s*(?P<percent>%)?(?P<close>\))?"
)
_MONTH = "|".join([*MONTHS, *(month[:3] for month in MONTHS)])
_WORD_STARTS = frozenset(("tru", "fal", *(month[:3].lower() for month in MONTHS)))
"""How a text that begins with a letter and yet is no text begins: TRUE, FALSE, a month."""
_TIME = (
    r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2}(?:\.\d+)?))?"
    r"(?:\s*(?P<half>[AaPp][Mm]))?"
)
_DATES = [
    (re.compile(r"(?P<y>\d{4})(?P<sep>[-/.])(?P<m>\d{1,2})(?P=sep)(?P<d>\d{1,2})"), None),
    (re.compile(r"(?P<m>\d{1,2})(?P<sep>[-/.])(?P<d>\d{1,2})(?P=sep)(?P<y>\d{4}|\d{2})"), None),
    (re.compile(r"(?P<m>\d{1,2})(?P<sep>[-/])(?P<d>\d{1,2})"), None),
    (
        re.compile(rf"(?P<month>{_MONTH})\.? (?P<d>\d{{1,2}}),? (?P<y>\d{{4}})", re.IGNORECASE),
        "mmm d, yyyy",
    ),
    (
        re.compile(rf"(?P<d>\d{{1,2}})[ -](?P<month>{_MONTH})[ -](?P<y>\d{{4}})", re.IGNORECASE),
        "d-mmm-yyyy",
    ),
]


def typed_in(old: Cell, value: Plain) -> Cell:
    """A cell after something was typed into it; a typed date or percent brings its format."""
    if isinstance(value, bool):
        return with_value(old, value)
    if isinstance(value, int | float):
        return with_value(old, float(value))
    parsed, number_format = parsed_text(value, is_text=_is_text(old.format))
    if number_format is None or (old.format or {}).get("numberFormat"):
        return with_value(old, parsed)
    return old._replace(value=parsed, format={**(old.format or {}), "numberFormat": number_format})


def _is_text(cell_format: Json | None) -> bool:
    return ((cell_format or {}).get("numberFormat") or {}).get("type") == "TEXT"


def parsed_text(  # noqa: PLR0911 - one a kind of text
    text: str, *, is_text: bool = False
) -> tuple[Value, Json | None]:
    """The value of a typed text, and the number format that typing it brings along."""
    check_length(text)
    if not text:
        return None, None
    if text[0].isalpha() and text[:3].lower() not in _WORD_STARTS:
        return text, None
    if text.startswith("'"):
        return text[1:] or None, None
    if text.startswith("=") and len(text) > 1:
        return Formula(text), None
    if is_text:
        return text, None
    if text.startswith("+") and len(text) > 1 and not _NUMBER.fullmatch(text.strip()):
        return Formula("=" + text[1:]), None
    stripped = text.strip()
    if stripped.upper() in ("TRUE", "FALSE"):
        return stripped.upper() == "TRUE", None
    number = _number(stripped)
    if number is not None:
        return number
    moment = _date_time(stripped)
    return moment if moment is not None else (text, None)


def _number(text: str) -> tuple[float, Json | None] | None:  # noqa: PLR0911 - one a kind of number
    match = _NUMBER.fullmatch(text)
    if match is None or bool(match["open"]) != bool(match["close"]):
        return None
    if match["sign"] and match["sign2"]:
        return None
    digits = match["digits"]
    number = float(digits.replace(",", "") + (match["exponent"] or ""))
    if "-" in (match["sign"], match["sign2"]) or match["open"]:
        number = -number
    decimals = "." in digits
    if match["percent"]:
        pattern = "0.00%" if decimals else "0%"
        return number / 100, {"type": "PERCENT", "pattern": pattern}
    if match["currency"]:
        pattern = '"$"#,##0.00' if decimals else '"$"#,##0'
        return number, {"type": "CURRENCY", "pattern": pattern}
    if match["exponent"]:
        return number, {"type": "SCIENTIFIC", "pattern": "0.00E+00"}
    if "," in digits:
        return number, {"type": "NUMBER", "pattern": "#,##0.00" if decimals else "#,##0"}
    return number, None


def _date_time(text: str) -> tuple[float, Json] | None:
    time_match = re.fullmatch(_TIME, text)
    if time_match:
        fraction = _day_fraction(time_match)
        pattern = "h:mm:ss" if time_match["second"] else "h:mm"
        pattern += " am/pm" if time_match["half"] else ""
        return None if fraction is None else (fraction, {"type": "TIME", "pattern": pattern})
    date_text, time_text = text, None
    split = re.fullmatch(rf"(.+?)[ T]({_TIME})", text)
    if split:
        date_text, time_text = split[1], split[2]
    day = _date(date_text)
    if day is None:
        return None
    serial, pattern = day
    if time_text is None:
        return serial, {"type": "DATE", "pattern": pattern}
    clock = re.fullmatch(_TIME, time_text)
    fraction = None if clock is None else _day_fraction(clock)
    if fraction is None:
        return None
    return serial + fraction, {"type": "DATE_TIME", "pattern": f"{pattern} h:mm:ss"}


def _day_fraction(match: re.Match[str]) -> float | None:
    hour, minute = int(match["hour"]), int(match["minute"])
    second = float(match["second"] or 0)
    if match["half"]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if match["half"].lower() == "pm" else 0)
    if hour > 23 or minute > 59 or second >= 60:
        return None
    return (hour * 3600 + minute * 60 + second) / 86400


def _date(text: str) -> tuple[float, str] | None:
    for expression, pattern in _DATES:
        match = expression.fullmatch(text)
        if match is None:
            continue
        parts = match.groupdict()
        today = dt.datetime.now(tz=dt.timezone.utc)
        year = int(parts.get("y") or today.year)
        if year < 100:
            year += 2000 if year < 50 else 1900
        if parts.get("month"):
            names = [name[:3].lower() for name in MONTHS]
            month = names.index(parts["month"][:3].lower()) + 1
        else:
            month = int(parts["m"])
        try:
            day = dt.datetime(year, month, int(parts["d"]))  # noqa: DTZ001 - a typed date
        except ValueError:
            continue
        return float((day - EPOCH).days), pattern or _typed_pattern(match)
    return None


def _typed_pattern(match: re.Match[str]) -> str:
    """The pattern that shows a date as it was typed."""
    parts = match.groupdict()
    month = "mm" if len(parts["m"]) == 2 and parts["m"][0] == "0" else "m"
    day = "dd" if len(parts["d"]) == 2 and parts["d"][0] == "0" else "d"
    separator = parts["sep"]
    if match.re is _DATES[0][0]:
        return f"yyyy{separator}mm{separator}dd"
    if "y" not in parts:
        return f"{month}{separator}{day}"
    year = "yyyy" if len(parts["y"]) == 4 else "yy"
    return separator.join((month, day, year))
