"""The profile that dbt built with, read without dbt where that is enough."""

from __future__ import annotations

from typing import TYPE_CHECKING

from refsync.marts.project import PROJECT_FILE, NeedsDbtError, project_folder, read_profile_file

if TYPE_CHECKING:
    from refsync.marts.project import Profile
    from refsync.marts.run_results import RunResults
    from refsync.settings import Settings


def read_profile(settings: Settings, run: RunResults | None) -> Profile | None:
    """Return the target of the project's profile that was built.

    `None` if there is no project here, or neither dbt nor what it brings along is installed.

    Raises:
        ConfigError: The profile or the target is not there.
    """
    if not (project_folder(settings) / PROJECT_FILE).exists():
        return None
    try:
        return read_profile_file(settings, run)
    except NeedsDbtError:
        try:
            from refsync.marts.dbt_config import load_target  # noqa: PLC0415 - it takes seconds
        except ImportError:
            return None
        return load_target(settings, run)[1]
