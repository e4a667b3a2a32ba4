"""The first steps with a spreadsheet: a file `.env`, and the address to share with.

It asks for nothing that it can find out.
"""

from __future__ import annotations

import json
import os
import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from refsync.errors import ConfigError
from refsync.google_sheets.api.credentials import find_account
from refsync.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Mapping

ENV_FILE = Path(".env")

MAX_KEY_BYTES = 20_000
"""A key has about 2 400; larger files of the folder are not looked into."""


def write_env_file(to: str | None, environment: Mapping[str, str] = os.environ) -> str:
    """Write a `.env` file for a spreadsheet; return what to do next.

    Args:
        to: The spreadsheet, if it is known already; else it is asked for.
        environment: Where credentials may be already.

    Raises:
        ConfigError: There is such a file, the spreadsheet is none, or there are no credentials.
            Nothing is written then.
    """
    if os.path.lexists(ENV_FILE):
        raise ConfigError(
            f"{ENV_FILE} is there already and is not overwritten: run refsync-push --check to see "
            "what is missing, or rename it."
        )
    settings = Settings.from_options(
        environment,
        to=to or _ask("The spreadsheet's URL, from the browser"),
        type="all",
        select=(),
        manifest=Settings.manifest,
        database=Settings.database,
    )
    if settings.is_workbook:
        raise ConfigError("A workbook needs no .env: run refsync-push --to with its path.")
    lines = [_line("GOOGLE_SHEET_ID", settings.to)]
    has_key = settings.google_service_account_json or settings.google_service_account_file
    if not has_key and (key := _key_file(environment)):
        settings = replace(settings, google_service_account_file=key)
    if settings.google_service_account_file:
        key_file = str(settings.google_service_account_file)
        lines.append(_line("GOOGLE_SERVICE_ACCOUNT_FILE", key_file))
    account = find_account(settings)
    _write("".join(lines))
    whom = account.address or "the account that you logged in with"
    return (
        f"Wrote {ENV_FILE}, with credentials from {account.source}.\n"
        f"Share the spreadsheet with {whom} as an editor, then run refsync-push --check."
    )


def _key_file(environment: Mapping[str, str]) -> Path | None:
    """Return the path of a service account's key; `None` if the environment has credentials.

    It is looked for in the working folder, and asked for if there is none or more than one.
    """
    found = sorted(filter(_is_key, Path().glob("*.json")))
    if len(found) == 1:
        return found[0]
    if found:
        names = ", ".join(map(str, found))
        return Path(_ask(f"Which of the keys {names}"))
    try:
        find_account(Settings(to="", google_service_account_file=None))
    except ConfigError:
        if environment.get("GOOGLE_APPLICATION_CREDENTIALS"):
            raise
    else:
        return None
    return Path(_ask("The path of the service account's key (JSON)"))


def _is_key(path: Path) -> bool:
    try:
        if path.stat().st_size > MAX_KEY_BYTES:
            return False
        content = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return False
    return isinstance(content, dict) and content.get("type") == "service_account"


def _ask(question: str) -> str:
    try:
        answer: str = click.prompt(question, err=True)
    except click.Abort:
        raise ConfigError(
            f"{question} is needed and nobody answers: name the spreadsheet with --to, and the key "
            "with GOOGLE_SERVICE_ACCOUNT_FILE."
        ) from None
    return answer.strip()


def _line(name: str, value: str) -> str:
    if not re.fullmatch(r"[\w./:?=&-]+", value):
        escaped = value.replace("\\", "\\\\").replace("'", "\\'")
        value = f"'{escaped}'"
    return f"{name}={value}\n"


def _write(text: str) -> None:
    """Write the file, which nobody else may read, unless one has come meanwhile."""
    try:
        with os.fdopen(os.open(ENV_FILE, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(text)
    except OSError as error:
        raise ConfigError(f"{ENV_FILE} cannot be written: {error.strerror}.") from None
