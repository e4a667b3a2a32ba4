"""Ids of a database as staging writes them, so that two spellings of one id are compared as one.

Staging's macro `identifier` does the same: a uuid has dashes and small letters, a whole number of a
float column has no fraction, and no id has spaces around it.
"""

from __future__ import annotations

_UUID = r"^([{][0-9a-fA-F-]*[}]|[0-9a-fA-F-]*)$"
"""With the dashes anywhere, if there are 32 digits: DuckDB reads such uuids."""

_WHOLE_FLOAT = r"^-?[0-9]{1,15}[.]0*$"


def in_postgres(column: str) -> str:
    """Return a column of any type as an id, in PostgreSQL's SQL.

    No collation takes part, because one may take two ids for the same.
    """
    text = f'btrim(cast({column} as text)) collate "C"'
    digits = f"translate({text}, '{{}}-', '')"
    return (
        f"case when {text} ~ '{_UUID}' and length({digits}) = 32 "
        f"then cast(cast({digits} as uuid) as text) "
        f"when {text} ~ '{_WHOLE_FLOAT}' then split_part({text}, '.', 1) else {text} end"
    )


def in_duckdb(column: str) -> str:
    """Return a column of text as an id, in DuckDB's SQL."""
    # DuckDB's trim counts characters, and fails at what is not UTF-8 without a word of it.
    stripped = f"regexp_replace({column}, '^ +| +$', '', 'g')"
    text = f"case when contains({column}, ' ') then {stripped} else {column} end"
    return (
        f"coalesce(cast(try_cast({text} as uuid) as varchar), "
        f"case when regexp_matches({text}, '{_WHOLE_FLOAT}') then split_part({text}, '.', 1) "
        f"else {text} end)"
    )
