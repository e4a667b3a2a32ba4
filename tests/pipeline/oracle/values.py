"""Single values: what a text of the source means, and how values are sorted."""

from __future__ import annotations

import hashlib
import re
from datetime import date, datetime, time, timedelta, timezone
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.pipeline.oracle.tables import SourceRow

UUID = re.compile(r"[0-9a-f]{8}(-?)[0-9a-f]{4}\1[0-9a-f]{4}\1[0-9a-f]{4}\1[0-9a-f]{12}")

TIMESTAMP = re.compile(
    r"(?P<date>\d{4}-\d{2}-\d{2})[ T](?P<hour>\d{2}):(?P<minute>\d{2})"
    r"(?::(?P<second>\d{2})(?:\.(?P<fraction>\d+))?(?P<offset>Z|[+-]\d{2}(?::?\d{2})?)?)?"
)


def identifier(text: str | None) -> str | None:
    """Return an id: a uuid dashed and in lower case, any other text as it is, empty as None."""
    if not text:
        return None
    if not UUID.fullmatch(text.lower()):
        return text
    digits = text.lower().replace("-", "")
    return "-".join(
        (digits[0:8], digits[8:12], digits[12:16], digits[16:20], digits[20:32]),
    )


def timestamp(text: str | None) -> datetime | None:
    """Return the moment that an ISO 8601 text names, in UTC where it has no offset.

    Digits beyond the microsecond are cut off. Only a text with seconds may name an offset.

    Raises:
        ValueError: The text is no such timestamp.
    """
    if not text:
        return None
    match = TIMESTAMP.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is not a timestamp")
    clock = time(
        int(match["hour"]),
        int(match["minute"]),
        int(match["second"] or 0),
        int((match["fraction"] or "")[:6].ljust(6, "0")),
    )
    moment = datetime.combine(date.fromisoformat(match["date"]), clock, timezone.utc)
    offset = match["offset"]
    if offset in (None, "Z"):
        return moment
    digits = offset[1:].replace(":", "").ljust(4, "0")
    shift = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return moment + shift if offset[0] == "-" else moment - shift


def address(text: str | None) -> str | None:
    """Return an ip without the mask that PostgreSQL prints after an inet; empty as None."""
    return text.split("/")[0] or None if text else None


def number(text: str | None) -> float | None:
    """Return the number that a text is; empty as None."""
    return float(text) if text else None


def truth(text: str | None) -> bool | None:
    """Return what a text says is so; None where it says nothing."""
    if not text:
        return None
    words = {"t": True, "true": True, "yes": True, "1": True}
    words |= {"f": False, "false": False, "no": False, "0": False}
    return words[text.lower()]


def email_hash(row: SourceRow) -> str | None:
    """Return the row's e-mail hash, or the hash of its plain e-mail, if it has either."""
    hashed, plain = row.get("user_email_hash"), row.get("user_email")
    if hashed is not None or plain is None:
        return hashed
    return hashlib.sha256(plain.strip(" ").lower().encode()).hexdigest()


def required(value: str | None) -> str:
    """Return a value that the tracker's schema never leaves out."""
    assert value is not None
    return value


def nulls_last(*values: Any) -> tuple[Any, ...]:
    """Return a sort key of values that puts each None after everything else."""
    return tuple((value is None, value) if value is not None else (True,) for value in values)
