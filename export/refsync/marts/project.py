"""The dbt project that was built: its folder, its target path and its profile, as dbt has them.

Settings come from the options, then from the arguments of dbt's last command (run_results.json has
them), then from dbt_project.yml and profiles.yml. The two files are read here with PyYAML and
Jinja, which dbt brings along: to let dbt read them takes two seconds, more than a whole push from
a DuckDB file. Where an expression needs more of dbt than variables, dbt reads them after all.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from refsync.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from refsync.marts.run_results import RunResults
    from refsync.settings import Settings

PROJECT_FILE = "dbt_project.yml"

_DECISIVE = frozenset({
    "calendar", "default_collation", "default_null_order", "null_order", "default_order",
    "ieee_floating_point_ops", "integer_division", "old_implicit_casting", "binary_as_string",
    "order_by_non_integer_literal", "scalar_subquery_error_on_multiple_rows", "lambda_syntax",
})  # fmt: skip
"""The options of a connection to DuckDB that decide a view's values."""

_LEFT_OUT = re.compile(
    r"timezone$|motherduck|lock_|autoinstall|search_path$|schema$|enable_pro|enable_log|log|.*prof"
    r"|.*\W"
)
"""Settings that are refsync's own, that write files or show progress, or that are no names."""


@dataclass(frozen=True)
class Profile:
    """One target of a profile.

    Attributes:
        target: The target's name.
        default_target: The name of the target that dbt builds if none is named.
        credentials: What profiles.yml says about it, with its expressions filled in.
    """

    target: str
    default_target: str
    credentials: Mapping[str, Any] = field(repr=False, default_factory=dict)

    @property
    def kind(self) -> str:
        """The kind of database, such as duckdb."""
        return str(self.credentials.get("type"))

    @property
    def path(self) -> Path:
        """The path of DuckDB's file, or what stands for one."""
        return Path(str(self.credentials.get("path") or ":memory:")).expanduser()

    @property
    def attachments(self) -> list[Mapping[str, Any]]:
        """What it attaches to DuckDB."""
        return [each for each in self.credentials.get("attach") or () if isinstance(each, dict)]

    @property
    def time_zone(self) -> str:
        """The time zone that it sets for DuckDB, UTC if none."""
        configured = {
            **(self.credentials.get("config_options") or {}),
            **(self.credentials.get("settings") or {}),
        }
        zones = [str(zone) for key, zone in configured.items() if key.lower() == "timezone"]
        return zones[-1] if zones else "UTC"

    @property
    def view_settings(self) -> dict[str, str]:
        """What else it sets that DuckDB may compute a view by; not what is refsync's own."""
        options = self.credentials.get("config_options") or {}
        settings = self.credentials.get("settings") or {}
        names = {
            str(name).lower(): str(value)
            for name, value in [
                *((name, options[name]) for name in options if str(name).lower() in _DECISIVE),
                *settings.items(),
            ]
        }
        return {name: value for name, value in names.items() if not _LEFT_OUT.match(name)}


class NeedsDbtError(Exception):
    """A file of dbt's has an expression that dbt alone can fill in, or dbt is not installed."""


def project_folder(settings: Settings) -> Path:
    """Return the dbt project's folder: the named one, the manifest's, or the nearest above."""
    if settings.project_dir:
        return settings.project_dir.expanduser().absolute()
    if settings.manifest:
        for folder in settings.manifest.absolute().parents:
            if (folder / PROJECT_FILE).exists():
                return folder
    here = Path.cwd()
    return next((f for f in (here, *here.parents) if (f / PROJECT_FILE).exists()), here)


def manifest_path(settings: Settings) -> Path:
    """Return where the manifest is: relative to this folder if it is in it."""
    if settings.manifest:
        return settings.manifest
    folder = project_folder(settings)
    path = folder / (settings.target_path or _target_path(folder, settings)) / "manifest.json"
    try:
        return path.relative_to(Path.cwd())
    except ValueError:
        return path


def read_profile_file(settings: Settings, run: RunResults | None) -> Profile:
    """Return the target of the project's profile that was built, as profiles.yml has it.

    Raises:
        ConfigError: The profile or the target is not there.
        NeedsDbtError: Only dbt can read it.
    """
    arguments = run.arguments if run else {}
    fill = _Filler(variables_of(settings, run))
    project = _read_yaml(project_folder(settings) / PROJECT_FILE)
    name = settings.profile or arguments.get("profile") or fill(project.get("profile"))
    path = profiles_folder(settings, run) / "profiles.yml"
    if not path.exists():
        raise ConfigError(
            f"There is no {path}: name the folder of dbt's profiles.yml with --profiles-dir, or "
            "the DuckDB file with --database."
        )
    profile = _read_yaml(path).get(name)
    outputs = profile.get("outputs") if isinstance(profile, dict) else None
    if not isinstance(profile, dict) or not isinstance(outputs, dict):
        raise ConfigError(f"{path} has no profile {name!r}: name one with --profile.")
    default = str(fill(profile.get("target") or "default"))
    target = settings.target or arguments.get("target") or default
    if not isinstance(outputs.get(target), dict):
        raise ConfigError(
            f"The profile {name!r} has no target {target!r}: name another with --target; there are "
            f"{', '.join(map(str, outputs))}."
        )
    return Profile(target, default, fill(outputs[target]))


def profiles_folder(settings: Settings, run: RunResults | None) -> Path:
    """Return the folder of profiles.yml: the named one, the last command's, or where dbt looks."""
    folder = project_folder(settings)
    recorded = (run.arguments.get("profiles_dir") if run else None) or ""
    near = [*([Path(recorded)] if recorded else []), Path.cwd(), folder]
    found = (each for each in near if (each / "profiles.yml").exists())
    return settings.profiles_dir or next(found, Path.home() / ".dbt")


def variables_of(settings: Settings, run: RunResults | None) -> dict[str, Any]:
    """Return the variables that dbt was given: those of the option, or of its last command.

    Raises:
        ConfigError: The option is not a mapping in YAML.
    """
    if settings.variables is None:
        return dict((run.arguments.get("vars") if run else None) or {})
    yaml = _yaml()
    try:
        variables = yaml.safe_load(settings.variables)
    except yaml.YAMLError:
        variables = None
    if not isinstance(variables, dict):
        raise ConfigError("--vars is not a mapping in YAML, such as --vars 'schema: dev'.")
    return variables


def _target_path(folder: Path, settings: Settings) -> str:
    try:
        if (folder / PROJECT_FILE).exists():
            named = _read_yaml(folder / PROJECT_FILE).get("target-path")
            if named:
                return str(_Filler(variables_of(settings, None))(named))
    except NeedsDbtError:
        pass  # without dbt there is no YAML; --manifest or --target-path names it
    return "target"


def _yaml() -> Any:
    try:
        import yaml  # noqa: PLC0415 - dbt brings it along
    except ImportError as error:
        raise NeedsDbtError from error
    return yaml


def _read_yaml(path: Path) -> dict[str, Any]:
    yaml = _yaml()
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} cannot be read: {type(error).__name__}.") from error
    except yaml.YAMLError as error:
        raise ConfigError(f"{path} is not YAML: run `dbt debug` to see where.") from error
    if not isinstance(content, dict):
        raise ConfigError(f"{path} has no settings of dbt's: run `dbt debug`.")
    return content


class _Filler:
    """Fills in the expressions of a file of dbt's: `env_var`, `var` and the filters of types."""

    def __init__(self, variables: Mapping[str, Any]) -> None:
        try:
            from jinja2 import StrictUndefined  # noqa: PLC0415 - dbt brings it along
            from jinja2.nativetypes import NativeEnvironment  # noqa: PLC0415
            from jinja2.sandbox import SandboxedEnvironment  # noqa: PLC0415
        except ImportError as error:
            raise NeedsDbtError from error

        class Environment(SandboxedEnvironment, NativeEnvironment):
            """Values keep their types, as in dbt's `as_native`."""

        self._text = SandboxedEnvironment(undefined=StrictUndefined)
        self._native = Environment(undefined=StrictUndefined)
        for environment in (self._text, self._native):
            environment.globals.update(env_var=_variable, var=_lookup(variables))
            for name in ("as_bool", "as_number", "as_native", "as_text"):
                environment.filters[name] = _same

    def __call__(self, value: Any) -> Any:
        """Return a value with its expressions filled in.

        Raises:
            NeedsDbtError: One of them needs dbt.
        """
        if isinstance(value, dict):
            return {key: self(each) for key, each in value.items()}
        if isinstance(value, list):
            return [self(each) for each in value]
        if not isinstance(value, str) or not ("{{" in value or "{%" in value):
            return value
        typed = any(f"| {name}" in value for name in ("as_bool", "as_number", "as_native"))
        try:
            return (self._native if typed else self._text).from_string(value).render()
        except Exception as error:  # whatever Jinja says; dbt says it better
            raise NeedsDbtError from error


def _variable(name: str, default: str | None = None) -> str:
    value = os.environ.get(name, default)
    if value is None:
        raise KeyError(name)
    return value


def _lookup(variables: Mapping[str, Any]) -> Any:
    def var(name: str, default: Any = None) -> Any:
        if name not in variables and default is None:
            raise KeyError(name)
        return variables.get(name, default)

    return var


def _same(value: Any) -> Any:
    return value
