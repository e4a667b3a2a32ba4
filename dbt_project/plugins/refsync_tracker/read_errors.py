"""What DuckDB says of a file or a table that it cannot read, as one sentence that names it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, ClassVar

import duckdb
from dbt.adapters.duckdb.environments import local

from .schema import TABLES, InputError, printable

if TYPE_CHECKING:
    from collections.abc import Callable

    Said = Callable[["re.Match[str]"], str]

_DAMAGED_DATABASE = re.compile(
    r"Corrupt database file|Could not read enough bytes from file \"(?P<path>[^\"]*)\""
)
_NO_TABLE = re.compile(r"Catalog Error: Table with name (int_\w+) does not exist")
_CSV_FILE = re.compile(r"^ *file = (.*)$", re.MULTILINE)
_CSV_LINE = re.compile(r"CSV Error on Line: (\d+)")
_ZSTD = re.compile(r"Restored data doesn't match checksum|Data corruption detected")
_GONE = re.compile(r'No files found that match the pattern "(?P<path>[^"\n]*)"')
_JSON = re.compile(
    r'(?P<kind>Malformed JSON|JSON transform error) in file "(?P<path>.*?)",(?: at byte \d+)? in '
    r"(?P<unit>line|record/value) (?P<number>\d+): (?P<reason>[^\n]*)"
)

_CSV_FAULTS: tuple[tuple[str, Said], ...] = (
    (
        r"Expected Number of Columns: (\d+) Found: (\d+)",
        lambda found: (
            f"the row has {found[2]} fields and the header {found[1]}: correct it at the source, "
            "with quotes around a text that has a comma or a line break"
        ),
    ),
    (
        r"unterminated quote",
        lambda _: "a quoted text does not end where it should: write a quote within it twice",
    ),
    (r"Invalid unicode|utf-8 encoded", lambda _: "it is not UTF-8: save it as CSV UTF-8"),
    (
        r"Maximum line size",
        lambda _: "the line is longer than 16 MB: look for a quote that is never closed",
    ),
    (
        r"invalid state",
        lambda _: (
            "its lines end in different ways, with LF and with CRLF, or a quote is out of place: "
            "write it again with one kind of line end"
        ),
    ),
)


class ExplainingCursor(local.DuckDBCursorWrapper):
    """dbt-duckdb's cursor, whose errors about files and missing tables are sentences.

    A file's rows are read while models run, and dbt-duckdb has no hook for a plugin there.
    """

    root: ClassVar[str] = ""
    """Where the files are; empty if the tracker's tables are in a database."""

    def execute(self, sql: str, bindings: Any = None) -> Any:
        """Run a statement."""
        try:
            return super().execute(sql, bindings)  # type: ignore[no-untyped-call]
        except (duckdb.Error, UnicodeDecodeError) as error:
            sentence = explain(error, self.root)
            if sentence is None:
                raise
            raise sentence from error


def use_explaining_cursors(root: str) -> None:
    """Have dbt explain what it cannot read, from the next connection on.

    Args:
        root: The folder, or S3 prefix, that the tracker's files are in; empty if there are none.
    """
    ExplainingCursor.root = root
    local.DuckDBCursorWrapper = ExplainingCursor  # type: ignore[misc]


def explain(error: Exception, root: str) -> InputError | None:
    """Return what is wrong with the file or table that an error is about; None if it is about none.

    Args:
        error: What DuckDB raised.
        root: The folder, or S3 prefix, that the tracker's files are in; empty if there are none.
    """
    text = str(error)
    if isinstance(error, UnicodeDecodeError):  # the message has bytes of the file
        text = error.object.decode(errors="replace")
    if own := re.match(rf"Invalid Input Error: ((?:{'|'.join(t.name for t in TABLES)}): .*)", text):
        return InputError(own[1])  # from a check in staging
    if found := _JSON.search(text):
        # DuckDB counts a line that it cannot parse as read.
        number = int(found["number"]) - (found["kind"] == "Malformed JSON")
        unit = "line" if found["unit"] == "line" else "row"
        return InputError(f"{_place(found['path'], root)}, {unit} {number}: {_json_fault(found)}.")
    if whole := _without_a_row(text, root):
        return InputError(whole)
    path = _CSV_FILE.search(text)
    for pattern, sentence in _CSV_FAULTS:
        if path and (found := re.search(pattern, text)):
            line = _CSV_LINE.search(text)
            where = f", line {line[1]}" if line else ""
            return InputError(f"{_place(path[1], root)}{where}: {sentence(found)}.")
    return None


def _without_a_row(text: str, root: str) -> str | None:
    """Return what is wrong with a whole file or table; None if DuckDB's words are about neither."""
    if found := _NO_TABLE.search(text):
        return (
            f"There is no table {found[1]}, which may exist only while a build runs: run "
            "`dbt build`."
        )
    damage = _DAMAGED_DATABASE.search(text)
    if damage and not (root and (damage["path"] or "").startswith(root)):
        return (
            "refsync's own DuckDB file is damaged: delete it or move it away, then run "
            "`dbt build`, which counts everything again."
        )
    if root and _ZSTD.search(text):
        return (
            "A file of the tracker that ends in .zst is damaged: find it with `zstd -t`, and copy "
            "it again."
        )
    gone = _GONE.search(text)
    if gone and root and gone["path"].startswith(f"{root}/"):
        path = re.sub(r"\[([*?\[])\]", r"\1", gone["path"])
        return (
            f"{_place(path, root)} was removed while this build ran: run it again when the export "
            "is complete."
        )
    return None


def _json_fault(found: re.Match[str]) -> str:
    said = found["reason"]
    if found["kind"] == "JSON transform error":
        if "duplicate key" in said:
            return "the object has a key twice; write it once"
        return "it is not a JSON object; write each row as one"
    if "surrogate" in said:
        return (
            "a text has half of a surrogate pair, such as \\ud800, which is no character; write "
            "\\ufffd instead"
        )
    if "UTF-16" in said or "UTF-8" in said:
        return "it is not UTF-8: save it as UTF-8"
    return f"it is not JSON: {printable(said).rstrip('. ')}; correct it at the source"


def _place(path: str, root: str) -> str:
    """Return the name of a file for an error, with its table before it."""
    part = path.removeprefix(root).lstrip("/")
    table = re.split(r"[./]", part, maxsplit=1)[0].lower()
    return f"{table}: {printable(part)}"
