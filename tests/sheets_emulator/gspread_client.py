"""gspread, pointed at an emulator."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import gspread
from google.oauth2.credentials import Credentials
from gspread.http_client import HTTPClient, HTTPClientType

from tests.sheets_emulator.auth import DEFAULT_ACCOUNT, DRIVE, SPREADSHEETS

if TYPE_CHECKING:
    from requests import Response

    from tests.sheets_emulator.emulator import SheetsEmulator

GOOGLE_HOSTS = ("https://sheets.googleapis.com", "https://www.googleapis.com")


def http_client_for(url: str) -> HTTPClientType:
    """gspread's own HTTP client, with Google's hosts replaced by the emulator's address."""

    class EmulatorHTTPClient(HTTPClient):
        def request(self, method: str, endpoint: str, *args: Any, **options: Any) -> Response:
            for host in GOOGLE_HOSTS:
                endpoint = endpoint.replace(host, url)
            return super().request(method, endpoint, *args, **options)

    return EmulatorHTTPClient


def gspread_client(emulator: SheetsEmulator, email: str = DEFAULT_ACCOUNT) -> gspread.Client:
    """A gspread client of an account."""
    token = emulator.token(email, SPREADSHEETS, DRIVE)
    credentials = Credentials(token)  # type: ignore[no-untyped-call]
    return gspread.Client(credentials, http_client=http_client_for(emulator.url))
