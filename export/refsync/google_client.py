"""The connection to Google: gspread's client with time limits, and with retries that end.

This is the only module that knows gspread.
"""

from __future__ import annotations

import json as json_text
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import requests
from google.auth import exceptions as auth_errors
from gspread.http_client import HTTPClient
from gspread.urls import SPREADSHEET_BATCH_UPDATE_URL, SPREADSHEET_DRIVE_URL, SPREADSHEET_URL

from refsync.api_errors import ApiError, explain_no_token
from refsync.errors import ConfigError, DestinationError
from refsync.retry import Pace, Retry, seconds_to_wait

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from refsync.credentials import Account

GOOGLE = "https://sheets.googleapis.com"
VALUES_URL = SPREADSHEET_URL + "/values:batchGetByDataFilter"


class RefusedError(DestinationError):
    """Google found a request not valid (400) and applied nothing of it."""


class Client(HTTPClient):
    """A client for one spreadsheet.

    Attributes:
        calls: Requests made to the API, retries included.
        bytes_sent: Bytes of their bodies.
        url: The spreadsheet's address, for people.
    """

    def __init__(
        self, account: Account, spreadsheet_id: str, endpoint: str | None, pace: Pace
    ) -> None:
        super().__init__(account.credentials)
        self.timeout = (pace.connect_timeout, pace.read_timeout)
        self.calls = 0
        self.bytes_sent = 0
        self.url = SPREADSHEET_DRIVE_URL % spreadsheet_id
        self._spreadsheet_id = spreadsheet_id
        self._endpoint = checked_endpoint(endpoint)
        self._address = account.address
        self._pace = pace
        self._began = pace.clock()

    def request(  # noqa: PLR0913, PLR0917 - gspread's signature
        self,
        method: str,
        endpoint: str,
        params: Mapping[str, Any] | None = None,
        data: bytes | None = None,
        json: Mapping[str, Any] | None = None,
        files: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> requests.Response:
        """Return the answer to a request; it is whole, and JSON.

        An answer that never came may have been for a request that was carried out. Such a request
        is sent again just the same: reading twice does no harm, and the guard of a commit lets only
        one of the two through.

        Raises:
            RefusedError: The request is not valid.
            DestinationError: Google cannot be reached, or does not allow it.
        """
        attempts = Retry(self._pace, self._began)
        url = endpoint.replace(GOOGLE, self._endpoint, 1)
        if json is not None:
            data = json_text.dumps(json).encode()
            headers = {**(headers or {}), "Content-Type": "application/json"}
        while True:
            self.calls += 1
            self.bytes_sent += len(data or b"")
            quota, retry_after = False, None
            try:
                response = self.session.request(
                    method,
                    url,
                    params=params,
                    data=data,
                    files=files,
                    headers=headers,
                    timeout=self.timeout,
                )
                if response.ok:
                    response.json()
                    return response
                error = ApiError.from_answer(response.status_code, response.text)
                failure = error.explain(self._spreadsheet_id, self._address)
                if not error.is_passing:
                    raise (RefusedError if error.code == 400 else DestinationError)(failure)
                quota = error.is_quota
                retry_after = seconds_to_wait(response.headers.get("Retry-After"))
            except auth_errors.GoogleAuthError as problem:
                failure = explain_no_token(problem)
                if not (problem.retryable or isinstance(problem, auth_errors.TransportError)):
                    raise DestinationError(failure) from None
            except requests.RequestException as problem:
                # Its text may hold addresses and headers; its name says enough.
                failure = f"The connection failed ({type(problem).__name__})."
            if not attempts.wait(quota=quota, retry_after=retry_after):
                tries = "1 try" if attempts.tries == 1 else f"{attempts.tries} tries"
                raise DestinationError(
                    f"Gave up after {tries} in {attempts.seconds:.0f} seconds: run refsync-push "
                    f"again later. {failure}"
                )

    def read(self, fields: str, ranges: Sequence[str] = ()) -> dict[str, Any]:
        """Return these fields of the spreadsheet (`spreadsheets.get`), cells of these ranges."""
        return self._ask("get", SPREADSHEET_URL, {"fields": fields, "ranges": list(ranges)})

    def read_values(self, ranges: Sequence[Mapping[str, int]]) -> dict[str, Any]:
        """Return the values of grid ranges (`spreadsheets.values.batchGetByDataFilter`).

        Formulas come as such, dates as serial numbers.
        """
        body = {
            "dataFilters": [{"gridRange": range_} for range_ in ranges],
            "valueRenderOption": "FORMULA",
            "dateTimeRenderOption": "SERIAL_NUMBER",
        }
        return self._ask("post", VALUES_URL, {}, json_text.dumps(body).encode())

    def update(self, body: bytes, fields: str) -> dict[str, Any]:
        """Return these fields of the answer to a `spreadsheets.batchUpdate`."""
        return self._ask("post", SPREADSHEET_BATCH_UPDATE_URL, {"fields": fields}, body)

    def _ask(
        self, method: str, url: str, params: Mapping[str, Any], body: bytes | None = None
    ) -> dict[str, Any]:
        response = self.request(
            method,
            url % self._spreadsheet_id,
            params={"prettyPrint": "false", **params},
            data=body,
            headers={"Content-Type": "application/json"} if body else None,
        )
        return response.json()  # type: ignore[no-any-return]


def checked_endpoint(endpoint: str | None) -> str:
    """Return the API's base URL.

    Raises:
        ConfigError: It would send an access token over the network in the clear.
    """
    if not endpoint:
        return GOOGLE
    parts = urlsplit(endpoint)
    loopback = parts.hostname in {"localhost", "127.0.0.1", "::1"}
    if not parts.hostname or not (parts.scheme == "https" or (parts.scheme == "http" and loopback)):
        raise ConfigError(
            f"GOOGLE_SHEETS_API_ENDPOINT is {endpoint!r}: it must begin with https://, or with "
            "http:// on this machine (localhost)."
        )
    return endpoint.rstrip("/").removesuffix("/v4/spreadsheets").removesuffix("/v4")
