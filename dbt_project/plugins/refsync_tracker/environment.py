"""The variables for the tracker's location: the errors for wrong values, and a hint.

This plugin also runs without refsync-push, so it imports nothing of it.
"""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path
from urllib.parse import unquote

from .schema import InputError

_SECRET = re.compile(
    r"(?i)\w+:[^\s]*@|:/?/[^\s]*@|^(?!s3:|s3a:|hdfs:|abfss?:|file:)[a-z][\w+]+://|private_key|BEGIN[^-]*KEY"
    r"|\A\s*\{|(?:password|passwd|token|secret|access_?key)\s*="
)


def refuse_secret(name: str, value: str) -> None:
    """Refuse a folder that looks like a URL with a password, or like a key.

    Raises:
        InputError: It does. The sentence does not repeat it.
    """
    if any(_SECRET.search(text) for text in (value, unicodedata.normalize("NFKC", unquote(value)))):
        raise InputError(
            f"{name} is a key or the URL of a database, not a folder: set it to the folder of "
            "the tracker's tables; a database's URL belongs in REFSYNC_TRACKER_URL. The value "
            "is not shown here."
        )


def hint_of_env_file(name: str) -> str:
    """Return a hint if an unset variable is in the file `.env`; otherwise the empty text."""
    try:
        text = Path(".env").read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        return ""
    if not re.search(rf"^\s*(?:export\s+)?{re.escape(name)}\s*=\s*\S", text, re.MULTILINE):
        return ""
    return (
        " It is in the file .env, which refsync-push reads and dbt does not: `set -a; . ./.env; "
        "set +a` in a shell sets it for both."
    )
