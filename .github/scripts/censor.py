"""A text without secrets in any spelling, and without commands to the runner or a terminal.

GitHub masks a secret only as it was pasted: not the id within a spreadsheet's URL, nor a URL's
password, nor a key that a program printed in another spelling.
"""

from __future__ import annotations

import base64
import html
import json
import os
import re
import unicodedata
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus, unquote, unquote_plus

if TYPE_CHECKING:
    from collections.abc import Iterator

SECRETS = (
    *("REFSYNC_TRACKER_URL", "REFSYNC_RAW_DIR", "GOOGLE_SHEET_ID", "GOOGLE_SERVICE_ACCOUNT_JSON"),
    *("REFSYNC_SPARK_PASSWORD", "REFSYNC_EMAIL_KEY", "PGPASSWORD", "PGSSLPASSWORD"),
    *("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "GITHUB_TOKEN"),
    "REFSYNC_WEBHOOK_URL",
    *("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"),
)
PARTLY_SECRET = {"REFSYNC_RAW_DIR", "HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"}
"""In these only the password is secret."""

MIN_CHARACTERS = 4
"""A shorter secret stays, because a text without it would be unreadable."""

_COLOR = re.compile(r"\x1b\[[0-9;]*m")
_SPREADSHEET = re.compile(r"/spreadsheets/(?:u/\d+/)?d/([\w-]+)")
_PASSWORD = re.compile(r"(?i)(?:password|passwd|passfile|pwd|token|secret)\s*=\s*([^&\s]+)")
_LINES = re.compile(r"[\r\n]+|(?:\\+[rn])+")


class Censor:
    """Knows the secrets in the environment, and removes them from a text."""

    def __init__(self) -> None:
        """Read the secrets of the environment."""
        parts: set[str] = set()
        for name in SECRETS:
            value = os.environ.get(name, "").strip()
            for part in _parts(value, whole=name not in PARTLY_SECRET):
                parts.update(_spellings(part))
        self._parts = sorted((part for part in parts if len(part) >= MIN_CHARACTERS), key=len)[::-1]

    def strike(self, text: str) -> str:
        """Return a line without any secret, and without commands to a runner or terminal."""
        text = _COLOR.sub("", text)
        for part in self._parts:
            text = text.replace(part, "***")
        return harmless(text)


def harmless(text: str) -> str:
    """Return one line in which control characters are escaped and commands of the runner are not.

    The runner looks for `::` at a line's beginning, and for `##[` anywhere.
    """
    text = "".join(
        sign
        if sign == "\t" or unicodedata.category(sign) not in {"Cc", "Cs", "Zl", "Zp"}
        else sign.encode("unicode_escape").decode()
        for sign in text
    ).replace("##[", "# #[")
    return "| " + text if text.lstrip().startswith("::") else text


def _parts(value: str, *, whole: bool) -> Iterator[str]:
    """Yield the secrets in a value: the whole value, and each part that gives it away."""
    if whole:
        yield value
        # A word of a key's JSON, such as its type, is none.
        yield from (line.strip(" \t\"',") for line in _LINES.split(value) if len(line) > 20)
        yield from _SPREADSHEET.findall(value)
        yield from _parts_of_key(value)
    yield from _PASSWORD.findall(value)
    if value.startswith("{"):
        return  # a key: what is before an @ in it is an address
    # Whatever a parser makes of an odd URL: all before the last @ may be the password.
    _, colon, rest = unicodedata.normalize("NFKC", value).partition("://")
    for before in {rest.rpartition("@")[0], value.partition("//")[2].rpartition("@")[0]}:
        yield before if ":" in before else ""
        yield before.partition(":")[2]
        yield from (each for each in re.split(r"[@/?#]", before.partition(":")[2]) if len(each) > 7)
    if colon and "@" not in rest:
        yield re.split(r"[/?#]", rest.partition(":")[2])[0]


def _parts_of_key(value: str) -> Iterator[str]:
    try:
        value = base64.b64decode("".join(value.split()), validate=True).decode()
        yield value
    except ValueError:
        pass
    try:
        key = json.loads(value, strict=False)
    except ValueError:
        return
    for name in ("private_key", "private_key_id", "refresh_token", "client_secret"):
        text = key.get(name) if isinstance(key, dict) else None
        if isinstance(text, str):
            yield text
            yield from (line.strip() for line in _LINES.split(text) if "KEY-----" not in line)


def _spellings(part: str) -> Iterator[str]:
    """Yield a secret as programs write it: decoded, percent-encoded, escaped, as HTML."""
    for text in {part, unquote(part), unquote_plus(part)}:
        yield text
        for encoded in (quote(text, safe=""), quote(text), quote_plus(text)):
            yield encoded
            yield encoded.lower() if encoded != text and text.islower() else encoded
        yield json.dumps(text)[1:-1]
        yield json.dumps(text, ensure_ascii=False)[1:-1]
        yield repr(text)[1:-1]
        yield repr(f"'{text}\"")[3:-2]
        yield repr(repr(text))[2:-2]
        yield json.dumps(json.dumps(text))[3:-3]
        yield text.encode("unicode_escape").decode()
        yield html.escape(text)
        yield base64.b64encode(text.encode()).decode().rstrip("=")
