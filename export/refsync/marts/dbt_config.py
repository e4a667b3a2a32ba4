"""dbt's own reading of the project and its profile."""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from contextlib import contextmanager, redirect_stdout
from typing import TYPE_CHECKING, Any

from dbt.config.runtime import RuntimeConfig
from dbt.flags import set_from_args
from dbt_common.clients.system import get_env
from dbt_common.context import set_invocation_context
from dbt_common.events.event_manager_client import cleanup_event_logger
from dbt_common.exceptions import DbtBaseException

from refsync.errors import ConfigError
from refsync.marts.project import Profile, profiles_folder, project_folder, variables_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from refsync.marts.run_results import RunResults
    from refsync.settings import Settings


def load_target(settings: Settings, run: RunResults | None) -> tuple[Any, Profile]:
    """Return dbt's configuration for the target that was built, as dbt itself finds it.

    Returns:
        The configuration, and what refsync needs of it.

    Raises:
        ConfigError: There is no such profile or target, or its adapter is not installed.
    """
    built = run.arguments if run else {}
    target = settings.target or built.get("target")
    folder = project_folder(settings)
    arguments = Namespace(
        project_dir=str(folder),
        profiles_dir=str(profiles_folder(settings, run).absolute()),
        target=target,
        profile=settings.profile or built.get("profile"),
        vars=variables_of(settings, run),
        threads=None,
        partial_parse=False,
    )
    with as_dbt_runs(folder):
        try:
            cleanup_event_logger()  # what dbt says on its way is no result of a push
            set_invocation_context(get_env())
            set_from_args(arguments, {})
            config = RuntimeConfig.from_args(arguments)
            default = config
            if settings.target and not built.get("target"):
                default = RuntimeConfig.from_args(Namespace(**{**vars(arguments), "target": None}))
        except (DbtBaseException, OSError) as error:
            named = f"target {target}" if target else "profile"
            raise ConfigError(
                f"dbt's {named} cannot be read: {said(error)} Run `dbt debug` to see what it finds."
            ) from error

    credentials = {"type": config.credentials.type, **config.credentials.to_dict(omit_none=True)}
    return config, Profile(config.target_name, default.target_name, credentials)


@contextmanager
def as_dbt_runs(folder: Path) -> Iterator[None]:
    """Work in the project's folder, where dbt does; what it prints goes to standard error."""
    here = os.getcwd()  # noqa: PTH109 - to go back to
    if folder.is_dir():
        os.chdir(folder)
    try:
        with redirect_stdout(sys.stderr):
            yield
    finally:
        os.chdir(here)


def said(error: Exception) -> str:
    """Return an error's first telling sentence; a stack trace, or what a heading says, is none."""
    headings = {"Runtime Error", "Database Error", "Compilation Error"}
    lines = [line.strip() for line in str(error).splitlines()]
    telling = [line for line in lines if line and line not in headings]
    words = " ".join(telling) if telling and telling[0].endswith(":") else "".join(telling[:1])
    return f"{words.rstrip('.')}." if words else f"{type(error).__name__}."
