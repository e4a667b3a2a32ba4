"""The connection to Google: gspread's client with time limits, and with retries that end.

This is the only module that knows gspread.
"""

from __future__ import annotations

import gzip
import json
import logging
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from google.auth import exceptions as auth_errors
from gspread.http_client import HTTPClient
from gspread.urls import SPREADSHEET_BATCH_UPDATE_URL, SPREADSHEET_DRIVE_URL, SPREADSHEET_URL

from refsync.errors import ConfigError, DestinationError
from refsync.google_sheets.api.connection_errors import (
    ConnectionFailure,
    explain_connection,
)
from refsync.google_sheets.api.errors import (
    NO_ANSWER_OF_SERVICE,
    ApiError,
    explain_no_token,
)
from refsync.google_sheets.api.retry import Pace, Retry, seconds_to_wait
from refsync.secret_values import quoted, refuse_secrets

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import requests

    from refsync.google_sheets.api.credentials import Account

logger = logging.getLogger(__name__)

GOOGLE = "https://sheets.googleapis.com"
VALUES_URL = SPREADSHEET_URL + "/values:batchGetByDataFilter"


MIN_COMPRESSED = 1_000
"""Bytes of a body that is worth to be compressed. Google's own Java and .NET clients do so, too."""

_NO_GZIP = re.compile(r"encoding|gzip|compress|Invalid JSON payload|^$", re.IGNORECASE)
"""Words of a server that does not take a compressed body, or takes it for something else."""

_WRONG_SHAPE = (ValueError, TypeError, KeyError, AttributeError)
"""What google-auth raises where a token service's answer is not JSON of the right shape."""


class RefusedError(DestinationError):
    """Google found a request not valid (400) and applied nothing of it.

    Attributes:
        said: Google's own words.
    """

    def __init__(self, words: str, said: str = "") -> None:
        super().__init__(words)
        self.said = said


class UnansweredError(DestinationError):
    """A request was carried out, and its answer is lost."""


class Client(HTTPClient):
    """A client for one spreadsheet.

    Attributes:
        calls: Requests made to the API, retries included.
        bytes_sent: Bytes of their bodies, as they were sent.
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
        self._host = urlsplit(self._endpoint).hostname or "the API"
        self._address = account.address
        self._compresses = True
        self._pace = pace
        self._began = pace.clock()

    def read(self, fields: str, ranges: Sequence[str] = ()) -> dict[str, Any]:
        """Return these fields of the spreadsheet (`spreadsheets.get`), cells of these ranges."""
        answer = self._ask("get", SPREADSHEET_URL, {"fields": fields, "ranges": list(ranges)})
        return self._with_list(answer, "sheets")

    def read_values(self, ranges: Sequence[Mapping[str, int]]) -> dict[str, Any]:
        """Return the values of grid ranges (`spreadsheets.values.batchGetByDataFilter`).

        Formulas come as such, dates as serial numbers.
        """
        body = {
            "dataFilters": [{"gridRange": range_} for range_ in ranges],
            "valueRenderOption": "FORMULA",
            "dateTimeRenderOption": "SERIAL_NUMBER",
        }
        answer = self._ask("post", VALUES_URL, {}, json.dumps(body).encode())
        return self._with_list(answer, "valueRanges")

    def update(
        self, body: bytes, fields: str, is_done: Callable[[], bool] | None = None
    ) -> dict[str, Any]:
        """Return these fields of the answer to a `spreadsheets.batchUpdate`.

        Where an answer was lost, `is_done` finds out whether the batch was applied.

        Raises:
            UnansweredError: It was applied, and its answer is lost.
        """
        params = {"fields": fields}
        return self._ask("post", SPREADSHEET_BATCH_UPDATE_URL, params, body, is_done)

    def _ask(
        self,
        method: str,
        url: str,
        params: Mapping[str, Any],
        body: bytes = b"",
        is_done: Callable[[], bool] | None = None,
    ) -> dict[str, Any]:
        """Return the answer to a request.

        An answer that never came may have been for a request that was carried out. Such a request
        is sent again just the same: reading twice does no harm, and the guard of a commit lets only
        one of the two through. `is_done` finds out whether it was carried out; then it is not sent
        again.

        Raises:
            RefusedError: The request is not valid.
            UnansweredError: The request was carried out, and its answer is lost.
            DestinationError: Google cannot be reached, or does not allow it.
        """
        attempts = Retry(self._pace, self._began)
        while True:
            quota, retry_after, unsure = False, None, True
            try:
                response = self._send(method, url, params, body)
                if response.status_code < 400:
                    return self._answer_of(response)
                error = ApiError.from_answer(response.status_code, response.text)
                if self._is_about_compression(response, error):
                    logger.info("Compressed requests are not taken here: sending plain ones.")
                    self._compresses = False
                    continue
                failure = error.explain(self._spreadsheet_id, self._address)
                if error.code == 400:
                    raise RefusedError(failure, error.message)
                if not error.is_transient:
                    raise DestinationError(failure)
                quota, unsure = error.is_quota, error.is_unsure
                retry_after = seconds_to_wait(response.headers.get("Retry-After"))
            except (auth_errors.GoogleAuthError, OSError, *_WRONG_SHAPE) as problem:
                # Nothing of the error's own text: it may hold addresses and headers.
                cause = self._explain(problem)
                failure = cause.words
                if not cause.is_transient:
                    raise DestinationError(failure) from None
            if not attempts.wait(quota=quota, retry_after=retry_after):
                tries = "1 try" if attempts.tries == 1 else f"{attempts.tries} tries"
                raise DestinationError(
                    f"Gave up after {tries} in {attempts.seconds:.0f} seconds: run refsync-push "
                    f"again later. {failure}"
                )
            if unsure and is_done and is_done():
                raise UnansweredError(failure)

    def _send(
        self, method: str, url: str, params: Mapping[str, Any], body: bytes
    ) -> requests.Response:
        """Send a request once; its body is compressed where that is worth it."""
        headers = {"Content-Type": "application/json"} if body else {}
        if self._compresses and len(body) >= MIN_COMPRESSED:
            body = gzip.compress(body, compresslevel=1, mtime=0)
            headers["Content-Encoding"] = "gzip"
        self.calls += 1
        self.bytes_sent += len(body)
        return self.session.request(
            method,
            (url % self._spreadsheet_id).replace(GOOGLE, self._endpoint, 1),
            params={"prettyPrint": "false", **params},
            data=body or None,
            headers=headers,
            timeout=self.timeout,
            allow_redirects=False,
        )

    @staticmethod
    def _is_about_compression(response: requests.Response, error: ApiError) -> bool:
        """Whether a request was refused because its body was compressed."""
        was_compressed = "Content-Encoding" in response.request.headers
        return was_compressed and error.code in {400, 415} and bool(_NO_GZIP.search(error.message))

    def _explain(self, problem: Exception) -> ConnectionFailure:
        """Return why there was no answer; requests' own errors are of the kind OSError too."""
        if isinstance(problem, auth_errors.TransportError):
            return explain_connection(problem, "Google's token service")
        if isinstance(problem, auth_errors.GoogleAuthError):
            return ConnectionFailure(explain_no_token(problem), problem.retryable)
        if isinstance(problem, OSError):
            return explain_connection(problem, self._host)
        return ConnectionFailure(NO_ANSWER_OF_SERVICE, is_transient=False)

    def _with_list(self, answer: dict[str, Any], key: str) -> dict[str, Any]:
        """Return an answer that has a list of objects under a key.

        Raises:
            DestinationError: It has none.
        """
        found = answer.get(key)
        if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
            raise DestinationError(self._no_api())
        return answer

    def _answer_of(self, response: requests.Response) -> dict[str, Any]:
        """Return what is answered.

        Raises:
            DestinationError: The answer is not the API's, but such as a network's page to sign in.
        """
        try:
            answer = json.loads(response.content) if response.status_code == 200 else None
        except ValueError:
            answer = None
        if not isinstance(answer, dict):
            raise DestinationError(self._no_api())
        return answer

    def _no_api(self) -> str:
        return (
            f"{self._host} does not answer as the Google Sheets API does: check "
            "GOOGLE_SHEETS_API_ENDPOINT and HTTPS_PROXY, and whether this network wants you to "
            "sign in."
        )


def checked_endpoint(endpoint: str | None) -> str:
    """Return the API's base URL.

    Raises:
        ConfigError: It would send an access token over the network in the clear.
    """
    if not endpoint:
        return GOOGLE
    refuse_secrets([("GOOGLE_SHEETS_API_ENDPOINT", endpoint)])
    try:
        parts = urlsplit(endpoint)
        host, has_port = parts.hostname, parts.port is None or parts.port > 0
    except ValueError:
        host, has_port = None, False
    loopback = host in {"localhost", "127.0.0.1", "::1"}
    schemes = {"https", "http"} if loopback else {"https"}
    if not host or not has_port or parts.scheme not in schemes:
        raise ConfigError(
            f"GOOGLE_SHEETS_API_ENDPOINT is {quoted(endpoint)}: it must begin with https://, or "
            "with http:// on this machine (localhost)."
        )
    return endpoint.rstrip("/").removesuffix("/v4/spreadsheets").removesuffix("/v4")
