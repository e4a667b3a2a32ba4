"""Values that look like a key, a password or a token: no error repeats one.

People paste secrets into the wrong variable. So every setting is checked before its first use, and
the text of every error passes `strike`.
"""

from __future__ import annotations

import base64
import binascii
import os
import re
import unicodedata
from typing import TYPE_CHECKING
from urllib.parse import unquote

from refsync.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

HOMES = {
    "a service account's key": "GOOGLE_SERVICE_ACCOUNT_JSON",
    "a database's URL": "REFSYNC_TRACKER_URL",
    "a webhook's URL": "REFSYNC_WEBHOOK_URL",
}
"""The variable for each kind of secret."""

SECRET_VARIABLES = (
    *("REFSYNC_TRACKER_URL", "GOOGLE_SERVICE_ACCOUNT_JSON", "REFSYNC_SPARK_PASSWORD"),
    *("REFSYNC_EMAIL_KEY", "PGPASSWORD", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"),
    *("MOTHERDUCK_TOKEN", "motherduck_token", "REFSYNC_WEBHOOK_URL"),
)

_MIN_CHARACTERS = 6
"""A shorter secret stays in a text, which would be unreadable without it."""

_DATABASE = re.compile(
    r"\b(?:postgres(?:ql)?|mysql|mariadb|mssql|oracle|mongodb|redis|rediss|amqps?|jdbc:\w+|snowflake"
    r"|sqlite|clickhouse)(?:\+\w+)?://",
    re.IGNORECASE,
)
_USER_IN_URL = re.compile(r"(\w://)[^\s/'\"]*@|(\w://)[^\s'\"]*:[^\s'\"]*@")
_QUERY_IN_URL = re.compile(r"(\b(?!https?:)[a-z][\w+.-]+:[^\s?'\"]*\w)\?[^\s'\"]+", re.IGNORECASE)
"""The query of a database's URL, as `md:` has one: some have a token in it."""

_ASSIGNED = re.compile(
    r"(?i)(\w*(?:passw(?:or)?d|passphrase|passcode|pwd|token|secret|access_?key|api_?key"
    r"|private_?key|credentials?|signature)[\"']?\s*[=:]\s*)([^\s&;,}]+)"
)
_TOKEN = re.compile(
    r"\b(?:ya29\.|gh[pousr]_\w{20}|github_pat_|glpat-|xox[abprs]-|sk-\w{20}|AIza[\w-]{30}|GOCSPX-"
    r"|(?:AKIA|ASIA)[A-Z0-9]{16}\b|eyJ[\w-]{8,}\.[\w-]+)"
)
_WEBHOOK = re.compile(
    r"(?i)\b(?:hooks\.slack(?:-gov)?\.com/(?!$)|discord(?:app)?\.com/api/(?:v\d+/)?webhooks/"
    r"|chat\.googleapis\.com/v1/spaces/|[\w.-]+\.webhook\.office\.com/|outlook\.office(?:365)?\.com/"
    r"webhook/|[\w.-]+\.logic\.azure\.(?:com|us)(?::\d+)?/|[\w.-]+\.api\.powerplatform\.com(?::\d+)?/)"
    r"[^\s'\"]+"
)
_PRIVATE_KEY = re.compile(r"-----BEGIN[^-]*KEY-----")
_GOOGLE_KEY = re.compile(
    r"""\\?["'](?:private_key(?:_id)?|client_email|client_secret|refresh_token)\\?["']\s*:"""
)
_SIGNS = (
    ("a service account's key", _GOOGLE_KEY),
    ("a key", _PRIVATE_KEY),
    ("a key", re.compile(r"\A\s*\{.")),
    ("a database's URL", _DATABASE),
    ("a webhook's URL", _WEBHOOK),
    ("a URL with a password", _USER_IN_URL),
    ("a token", _TOKEN),
    ("a password or a token", _ASSIGNED),
)


def kind_of_secret(value: str) -> str | None:
    """Return what kind of secret a value looks like, in words; None if it looks like none.

    >>> kind_of_secret("postgresql://reader:pass@db.example.org/tracker")
    "a database's URL"
    >>> kind_of_secret("report.xlsx") is None
    True
    """
    # Wide characters and percent-encoded ones are compared as what they mean.
    for text in dict.fromkeys((value, unicodedata.normalize("NFKC", unquote(value)))):
        if found := next((kind for kind, sign in _SIGNS if sign.search(text)), None):
            return found
    decoded = _from_base64(value)
    return decoded and (kind_of_secret(decoded) or ("a key" if len(value) > 200 else None))


def quoted(value: str) -> str:
    """Return a value as an error shows it: in quotes, or not at all if it may be a secret.

    >>> quoted("report.xls"), quoted("password=12345678")
    ("'report.xls'", '(not shown here)')
    """
    runs = re.findall(r"[\w+/=-]{24,}", value)
    is_random = any(
        all(re.search(kind, run) for kind in ("[a-z]", "[A-Z]", "[0-9]")) for run in runs
    )
    return "(not shown here)" if is_random or kind_of_secret(value) else repr(value)


def refuse_secrets(settings: Iterable[tuple[str, str | None]]) -> None:
    """Refuse settings that look like a secret; the error has their names only.

    Raises:
        ConfigError: A setting has a value that looks like a secret.
    """
    for name, value in settings:
        kind = kind_of_secret(value) if value else None
        if kind:
            home = HOMES.get(kind)
            step = f"swap it with {home}" if home else "remove it, and replace the secret"
            raise ConfigError(f"{name} holds {kind}: {step}. The value is not shown here.")


def strike(text: str, environment: Mapping[str, str] = os.environ) -> str:
    """Return a text without the environment's secrets, and without what looks like a secret.

    >>> strike("failed: s3cret!", {"PGPASSWORD": "s3cret!"})
    'failed: ***'
    """
    for value in _secrets(environment):
        text = text.replace(value, "***")
    text = re.sub(
        r"-----BEGIN[^-]*KEY-----.*?(?:-----END[^-]*KEY-----|\Z)", "***", text, flags=re.DOTALL
    )
    text = _WEBHOOK.sub("***", text)
    text = _QUERY_IN_URL.sub(r"\1?***", text)
    text = _USER_IN_URL.sub(lambda found: f"{found[1] or found[2]}***@", text)
    return _TOKEN.sub("***", text)


def _secrets(environment: Mapping[str, str]) -> list[str]:
    """Return the environment's secrets, the longest first."""
    found: set[str] = set()
    for name in SECRET_VARIABLES:
        value = environment.get(name, "").strip()
        found |= {value, repr(value)[1:-1], *value.splitlines(), *re.split(r"\\+n", value)}
        if name == "REFSYNC_WEBHOOK_URL":
            # Its path is what lets anybody send messages; a library names it without the host.
            path = value.partition("://")[2].partition("/")[2]
            found |= {path, *(part for part in re.split(r"[/?&=]", path) if len(part) >= 16)}
        if "://" in value:
            password = value.partition("://")[2].rpartition("@")[0].partition(":")[2]
            found |= {password, unquote(password)}
    return sorted((each for each in found if len(each) >= _MIN_CHARACTERS), key=len, reverse=True)


def _from_base64(value: str) -> str | None:
    text = "".join(value.split()).replace("-", "+").replace("_", "/")
    if len(text) < 40:
        return None
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True).decode()
    except (binascii.Error, ValueError):
        return None
