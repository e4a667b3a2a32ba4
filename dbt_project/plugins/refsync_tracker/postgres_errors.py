"""Errors of PostgreSQL and libpq, without DuckDB's words around them, and the next step."""

from __future__ import annotations

import re

ADVICE = {
    "^permission denied": "grant the role usage of the schema and select on what refsync reads",
    "lock timeout": "another session locks the table; run it again when that session has ended, or "
    "allow a longer wait with ?options=-c%20lock_timeout%3D5min in the URL",
    "statement timeout": "find out what slows the server down, or allow more time with "
    "?options=-c%20statement_timeout%3D2h in the URL",
    "row-level security": "its policies would hide rows; let the role read all with `alter role … "
    "bypassrls`, or have the policies applied with ?options=-c%20row_security%3Don in the URL",
    "has not been populated": "fill it at the source with `refresh materialized view`",
    "encoding": "a text of the table is not valid in the database's encoding; correct it at the "
    "source",
}
"""What to do about an error, by a pattern of PostgreSQL's words."""


PASSING = re.compile(
    r"(?i)connection|terminat|network|host|reset by peer|broken pipe|synchroni[sz]|\bSSL\b|EOF|"
    r"timeout|timed out|deadlock|serializ|conflict with recovery|recovery mode|starting up|"
    r"shutting down|too many clients|slots are reserved|canceling statement|out of shared memory"
)
"""What an error's words have that may be gone at the next try."""


def words_of(text: str) -> str:
    """Return PostgreSQL's own words, or libpq's, without DuckDB's and the query around them."""
    for pattern in (
        r"(?:FATAL|ERROR): +([^\n]+)",
        r"Unable to connect to Postgres at \".*?\": (?:connection to server .*? failed: )?([^\n]+)",
        r"(?:failed|error): ([^\n]+)",
        r"Error: ([^\n]+)",
    ):
        found = re.search(pattern, text)
        if found:
            return found[1].strip().rstrip(".:")
    return text.splitlines()[0]


def advice_on(words: str) -> str | None:
    """Return the next step for an error that is known; None for any other."""
    return next((advice for pattern, advice in ADVICE.items() if re.search(pattern, words)), None)


def next_step(words: str) -> str:
    """Return what to do about an error that is not known."""
    if PASSING.search(words):
        return "Run it again."
    return "Correct it at the source, or let the role read what it needs."
