"""The tracker's tables, and the columns of them that refsync reads."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING

import duckdb

if TYPE_CHECKING:
    from collections.abc import Sequence


MAX_LISTED = 40
"""How many names an error lists."""


class InputError(Exception):
    """The tracker's tables cannot be read; the text is one sentence that names the location."""


@dataclass(frozen=True)
class TrackerTable:
    """One table of the tracker.

    Attributes:
        name: The table's name in the tracker's database.
        columns: The required columns.
        optional: The columns that are read if they exist, and otherwise are null.
        timestamps: The columns with instants.
        numbers: The columns with numbers; all others are read as text.
        event_type: What each row is, if the rows are events; None for a small table that describes
            them.
    """

    name: str
    columns: tuple[str, ...]
    optional: tuple[str, ...] = ()
    timestamps: frozenset[str] = frozenset()
    numbers: frozenset[str] = frozenset()
    event_type: str | None = None

    @property
    def all_columns(self) -> tuple[str, ...]:
        """Every column of the table in the catalog `tracker`, for every source."""
        return self.columns + self.optional

    def find(self, place: str, names: Sequence[str]) -> dict[str, str]:
        """Return `{column: name}`: the name of each of our columns in a file or table.

        A name may have any case and spaces around it, unless another one is exactly ours.

        Raises:
            InputError: A required column is missing, or two names mean one column.
        """
        found: dict[str, str] = {}
        for column in self.all_columns:
            same = [name for name in names if name == column]
            alike = same or [name for name in names if name.strip().lower() == column]
            if len(alike) > 1:
                raise InputError(
                    f"{self.name}: {place} has two columns for {column}, named "
                    f"{printable(repr(alike[0]))} and {printable(repr(alike[1]))}: keep one of "
                    "them."
                )
            if alike:
                found[column] = alike[0]
        missing = [column for column in self.columns if column not in found]
        if missing:
            listed = ", ".join(printable(name) for name in names[:MAX_LISTED])
            more = f" and {len(names) - MAX_LISTED} more" if len(names) > MAX_LISTED else ""
            raise InputError(
                f"{self.name}: {place} has no column {' and no column '.join(missing)}; its "
                f"columns are {listed or 'none'}{more}."
            )
        return found

    def check(self, place: str, names: Sequence[str]) -> None:
        """Refuse a file or table without the required columns.

        Raises:
            InputError: Columns are missing.
        """
        self.find(place, names)


TABLES = (
    TrackerTable(
        "auth_service_user",
        columns=("id", "full_name"),
        optional=("updated_at",),
        timestamps=frozenset({"updated_at"}),
    ),
    TrackerTable(
        "auth_service_officer",
        columns=("id", "user_id"),
        optional=("updated_at",),
        timestamps=frozenset({"updated_at"}),
    ),
    TrackerTable(
        "dashboard_service_campaign",
        columns=("id", "name", "start_date"),
        optional=("end_date", "updated_at"),
        timestamps=frozenset({"start_date", "end_date", "updated_at"}),
    ),
    TrackerTable(
        "dashboard_service_referrallink",
        columns=("id", "officer_id", "campaign_id"),
        optional=("ref_code", "created_at", "is_active", "revoke_at", "updated_at"),
        timestamps=frozenset({"created_at", "revoke_at", "updated_at"}),
    ),
    TrackerTable(
        "tracking_service_clickevent",
        columns=("id", "referral_link_id", "timestamp"),
        optional=("ip", "user_agent", "fraud_score"),
        timestamps=frozenset({"timestamp"}),
        numbers=frozenset({"fraud_score"}),
        event_type="click",
    ),
    TrackerTable(
        "tracking_service_signupevent",
        columns=("id", "click_event_id", "referral_link_id", "timestamp"),
        optional=("user_email_hash", "user_email", "conversion_minutes", "fraud_score"),
        timestamps=frozenset({"timestamp"}),
        numbers=frozenset({"conversion_minutes", "fraud_score"}),
        event_type="signup",
    ),
)

PARTS = """create table tracker.parts (event_type varchar, part varchar, version varchar, \
is_new boolean)"""
"""The parts of an event table: files, or dates. A part with another version is new."""


def mark_new_parts(connection: duckdb.DuckDBPyConnection, changed_parts: str) -> None:
    """Set `is_new` of each part: whether it is new or changed.

    Args:
        connection: A connection with the table `tracker.parts`.
        changed_parts: A query for the parts that were added, changed or removed: their
            `event_type` and `part_name`, and whether it `is_there`.
    """
    connection.execute(
        "update tracker.parts set is_new = (event_type, part) in "
        f"(select event_type, part_name from ({changed_parts}) as changed where is_there)"
    )


def literal(text: str) -> str:
    """Return a text as a literal of SQL, for DuckDB and PostgreSQL."""
    return "'" + text.replace("'", "''") + "'"


def quoted(name: str) -> str:
    """Return a name as SQL writes it."""
    return '"' + name.replace('"', '""') + '"'


def printable(text: str, length: int = 200) -> str:
    """Return a foreign text for an error: on one line, with control characters escaped."""
    text = text if len(text) <= length else f"{text[:length]}…"
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode() for char in text
    )


def reason(error: Exception) -> str:
    """Return the first line of DuckDB's message, without the kind of error before it."""
    if isinstance(error, UnicodeDecodeError):  # DuckDB's message itself has bytes of the file.
        return "it is not UTF-8."
    line = (str(error).splitlines() or ["no reason was given"])[0]
    return printable(line.split("Error: ", 1)[-1].rstrip(". "), 500) + "."


def load_extension(connection: duckdb.DuckDBPyConnection, extension: str, extra: str) -> None:
    """Load an extension of DuckDB from its wheel, so that DuckDB downloads nothing.

    It is loaded from the wheel's folder. DuckDB would install it into the home folder, which may
    not exist.

    Args:
        connection: The connection that needs it.
        extension: Its name.
        extra: The extra of refsync that installs it.

    Raises:
        InputError: The wheel is not installed, or is for another version of DuckDB.
    """
    try:
        wheel = resources.files(f"duckdb_extension_{extension}")
        version = f"v{duckdb.__version__}"
        file = wheel / "extensions" / version / f"{extension}.duckdb_extension"
        connection.load_extension(str(file))
    except (ImportError, duckdb.Error) as error:
        raise InputError(
            f"This needs DuckDB's extension {extension}: run `pip install 'refsync[{extra}]'`."
        ) from error
