"""Google credentials, the first found: a service account's key, or the environment's own."""

from __future__ import annotations

import base64
import binascii
import codecs
import json
import logging
import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import google.auth
from google.auth import exceptions, external_account
from google.auth.credentials import with_scopes_if_required
from google.oauth2 import service_account

from refsync.errors import ConfigError
from refsync.secret_values import refuse_secrets

if TYPE_CHECKING:
    from google.auth.credentials import Credentials

    from refsync.settings import Settings

SCOPES = ("https://www.googleapis.com/auth/spreadsheets",)


@dataclass(frozen=True)
class Account:
    """Whom refsync is to Google.

    Attributes:
        credentials: The credentials; never shown.
        source: Where they were found, in words.
        address: The e-mail address that a spreadsheet is shared with, where there is one.
    """

    credentials: Credentials = field(repr=False)
    source: str
    address: str | None

    @property
    def has_no_address(self) -> bool:
        """Whether nothing can be shared with them: federation without impersonation."""
        return isinstance(self.credentials, external_account.Credentials) and not self.address


def find_account(settings: Settings) -> Account:
    """Return the account of the first credentials found.

    They are looked for in GOOGLE_SERVICE_ACCOUNT_JSON, GOOGLE_SERVICE_ACCOUNT_FILE, and then where
    Google's own tools look (Application Default Credentials).

    Raises:
        ConfigError: There are none, or the first ones are not fit for use. The error never holds
            any part of a key.
    """
    if settings.google_service_account_json:
        name = "GOOGLE_SERVICE_ACCOUNT_JSON"
        return _service_account(settings.google_service_account_json, name)
    if settings.google_service_account_file:
        path = settings.google_service_account_file
        refuse_secrets([("GOOGLE_SERVICE_ACCOUNT_FILE", str(path))])
        try:
            content = path.expanduser().read_bytes()
            is_utf_16 = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
            text = content.decode("utf-16" if is_utf_16 else "utf-8-sig")
        except (OSError, ValueError, RuntimeError):
            raise ConfigError(
                f"The key file {path} (GOOGLE_SERVICE_ACCOUNT_FILE) cannot be read: check the path."
            ) from None
        return _service_account(text, f"GOOGLE_SERVICE_ACCOUNT_FILE ({path})")
    return _default_account()


def _service_account(text: str, source: str) -> Account:
    key = _read_key(text)
    if key is None:
        raise ConfigError(
            f"{source} does not hold a service account's key: it must be the JSON of the key that "
            "Google Cloud makes under IAM > Service accounts > Keys, as it is or in base64."
        )
    if key.get("type") != "service_account":
        raise ConfigError(
            f"{source} holds credentials of another kind than a service account's key: point "
            "GOOGLE_APPLICATION_CREDENTIALS to their file instead."
        )
    try:
        make = service_account.Credentials.from_service_account_info
        credentials = make(key, scopes=SCOPES)  # type: ignore[no-untyped-call]
    except (ValueError, TypeError, exceptions.GoogleAuthError):
        # Not chained: the cause may quote the key.
        raise ConfigError(
            f"The key in {source} is damaged: copy it again, whole, or make a new one."
        ) from None
    return Account(credentials, source, credentials.service_account_email)


def _read_key(text: str) -> dict[str, Any] | None:
    """Return the key in a text: JSON, JSON whose line breaks were escaped, or either in base64."""
    text = text.strip().strip("'").strip()
    candidates = [text, text.replace("\\n", "\n")]
    try:
        padded = "".join(text.split()).replace("-", "+").replace("_", "/")
        decoded = base64.b64decode(padded + "=" * (-len(padded) % 4), validate=True).decode()
        candidates += [decoded, decoded.replace("\\n", "\n")]
    except (binascii.Error, ValueError):
        pass
    for candidate in candidates:
        try:
            # Not strict: line breaks inside the private key are taken as they are.
            key = json.loads(candidate, strict=False)
        except ValueError:
            continue
        if isinstance(key, dict):
            private_key = key.get("private_key")
            if isinstance(private_key, str):
                key["private_key"] = private_key.replace("\\n", "\n")
            return key
    return None


def _default_account() -> Account:
    # It warns of a missing project, which the Sheets API does not ask for.
    logging.getLogger("google.auth._default").setLevel(logging.ERROR)
    try:
        # Without scopes at first: with them, a federated identity is asked for its project too.
        credentials, _ = google.auth.default()
    except exceptions.GoogleAuthError:
        path = os.environ.get("GOOGLE_APPLICATION_CREDENTIALS")
        refuse_secrets([("GOOGLE_APPLICATION_CREDENTIALS", path)])
        if path:
            raise ConfigError(
                f"The credentials file {path} (GOOGLE_APPLICATION_CREDENTIALS) cannot be used: "
                "check that it is there, and make it again if it is."
            ) from None
        raise ConfigError(
            "There are no Google credentials: set GOOGLE_SERVICE_ACCOUNT_JSON to a service "
            "account's key, GOOGLE_SERVICE_ACCOUNT_FILE to its path, or GOOGLE_APPLICATION_"
            "CREDENTIALS to the file that workload identity federation or gcloud made."
        ) from None
    # Federation without impersonation has no address, and gcloud keeps a person's only sometimes.
    address = getattr(credentials, "service_account_email", None)
    address = address or getattr(credentials, "account", None)
    return Account(
        with_scopes_if_required(credentials, SCOPES),  # type: ignore[no-untyped-call]
        "Application Default Credentials",
        address or None,
    )
