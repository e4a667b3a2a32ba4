"""What a newcomer needs to know: is everything there for a push, and if not, what is to be done."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from refsync.destination import destination_of
from refsync.errors import ConfigError, MartError
from refsync.marts.reader import read_marts
from refsync.report import Finding, build_fields, build_in_words, warnings_of
from refsync.worksheet.build import Build

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from refsync.settings import Settings
    from refsync.worksheet.table import Table


def check(settings: Settings) -> Iterator[Finding]:
    """Yield what is found, one thing after the other; nothing is changed by looking.

    What depends on a thing that is missing is not looked at.
    """
    tables: tuple[Table, ...] = ()
    try:
        tables = read_marts(settings)
        names = ", ".join(table.worksheet for table in tables)
        count = f"{len(tables)} worksheet{'' if len(tables) == 1 else 's'}"
        yield Finding(f"dbt has built {count}: {names}.")
        build = tables[0].build
        if words := build_in_words(build):
            yield Finding(words, build=build)
        for warning in warnings_of(tables):
            yield Finding(warning, is_warning=True)
    except (MartError, ConfigError) as error:
        yield Finding(str(error), is_good=False)
    yield from destination_of(settings).check(tables, settings)


def to_json(findings: Sequence[Finding]) -> str:
    """Return the findings as one JSON object, with the build's fields."""
    build = next((finding.build for finding in findings if finding.build), Build())
    whole = {
        "is_good": all(finding.is_good for finding in findings),
        "build": build_fields(build),
        "findings": [
            {
                "status": "warning" if each.is_warning else "ok" if each.is_good else "missing",
                "words": each.words,
            }
            for each in findings
        ],
    }
    return json.dumps(whole, indent=2, ensure_ascii=False)
