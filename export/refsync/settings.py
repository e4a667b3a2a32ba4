"""The settings of a push: from its options, the environment and a `.env` file."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

from refsync.errors import ConfigError
from refsync.secret_values import quoted, refuse_secrets

if TYPE_CHECKING:
    from collections.abc import Mapping

EVERY_TYPE = "all"

WEBHOOK = "REFSYNC_WEBHOOK_URL"
"""The variable with the URL that gets a message about each push; the URL is a secret."""

_SPREADSHEET = re.compile(
    r"(?:(?:https?://)?[^/\s]+/(?:a/[^/\s]+/)?spreadsheets/(?:u/\d+/)?d/(?!e/)(?P<in_url>[\w-]+)"
    r"(?:[/?#].*)?|(?P<alone>[\w-]{20,}))",
    re.ASCII,
)
"""A URL, or an id alone. Google's ids have 44 characters, old ones over 20; a shorter word is none,
and may be a password in the wrong variable."""
_PUBLISHED = re.compile(r".*/spreadsheets/(?:u/\d+/)?d/e/.*", re.ASCII)


@dataclass(frozen=True)
class Settings:
    """Everything that decides what is read and where it is pushed to; never changes during a run.

    Attributes:
        to: The destination as it was given: a path ending in .xlsx, or a Google spreadsheet's id
            or URL. `workbook` and `spreadsheet_id` are its two readings.
        to_overrides: Whether `to` also goes before the spreadsheets that metas name.
        type: The group of worksheets to push.
        select: Model or worksheet names, or dbt's selectors, to push; empty for all.
        manifest: The manifest.json that dbt wrote; where it is None, the one in dbt's target path.
        database: The DuckDB file that dbt built; where it is None, the profile's.
        project_dir: The dbt project's folder; where it is None, this folder or the nearest above.
        target_path: The folder that dbt writes its artifacts to; where it is None, the project's.
        profile: The profile in profiles.yml; where it is None, the project's.
        target: The target of dbt's profile that was built; where it is None, dbt's results say it.
        profiles_dir: The folder of dbt's profiles.yml; where it is None, where dbt looks for it.
        variables: The variables that dbt was given, in YAML.
        adopt: Whether to take over tabs, or a workbook, with other contents.
        force: Whether to push what looks like an accident.
        google_service_account_json: A service account's key itself; never shown, not even by repr.
        google_service_account_file: The path of a file that holds such a key.
        google_sheets_api_endpoint: A base URL to use in place of Google's own.
        webhook_url: Where a message about the push goes; empty for none. It is a secret.
    """

    to: str
    to_overrides: bool = True
    type: str = EVERY_TYPE
    select: tuple[str, ...] = ()
    manifest: Path | None = None
    database: Path | None = None
    project_dir: Path | None = None
    target_path: Path | None = None
    profile: str | None = None
    target: str | None = None
    profiles_dir: Path | None = None
    variables: str | None = None
    adopt: bool = False
    force: bool = False
    google_service_account_json: str | None = field(default=None, repr=False)
    google_service_account_file: Path | None = None
    google_sheets_api_endpoint: str | None = None
    webhook_url: str = field(default="", repr=False)

    @classmethod
    def from_options(  # noqa: PLR0913 - one argument an option
        cls,
        environment: Mapping[str, str],
        *,
        to: str | None,
        type: str = EVERY_TYPE,  # noqa: A002 - the option's name
        select: tuple[str, ...] = (),
        manifest: Path | None = None,
        database: Path | None = None,
        project_dir: Path | None = None,
        target_path: Path | None = None,
        profile: str | None = None,
        target: str | None = None,
        profiles_dir: Path | None = None,
        variables: str | None = None,
        adopt: bool = False,
        force: bool = False,
    ) -> Settings:
        """Return the settings of the options, completed with Google's variables.

        An empty variable counts as one that is not set, as an unset secret is in a workflow.

        Raises:
            ConfigError: There is no destination, or it is neither a workbook nor a spreadsheet.
        """
        to = (to or "").strip()  # a secret that was pasted often ends with a newline
        given = [name for name in ("REFSYNC_TO", "GOOGLE_SHEET_ID") if environment.get(name)]
        to_name = next((name for name in given if environment[name].strip() == to), "--to")
        key_file = environment.get("GOOGLE_SERVICE_ACCOUNT_FILE")
        endpoint = environment.get("GOOGLE_SHEETS_API_ENDPOINT")
        refuse_secrets(
            [
                (to_name, to),
                ("GOOGLE_SERVICE_ACCOUNT_FILE", key_file),
                ("GOOGLE_SHEETS_API_ENDPOINT", endpoint),
                (
                    "GOOGLE_APPLICATION_CREDENTIALS",
                    environment.get("GOOGLE_APPLICATION_CREDENTIALS"),
                ),
                *(("--select or REFSYNC_SELECT", name) for name in select),
                ("--type or REFSYNC_TYPE", type),
                ("--manifest or REFSYNC_MANIFEST", str(manifest or "")),
                ("--database or REFSYNC_DUCKDB_PATH", str(database or "")),
                ("--project-dir or DBT_PROJECT_DIR", str(project_dir or "")),
                ("--target-path or DBT_TARGET_PATH", str(target_path or "")),
                ("--profile or DBT_PROFILE", profile),
                ("--target or DBT_TARGET", target),
                ("--profiles-dir or DBT_PROFILES_DIR", str(profiles_dir or "")),
            ]
        )
        settings = cls(
            to=to,
            to_overrides=bool(to) and to_name == "--to",
            type=type,
            select=select,
            manifest=manifest,
            database=database,
            project_dir=project_dir,
            target_path=target_path,
            profile=profile or None,
            target=target or None,
            profiles_dir=profiles_dir,
            variables=variables or None,
            adopt=adopt,
            force=force,
            google_service_account_json=environment.get("GOOGLE_SERVICE_ACCOUNT_JSON") or None,
            google_service_account_file=Path(key_file) if key_file else None,
            google_sheets_api_endpoint=endpoint or None,
            webhook_url=webhook_url(environment),
        )
        if _PUBLISHED.fullmatch(to):
            raise ConfigError(
                f"{to_name} is the address of a published page (/d/e/…), which shows a copy and "
                "takes no rows: open the spreadsheet itself, and copy the URL from the browser."
            )
        if to and not settings.is_workbook and not is_spreadsheet(to):
            # An option may be repeated; a variable may have the value of another one.
            named = f"The destination {quoted(to)}" if to_name == "--to" else to_name
            raise ConfigError(
                f"{named} is neither a path ending in .xlsx nor the id or "
                "URL of a Google spreadsheet: copy the URL from the browser while the spreadsheet "
                "is open."
            )
        return settings

    @property
    def is_workbook(self) -> bool:
        """Whether the destination is a local workbook."""
        return self.to.lower().endswith(".xlsx") and "://" not in self.to

    @property
    def workbook(self) -> Path:
        """The workbook's path, where the destination is one."""
        return Path(self.to).expanduser()

    @property
    def spreadsheet_id(self) -> str:
        """The Google spreadsheet's id, where the destination is one."""
        found = _SPREADSHEET.fullmatch(self.to)
        return (found["in_url"] or found["alone"]) if found else ""


def webhook_url(environment: Mapping[str, str]) -> str:
    """Return the URL of the webhook; the empty text if none is set."""
    return environment.get(WEBHOOK, "").strip()


def is_spreadsheet(name: str) -> bool:
    """Whether a text is the id or the URL of a Google spreadsheet."""
    return bool(_SPREADSHEET.fullmatch(name)) and not _PUBLISHED.fullmatch(name)


def read_env_file(path: Path = Path(".env")) -> None:
    """Add the variables of a `.env` file to the environment, which wins where both have one.

    Values are taken literally: a `$` in a password is a dollar sign. The file may be a pipe, as a
    shell's `<(…)` is. A folder `.env` that is a virtual environment is ignored.

    Raises:
        ConfigError: The file cannot be read, or one of its lines has no variable; the error says
            which line, and nothing of what is in it.
    """
    if not os.path.lexists(path) or (path / "pyvenv.cfg").exists():
        return
    from dotenv.parser import parse_stream  # noqa: PLC0415 - most runs have no such file

    for binding in parse_stream(StringIO(_env_text(path))):
        if binding.error or (binding.key and binding.value is None):
            text = binding.original.string  # with the blank lines before it
            line = binding.original.line + text[: -len(text.lstrip()) or None].count("\n")
            raise ConfigError(
                f"{path}, line {line}, is not NAME=value: correct it; a value of "
                "several lines goes in single quotes."
            )
        if binding.key and binding.value is not None:
            os.environ.setdefault(binding.key, binding.value)


def _env_text(path: Path) -> str:
    if path.is_dir():
        raise ConfigError(f"{path} is a folder: rename it, or put a file with variables there.")
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}.") from None
    if content.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in content:
        raise ConfigError(
            f"{path} cannot be read as UTF-8 text: it is UTF-16, as PowerShell's > writes it; save "
            "it again as UTF-8, such as with `Set-Content -Encoding utf8`."
        )
    try:
        # Some editors on Windows begin a UTF-8 file with a byte-order mark.
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ConfigError(
            f"{path} cannot be read as UTF-8 text: line {line} is in another encoding; save the "
            "file as UTF-8."
        ) from None
