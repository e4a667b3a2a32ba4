"""Any database that dbt has an adapter for, read through dbt's own connection to it."""

from __future__ import annotations

import json
import os
from argparse import Namespace
from contextlib import suppress
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

from refsync.errors import ConfigError, MartError
from refsync.marts.build_status import UNFINISHED
from refsync.marts.column_types import TIMES, bare

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from refsync.marts.manifest import Mart
    from refsync.settings import Settings
    from refsync.worksheet.table import Column


def load_target(settings: Settings) -> Any:
    """Return dbt's configuration for the target that the settings name, as dbt itself finds it.

    Raises:
        ConfigError: There is no such profile or target, or its adapter is not installed.
    """
    # Imported here, since dbt takes a second and a DuckDB file needs none of it.
    from dbt.config.runtime import RuntimeConfig  # noqa: PLC0415
    from dbt.flags import set_from_args  # noqa: PLC0415
    from dbt_common.clients.system import get_env  # noqa: PLC0415
    from dbt_common.context import set_invocation_context  # noqa: PLC0415
    from dbt_common.exceptions import DbtBaseException  # noqa: PLC0415

    arguments = Namespace(
        project_dir=str(_project_folder(settings)),
        profiles_dir=str(_profiles_folder(settings)),
        target=settings.target,
        profile=None,
        vars={},
        threads=None,
    )
    try:
        set_invocation_context(get_env())
        set_from_args(arguments, {})
        return RuntimeConfig.from_args(arguments)
    except (DbtBaseException, OSError) as error:
        named = f"target {settings.target}" if settings.target else "profile"
        raise ConfigError(
            f"dbt's {named} cannot be read: {_said(error)} Run `dbt debug` to see what dbt finds."
        ) from error


def _project_folder(settings: Settings) -> Path:
    """Return the dbt project's folder: the one that is named, the manifest's, or this one."""
    if named := os.environ.get("DBT_PROJECT_DIR"):
        return Path(named)
    project = settings.manifest.absolute().parent.parent
    return project if (project / "dbt_project.yml").exists() else Path.cwd()


def _profiles_folder(settings: Settings) -> Path:
    """Return the folder of profiles.yml: the named one, this one, the project's or dbt's own."""
    near = (Path.cwd(), _project_folder(settings))
    found = (folder for folder in near if (folder / "profiles.yml").exists())
    return settings.profiles_dir or next(found, Path.home() / ".dbt")


def profile_time_zone(settings: Settings) -> str:
    """Return the zone that dbt's profile sets for DuckDB; UTC if it sets none, or there is none.

    Raises:
        ConfigError: The profile of the project cannot be read.
    """
    if not (_project_folder(settings) / "dbt_project.yml").exists():
        return "UTC"
    with suppress(OSError, UnicodeDecodeError):  # then dbt says what is wrong with it
        profiles = _profiles_folder(settings) / "profiles.yml"
        if "timezone" not in profiles.read_text(encoding="utf-8").lower():
            return "UTC"
    credentials = load_target(settings).credentials
    configured = {**(credentials.config_options or {}), **(credentials.settings or {})}
    zones = [str(zone) for key, zone in configured.items() if key.lower() == "timezone"]
    return zones[-1] if zones else "UTC"


class Warehouse:
    """A database behind dbt's adapter; it may have no transactions."""

    def __init__(self, config: Any) -> None:
        """Connect to a target.

        Raises:
            MartError: The database does not answer.
        """
        from dbt.adapters.factory import get_adapter, register_adapter  # noqa: PLC0415
        from dbt.mp_context import get_mp_context  # noqa: PLC0415
        from dbt_common.events.base_types import EventLevel  # noqa: PLC0415

        register_adapter(config, get_mp_context(), EventLevel.DEBUG)
        self.name = f"the target {config.target_name}"
        self._adapter: Any = get_adapter(config)
        self._schema: str = config.credentials.schema

    def close(self) -> None:
        """Close dbt's connections."""
        self._adapter.cleanup_connections()

    def build_marks(self) -> list[dict[str, Any]]:
        """Return the row of the table `refsync_build`, if there is one, by its columns' names.

        Raises:
            MartError: The database does not answer.
        """
        from dbt.adapters.exceptions.connection import FailedToConnectError  # noqa: PLC0415

        try:
            description, rows = self._query(
                f"select * from {self._schema}.refsync_build"  # noqa: S608 - a name of dbt's
            )
        except MartError as error:
            if isinstance(error.__cause__, FailedToConnectError):
                raise
            return []
        names = [column[0].rpartition(".")[2].lower() for column in description]
        marks = [dict(zip(names, map(_value, row), strict=True)) for row in rows]
        return marks or [dict(UNFINISHED)]

    def column_types(self, mart: Mart) -> dict[str, str]:
        """Return the types of a mart's columns by their names in lower case.

        Raises:
            MartError: The mart is not there, or the database does not answer.
        """
        description, _ = self._query(
            f"select * from {self._relation(mart)} where 1 = 0",  # noqa: S608 - quoted
            f"Model {mart.model!r}",
        )
        manager = self._adapter.connections
        names = {column[0].rpartition(".")[2].lower(): column[1] for column in description}
        return {
            name: manager.data_type_code_to_name(code).removesuffix("_TYPE")
            for name, code in names.items()
        }

    def rows(
        self, mart: Mart, columns: Sequence[Column], types: Mapping[str, str]
    ) -> list[tuple[Any, ...]]:
        """Return a mart's rows in its order; dates and times may be ISO 8601 texts.

        Raises:
            MartError: They cannot be read.
        """
        quoted = self._adapter.quote
        order = [f"{quoted(t.column)} {'desc' if t.descending else 'asc'}" for t in mart.order_by]
        order += [f"{quoted(name)} asc" for name in types]
        names = ", ".join(quoted(column.name) for column in columns)
        order_by = ", ".join(f"{term} nulls last" for term in order)
        _, rows = self._query(
            f"select {names} from {self._relation(mart)} order by {order_by}",  # noqa: S608 - quoted
            f"Model {mart.model!r}",
        )
        kinds = [bare(types[column.name.lower()]) for column in columns]
        as_text = [column.format == "text" for column in columns]
        return [
            tuple(
                _text(value) if text else _value(value, kind)
                for value, kind, text in zip(row, kinds, as_text, strict=True)
            )
            for row in rows
        ]

    def _relation(self, mart: Mart) -> str:
        parts = (mart.database, mart.schema, mart.identifier)
        return ".".join(self._adapter.quote(part) for part in parts if part)

    def _query(
        self, query: str, what: str = "The build"
    ) -> tuple[Sequence[Sequence[Any]], list[Sequence[Any]]]:
        from dbt_common.exceptions import DbtBaseException  # noqa: PLC0415

        try:
            with self._adapter.connection_named("refsync-push"):
                _, cursor = self._adapter.connections.add_query(query, auto_begin=False)
                return cursor.description, cursor.fetchall()
        except DbtBaseException as error:
            raise MartError(
                f"{what} cannot be read from {self.name}: {_said(error)} "
                "Run `dbt build` there, or `dbt debug` if it does not answer."
            ) from error


def _value(value: Any, kind: str = "") -> Any:
    """Return a value as Python has it: some drivers give times as text, perhaps with an offset."""
    if isinstance(value, str) and kind in TIMES:
        with suppress(ValueError):
            value = datetime.fromisoformat(value)
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.astimezone(timezone.utc).replace(tzinfo=None)
    return value


def _text(value: Any) -> Any:
    if value is None or isinstance(value, str | bool):
        return value
    if isinstance(value, bytes | bytearray | memoryview):
        return f"\\x{bytes(value).hex()}"
    if isinstance(value, dict | list):
        return json.dumps(value, default=str, ensure_ascii=False)
    return str(value)


def _said(error: Exception) -> str:
    """Return an error's first telling sentence; a stack trace, or what a heading says, is none."""
    headings = {"Runtime Error", "Database Error", "Compilation Error"}
    lines = [line.strip() for line in str(error).splitlines()]
    telling = [line for line in lines if line and line not in headings]
    said = " ".join(telling) if telling and telling[0].endswith(":") else "".join(telling[:1])
    return f"{said.rstrip('.')}." if said else f"{type(error).__name__}."
