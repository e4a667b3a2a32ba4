"""How a value is shown: number formats, dates, and the format a cell has in effect."""

from __future__ import annotations

import datetime as dt
import re
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.sheets_emulator.cells import Cell, Result
    from tests.sheets_emulator.errors import Json
    from tests.sheets_emulator.grid import Spreadsheet

EPOCH = dt.datetime(1899, 12, 30)  # noqa: DTZ001 - serial numbers have no time zone

DEFAULT_PATTERNS = {
    "DATE": "m/d/yyyy",
    "TIME": "h:mm:ss am/pm",
    "DATE_TIME": "m/d/yyyy h:mm:ss",
    "PERCENT": "0.00%",
    "CURRENCY": '"$"#,##0.00',
    "NUMBER": "#,##0.00",
    "SCIENTIFIC": "0.00E+00",
}

MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]


def serial_of_date(year: int, month: int, day: int) -> float:
    """A date as days since 1899-12-30; months and days overflow as in `DATE()`."""
    months = year * 12 + month - 1
    first = dt.datetime(months // 12, months % 12 + 1, 1)  # noqa: DTZ001 - see EPOCH
    return float((first - EPOCH).days + day - 1)


def is_date_time(number_format: Json | None) -> bool:
    """Whether a number in this format stands for a date or a time."""
    return bool(number_format) and (number_format or {}).get("type") in (
        "DATE",
        "TIME",
        "DATE_TIME",
    )


def formatted(result: Result, cell_format: Json | None) -> str:
    """The text that a cell shows."""
    if result is None:
        return ""
    if isinstance(result, bool):
        return "TRUE" if result else "FALSE"
    if not isinstance(result, float):
        return str(result)
    number_format = (cell_format or {}).get("numberFormat") or {}
    kind = number_format.get("type")
    pattern = number_format.get("pattern") or DEFAULT_PATTERNS.get(kind or "", "")
    if not pattern or kind == "TEXT" or pattern in ("@", "General"):
        return general(result)
    if is_date_time(number_format):
        return _date_text(result, pattern)
    return _number_text(result, pattern)


def general(number: float) -> str:
    """A number without a format: ten significant digits, whole numbers up to fifteen."""
    if number.is_integer() and abs(number) < 1e15:
        return str(int(number))
    text = f"{number:.10g}"
    mantissa, exponent, power = text.partition("e")
    if not exponent:
        return text
    if abs(number) < 1 and abs(int(power)) <= 9:
        return f"{Decimal(text):f}"
    return f"{mantissa}E{'+' if int(power) > 0 else '-'}{abs(int(power)):02d}"


_LITERAL = re.compile(r'"([^"]*)"|\\(.)|_.|\*.')
_HIDDEN = 0xE000
"""Characters of the private use area stand for a pattern's literals while it is read."""
_DIGITS = re.compile(r"[#0?][#0?,]*(?:\.[#0?]+)?|\.[#0?]+")


def _number_text(number: float, pattern: str) -> str:
    sections = pattern.split(";")
    section = sections[1] if number < 0 and len(sections) > 1 else sections[0]
    sign = "-" if number < 0 and len(sections) == 1 else ""
    literals: list[str] = []

    def hide(match: re.Match[str]) -> str:
        literals.append(match[1] or match[2] or "")
        return chr(_HIDDEN + len(literals) - 1)

    bare = re.sub(r"\[[^\]]*\]", "", _LITERAL.sub(hide, section))
    amount = abs(Decimal(repr(number))) * (100 if "%" in bare else 1)
    match = _DIGITS.search(bare)
    if match is None:
        text = bare
    else:
        digits = match[0]
        exponent = re.match(r"E[+-]0+", bare[match.end() :])
        shown = _scientific(amount, digits) if exponent else _decimal_text(amount, digits)
        end = match.end() + (exponent.end() if exponent else 0)
        text = bare[: match.start()] + shown + bare[end:]
    return sign + text.translate({_HIDDEN + index: item for index, item in enumerate(literals)})


def _decimal_text(amount: Decimal, digits: str) -> str:
    whole, _, fraction = digits.partition(".")
    places, least = len(fraction), fraction.count("0")
    rounded = amount.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    integer, _, decimals = f"{rounded:f}".partition(".")
    while len(decimals) > least and decimals.endswith("0"):
        decimals = decimals[:-1]
    integer = integer.rjust(whole.replace(",", "").count("0"), "0")
    if integer == "0" and "0" not in whole:
        integer = ""
    if "," in whole and integer:
        integer = f"{int(integer):,}"
    return integer + ("." + decimals if decimals else "")


def _scientific(amount: Decimal, digits: str) -> str:
    places = len(digits.partition(".")[2])
    mantissa, _, power = f"{amount:.{places}E}".partition("E")
    return f"{mantissa}E{'+' if int(power) >= 0 else '-'}{abs(int(power)):02d}"


HALVES = ("am/pm", "a/p")
_DATE_TOKEN = re.compile(
    r'"([^"]*)"|\\(.)|(y+|m+|d+|h+|s+(?:\.0+)?|am/pm|a/p|\[h+\]|\[m+\]|\[s+\])|.',
    re.IGNORECASE | re.DOTALL,
)


def _date_text(serial: float, pattern: str) -> str:
    moment = EPOCH + dt.timedelta(milliseconds=round(serial * 86_400_000))
    matches = list(_DATE_TOKEN.finditer(pattern))
    tokens = [(match[3] or "").lower() for match in matches]
    twelve_hours = any(token in HALVES for token in tokens)
    parts = []
    for index, match in enumerate(matches):
        token = tokens[index]
        if not token:
            parts.append(match[1] if match[1] is not None else match[2] or match[0])
        elif token[0] == "m" and _is_minute(tokens, index):
            parts.append(f"{moment.minute:0{len(token)}d}")
        else:
            parts.append(_date_part(moment, token, serial, twelve_hours=twelve_hours))
    return "".join(parts)


def _is_minute(tokens: list[str], index: int) -> bool:
    before = next((token for token in reversed(tokens[:index]) if token), "")
    after = next((token for token in tokens[index + 1 :] if token), "")
    return before[:1] in ("h", "[") or after[:1] == "s"


def _date_part(moment: dt.datetime, token: str, serial: float, *, twelve_hours: bool) -> str:
    size = len(token)
    if token.startswith("["):
        per_day = {"h": 24, "m": 1440, "s": 86400}[token[1]]
        return f"{int(serial * per_day + 1e-9):0{size - 2}d}"
    if token in HALVES:
        half = "AM" if moment.hour < 12 else "PM"
        return half if len(token) == 5 else half[0]
    if token[0] == "s":
        return _seconds(moment, token)
    hour = (moment.hour % 12 or 12) if twelve_hours else moment.hour
    names = {"m": MONTHS[moment.month - 1], "d": DAYS[moment.weekday()]}
    if token[0] in names and size >= 3:
        return names[token[0]][:3] if size == 3 else names[token[0]]
    if token[0] == "y":
        return f"{moment.year % 100:02d}" if size <= 2 else f"{moment.year:04d}"
    return f"{({'m': moment.month, 'd': moment.day, 'h': hour})[token[0]]:0{size}d}"


def _seconds(moment: dt.datetime, token: str) -> str:
    whole, point, fraction = token.partition(".")
    return f"{moment.second:0{len(whole)}d}" + point + f"{moment.microsecond:06d}"[: len(fraction)]


def effective_format(book: Spreadsheet, cell: Cell) -> Json:
    """The workbook's default format with the cell's own laid over it."""
    base = {**book.properties["defaultFormat"], "hyperlinkDisplayType": "PLAIN_TEXT"}
    return _overlaid(base, cell.format or {})


def _overlaid(base: Json, over: Json) -> Json:
    merged = dict(base)
    for name, value in over.items():
        below = merged.get(name)
        nested = isinstance(below, dict) and isinstance(value, dict)
        plain = "olor" in name  # A colour is replaced whole: a missing component of it means 0.
        merged[name] = _overlaid(below, value) if nested and below and not plain else value
    return merged
