"""The errors of a Google API, in Google's envelope."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]
"""A JSON object as `json` reads it."""

STATUS_OF_CODE = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    409: "ABORTED",
    415: "INVALID_ARGUMENT",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    501: "UNIMPLEMENTED",
    503: "UNAVAILABLE",
}


class ApiError(Exception):
    """An answer that is not 200: `{"error": {"code", "message", "status"[, "details"]}}`."""

    def __init__(
        self,
        code: int,
        message: str,
        *,
        status: str | None = None,
        details: list[Json] | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status or STATUS_OF_CODE[code]
        self.details = details or []
        self.headers = headers or {}

    def envelope(self) -> Json:
        """The body of the answer."""
        error: Json = {"code": self.code, "message": self.message, "status": self.status}
        if self.details:
            error["details"] = self.details
        return {"error": error}


def invalid(message: str) -> ApiError:
    """400 INVALID_ARGUMENT."""
    return ApiError(400, message)


def not_found() -> ApiError:
    """404 in the words of the Sheets API."""
    return ApiError(404, "Requested entity was not found.")


def forbidden() -> ApiError:
    """403 for a spreadsheet that is not shared with the caller, or not for writing."""
    return ApiError(403, "The caller does not have permission")


def error_info(reason: str, **metadata: str) -> Json:
    """A `google.rpc.ErrorInfo` detail, by which clients tell 403s apart."""
    return {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": reason,
        "domain": "googleapis.com",
        "metadata": {"service": "sheets.googleapis.com", **metadata},
    }
