"""The options of `refsync-push` that say which dbt project was built, and with which settings."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from pathlib import Path
from typing import Any, TypeVar

import click

_Function = TypeVar("_Function", bound=Callable[..., Any])

_OPTIONS = (
    click.option(
        "--project-dir",
        type=click.Path(path_type=Path),
        envvar="DBT_PROJECT_DIR",
        show_envvar=True,
        help="The dbt project's folder.  [default: this folder, or the nearest above it]",
    ),
    click.option(
        "--target-path",
        type=click.Path(path_type=Path),
        envvar="DBT_TARGET_PATH",
        show_envvar=True,
        help="The folder in it that dbt writes to.  [default: the project's target-path]",
    ),
    click.option(
        "--manifest",
        type=click.Path(path_type=Path),
        envvar="REFSYNC_MANIFEST",
        show_envvar=True,
        help="The manifest that dbt wrote.  [default: manifest.json in the target path]",
    ),
    click.option(
        "--database",
        type=click.Path(path_type=Path),
        envvar="REFSYNC_DUCKDB_PATH",
        show_envvar=True,
        help="The DuckDB file that dbt built.  [default: the profile's]",
    ),
    click.option(
        "--profiles-dir",
        type=click.Path(path_type=Path),
        envvar="DBT_PROFILES_DIR",
        show_envvar=True,
        help="The folder of dbt's profiles.yml.  [default: where dbt looks for it]",
    ),
    click.option(
        "--profile",
        envvar="DBT_PROFILE",
        show_envvar=True,
        metavar="NAME",
        help="The profile in it.  [default: the project's]",
    ),
    click.option(
        "--target",
        envvar="DBT_TARGET",
        show_envvar=True,
        metavar="NAME",
        help="The target of the profile that was built; another one is refused.  [default: the "
        "last build's]",
    ),
    click.option(
        "--vars",
        "variables",
        metavar="YAML",
        help="The variables that dbt was given, if the profile needs some.  [default: the last "
        "build's]",
    ),
)


def project_options(command: _Function) -> _Function:
    """Give a command these options, in this order."""
    return reduce(lambda function, option: option(function), reversed(_OPTIONS), command)
