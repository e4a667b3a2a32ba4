"""Where dbt built the marts: which database that is, and how it is opened.

A plain DuckDB file is read without dbt, and so are the DuckDB files that the profile attaches. All
else, MotherDuck too, is read through the adapter of dbt's that built it.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from refsync.errors import ConfigError, MartError
from refsync.marts.duckdb_file import DuckDBFile, files_by_catalog, shown
from refsync.marts.profile import read_profile
from refsync.marts.project import Profile, project_folder

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from refsync.marts.manifest import Manifest
    from refsync.marts.mart import Mart
    from refsync.marts.run_results import RunResults
    from refsync.settings import Settings
    from refsync.worksheet.table import Column

DEFAULT_DATABASE = Path("refsync.duckdb")
"""What is read where there is no project that says more."""


class Database(Protocol):
    """Where dbt built the marts, open for reading.

    Attributes:
        name: What a sentence calls it.
        files: The DuckDB files on this machine that it has the marts in, by their catalogs in lower
            case; the empty name is dbt's own.
    """

    name: str
    files: Mapping[str, Path]

    def build_marks(self) -> list[dict[str, Any]]:
        """Return the row of each table `refsync_build`, by its columns' names."""

    def begin(self, marts: Sequence[Mart]) -> None:
        """From here on see the marts as of one moment, if the database can."""

    def column_types(self, mart: Mart) -> dict[str, str]:
        """Return the types of a mart's columns by their names; empty if each value has its own."""

    def rows(
        self, mart: Mart, columns: Sequence[Column], types: Mapping[str, str]
    ) -> Iterator[Sequence[Sequence[Any]]]:
        """Yield a mart's rows in its order, in batches; dates and times may be ISO 8601 texts."""

    def close(self) -> None:
        """Give it back to others."""


def open_database(
    settings: Settings, manifest: Manifest, marts: Sequence[Mart], run: RunResults | None
) -> Database:
    """Open what dbt built the marts into.

    Raises:
        ConfigError: The profile or the target cannot be read, or is not the one that was built.
        MartError: The database cannot be opened.
    """
    named = settings.database
    if manifest.adapter != "duckdb":
        return _by_dbt(settings, manifest, run)
    if named and is_remote(named):
        raise ConfigError(
            f"--database {shown(named)} is not the path of a file: leave it out, and dbt's profile "
            "says where the database is."
        )
    main = manifest.catalog
    is_elsewhere = any(mart.database not in {None, main} for mart in marts) and main is not None
    profile = None
    if is_elsewhere or settings.target or not named:
        profile = read_profile(settings, run)
    attached: dict[str, Path] = {}
    folder = project_folder(settings)
    if profile:
        refuse_other_target(settings.target, run, profile)
        refuse_other_adapter(manifest, profile)
        if not named:
            _refuse_memory(profile, marts)
        if not named and not is_remote(profile.path):
            refuse_other_catalog(manifest, profile)
        if _needs_dbt(profile, marts) or (not named and is_remote(profile.path)):
            return _by_dbt(settings, manifest, run)
        attached = _attachments(profile, folder, marts)
    elif is_elsewhere or settings.target:
        raise ConfigError(
            "There is no dbt project here whose profile says where the marts are: go to the "
            "project's folder, or name it with --project-dir."
        )
    path = named or (_near(folder / profile.path) if profile else DEFAULT_DATABASE)
    return DuckDBFile(path, main, attached, folder)


def _refuse_memory(profile: Profile, marts: Sequence[Mart]) -> None:
    """Refuse marts in a database that is gone when dbt ends; what is attached to it may stay."""
    kept = {alias_of(each).casefold() for each in profile.attachments}
    is_lost = any((mart.database or "").casefold() not in kept for mart in marts)
    if is_lost and str(profile.path).startswith(":memory:"):
        raise ConfigError(
            f"The target {profile.target} of dbt's profile has its database in memory, which is "
            "gone when dbt ends: set its `path` to a file, such as path: dev.duckdb, and run "
            "`dbt build`."
        )


def refuse_other_target(named: str | None, run: RunResults | None, profile: Profile) -> None:
    """Refuse a target that is not the one that was built.

    Raises:
        ConfigError: It is not.
    """
    built = run and (run.arguments.get("target") or profile.default_target)
    if named and built and named != built:
        raise ConfigError(
            f"The last build is of the target {built}, and --target names {named}: run "
            f"`dbt build --target {named}` first, or leave out --target."
        )


def refuse_other_adapter(manifest: Manifest, profile: Profile) -> None:
    """Refuse a target on another kind of database than the one that was built.

    Raises:
        MartError: It is one.
    """
    if profile.kind != manifest.adapter:
        raise MartError(
            f"The manifest is of a build on {manifest.adapter}, but the target {profile.target} is "
            f"on {profile.kind}: name the target that was built with --target."
        )


def refuse_other_catalog(manifest: Manifest, profile: Profile) -> None:
    """Refuse a DuckDB file that dbt calls otherwise than the database that it built.

    An expression in profiles.yml, of an environment variable for example, may have had another
    value for dbt.

    Raises:
        MartError: It is another file.
    """
    name = profile.path.name
    known = {name.partition(".")[0], Path(name).stem, str(profile.credentials.get("database"))}
    known |= {alias_of(each) for each in profile.attachments}
    built = manifest.catalog
    if built and built.casefold() not in {each.casefold() for each in known}:
        raise MartError(
            f"dbt's last command was for the database {built}, and its profile names the file "
            f"{shown(profile.path)} here: set the environment variables as for dbt, or name the "
            "file with --database."
        )


def _by_dbt(settings: Settings, manifest: Manifest, run: RunResults | None) -> Database:
    try:
        from refsync.marts.dbt_adapter import Warehouse  # noqa: PLC0415 - dbt takes seconds
        from refsync.marts.dbt_config import load_target  # noqa: PLC0415
    except ImportError as error:
        raise ConfigError(
            f"What dbt built on {manifest.adapter} is read by dbt's adapter, which is not "
            f"installed here: install dbt-{manifest.adapter} beside refsync."
        ) from error
    config, profile = load_target(settings, run)
    refuse_other_target(settings.target, run, profile)
    refuse_other_adapter(manifest, profile)
    if (run is None or run.invocation_id != manifest.invocation_id) and manifest.schema not in {
        None,
        config.credentials.schema,
    }:
        raise MartError(
            f"The manifest is of the schema {manifest.schema}, but the target {profile.target} has "
            f"{config.credentials.schema}: run `dbt build --target {profile.target}`."
        )
    folder = project_folder(settings)
    files = {}
    if manifest.adapter == "duckdb" and not is_remote(profile.path):
        # While dbt reads, this folder is the project's.
        path, catalog = folder / profile.path, str(config.credentials.database)
        files = files_by_catalog(path, catalog, _attached_files(profile, folder))
    return Warehouse(config, folder, files, profile.time_zone)


def is_remote(path: object) -> bool:
    """Whether a path is none of this machine's: MotherDuck's, a URL, or the memory's."""
    head, colon, _ = str(path).partition(":")
    return str(path) == ":memory:" or (bool(colon) and len(head) > 1)


def _near(path: Path) -> Path:
    """Return a path as a sentence shows it: relative to this folder if it is in it."""
    try:
        return path.relative_to(Path.cwd())
    except ValueError:
        return path


def _needs_dbt(profile: Profile, marts: Sequence[Mart]) -> bool:
    """Whether a mart is in, or may be a view of, what is attached and no plain DuckDB file."""
    special = {alias_of(each).casefold() for each in profile.attachments if not _is_plain(each)}
    return bool(special) and any(
        mart.is_view or (mart.database or "").casefold() in special for mart in marts
    )


def _is_plain(attachment: Mapping[str, Any]) -> bool:
    kind = str(attachment.get("type") or "duckdb").casefold()
    is_file = not is_remote(attachment.get("path") or "") and not attachment.get("secret")
    return kind == "duckdb" and is_file and not attachment.get("options")


def alias_of(attachment: Mapping[str, Any]) -> str:
    """Return the catalog of what a profile attaches."""
    return str(attachment.get("alias") or Path(str(attachment.get("path"))).stem)


def _attachments(profile: Profile, folder: Path, marts: Sequence[Mart]) -> dict[str, Path]:
    """Return the paths of the DuckDB files that a profile attaches, if there or needed."""
    needed = {(mart.database or "").casefold() for mart in marts}
    paths = _attached_files(profile, folder)
    return {
        name: path for name, path in paths.items() if path.exists() or name.casefold() in needed
    }


def _attached_files(profile: Profile, folder: Path) -> dict[str, Path]:
    return {
        alias_of(each): folder / Path(str(each["path"])).expanduser()
        for each in profile.attachments
        if _is_plain(each)
    }
