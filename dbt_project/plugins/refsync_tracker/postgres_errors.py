"""Errors of PostgreSQL and libpq, without DuckDB's words around them, and the next step."""

from __future__ import annotations

import re

ADVICE = {
    "^permission denied": "grant the role usage of the schema and select on what refsync reads",
    "lock timeout": "another session locks the table; run it again when that session has ended, or "
    "allow a longer wait with ?options=-c%20lock_timeout%3D5min in the URL",
    "statement timeout": "find out what slows the server down, or allow more time with "
    "?options=-c%20statement_timeout%3D2h in the URL",
    "encoding": "a text of the table is not valid in the database's encoding; correct it at the "
    "source",
}
"""What to do about an error, by a pattern of PostgreSQL's words."""


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
    """Return the next step for an error; None if it is only to run the command again."""
    return next((advice for pattern, advice in ADVICE.items() if re.search(pattern, words)), None)
