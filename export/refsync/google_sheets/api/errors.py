"""What Google's refusals mean, and what to do about them."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from google.auth.exceptions import GoogleAuthError

NO_ANSWER_OF_SERVICE = (
    "The token service answers with something else than a token: check the token_uri in the key "
    "and HTTPS_PROXY, and whether this network wants you to sign in."
)

RATE_REASONS = {"RATE_LIMIT_EXCEEDED", "rateLimitExceeded", "userRateLimitExceeded"}


@dataclass(frozen=True)
class ApiError:
    """An answer that is not a success.

    Attributes:
        code: The HTTP status.
        message: Google's own words.
        reason: The machine's reason, from `details` (`google.rpc.ErrorInfo`); may be empty.
    """

    code: int
    message: str
    reason: str

    @classmethod
    def from_answer(cls, code: int, text: str) -> ApiError:
        """Return the error in an answer's body, which may be no JSON at all."""
        try:
            error = json.loads(text)["error"]
            reasons = (detail.get("reason") for detail in error.get("details", ()))
            reason = next(filter(None, reasons), "")
            return cls(code, " ".join(str(error["message"]).split()), str(reason))
        except (ValueError, TypeError, KeyError, AttributeError):
            return cls(code, "", "")

    @property
    def is_quota(self) -> bool:
        """Whether a quota is used up: nothing was done, and later it may be."""
        return self.code == 429 or (self.code == 403 and self.reason in RATE_REASONS)

    @property
    def is_transient(self) -> bool:
        """Whether another try may succeed."""
        # 409: somebody else's change came in between, and nothing was done.
        return self.is_quota or self.code >= 500 or self.code in {408, 409}

    @property
    def is_unsure(self) -> bool:
        """Whether the request may have been carried out all the same."""
        return self.code >= 500 or self.code == 408

    def explain(  # noqa: PLR0911 - one return a remedy
        self, spreadsheet_id: str, address: str | None
    ) -> str:
        """Return a sentence that names the thing and the next step.

        Args:
            spreadsheet_id: The spreadsheet.
            address: The account's e-mail address, where it has one.
        """
        said = f" Google says: {self.message}" if self.message else ""
        message = self.message.lower()
        account = address or "the account that refsync runs as"
        if self.code == 404:
            # What does not look like an id of Google's may be a password in the wrong variable.
            is_id = re.fullmatch(r"1[\w-]{43}", spreadsheet_id, re.ASCII)
            shown = repr(spreadsheet_id) if is_id else "that is set (not shown here)"
            return (
                f"There is no spreadsheet with the id {shown}: copy its URL from the browser while "
                "it is open."
            )
        if self.code == 401:
            return f"Google does not accept the credentials of {account}: make a new key.{said}"
        if self.reason == "SERVICE_DISABLED":
            return f"The Google Sheets API is off in the project of {account}: enable it.{said}"
        if self.reason in {"ACCESS_TOKEN_SCOPE_INSUFFICIENT", "insufficientPermissions"}:
            return (
                "The credentials lack the scope https://www.googleapis.com/auth/spreadsheets: with "
                "gcloud, log in again with `gcloud auth application-default login --scopes=…`."
            )
        if "protected" in message:
            return (
                f"A protected range is in the way: add {account} to those who may edit it, or take "
                f"the protection away.{said}"
            )
        if self.code == 403:
            whom = f"share it with {address}" if address else "share it with the account's address"
            return f"refsync may not use the spreadsheet {spreadsheet_id}: {whom}, as an editor."
        if "not supported for this document" in message:
            return (
                f"The file {spreadsheet_id} in Drive is not a Google spreadsheet, but an Office "
                "file: open it and choose File > Save as Google Sheets."
            )
        if self.is_quota:
            return f"Google's quota is used up: push less often, or later.{said}"
        return f"Google Sheets refuses the request ({self.code}).{said}"


def refused_request(said: str) -> int | None:
    """Return the index of the request of a batch that Google refuses, if its words name one."""
    found = re.match(r"Invalid requests\[(\d+)\]", said)
    return int(found[1]) if found else None


def refuses_answer(said: str) -> bool:
    """Whether Google refuses the ranges that it was asked to read back with a batch."""
    return refused_request(said) is None and bool(
        re.search(
            r"exceeds grid limits|Unable to parse range|response_?ranges", said, re.IGNORECASE
        )
    )


def explain_no_token(problem: GoogleAuthError) -> str:
    """Return a sentence for a failure to get an access token, quoting no more than its code."""
    code = re.match(r"\W*([a-z_]+)\b", str(problem))
    said = f" ({code[1]})" if code and "_" in code[1] else ""
    return (
        f"Google gives out no access token for these credentials{said}: check that the account and "
        "its key still exist, and that this machine's clock is right."
    )
