"""Whether a DuckDB file is the one that the last build wrote.

dbt-duckdb opens a relative path from the folder in which dbt was started, and an expression in the
profile may have another value for dbt than for a push. The file that a push finds may then be of an
earlier build, and nothing in it says so.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING

from refsync.errors import MartError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from refsync.marts.graph import Graph
    from refsync.marts.mart import Mart
    from refsync.marts.run_results import RunResults

CLOCKS_DIFFER = timedelta(seconds=2)
"""How far the clock of a file server, or of an archive's format, may be behind dbt's."""


def refuse_older_file(
    files: Mapping[str, Path], run: RunResults, marts: Sequence[Mart], graph: Graph
) -> None:
    """Refuse a file of the marts that was last written before the last build wrote to it.

    Args:
        files: The files by their catalogs in lower case; the empty name is dbt's own.
        run: The results of the last build.
        marts: The marts that are read.
        graph: Says what a build writes to.

    Raises:
        MartError: There is one.
    """

    def file_of(catalog: str | None) -> Path | None:
        return files.get((catalog or "").casefold())

    for path in sorted({path for mart in marts if (path := file_of(mart.database))}):
        started = {
            name: run.started[name]
            for name, catalog in graph.rewritten.items()
            if name in run.started and file_of(catalog) == path
        }
        written = _written(path)
        if not started or written is None:
            continue
        last = max(started, key=lambda name: started[name])
        if written < started[last] - CLOCKS_DIFFER:
            raise MartError(
                f"{path} was last written at {_shown(written)}, before the last `dbt "
                f"{run.command}` made {last.split('.')[2]} at {_shown(started[last])}, so that "
                "build wrote another file. Run `dbt build` in the project's folder, with the "
                "environment variables of this push, or name the file that it wrote with "
                "--database."
            )


def _written(path: Path) -> datetime | None:
    """Return when a file was last written, or what DuckDB keeps beside it until it is closed."""
    times = []
    for file in (path, Path(f"{path}.wal")):
        with suppress(OSError):
            times.append(file.stat().st_mtime)
    return datetime.fromtimestamp(max(times), timezone.utc) if times else None


def _shown(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"
