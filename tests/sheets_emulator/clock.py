"""A clock that tests can turn forward, and Google's per-minute quotas measured by it."""

from __future__ import annotations

import datetime as dt
import time
from collections import deque
from dataclasses import dataclass, field

from tests.sheets_emulator.errors import ApiError, error_info


class Clock:
    """Unix time that runs by itself and can be pushed ahead."""

    def __init__(self) -> None:
        self._ahead = 0.0

    def now(self) -> float:
        """The time, in seconds since 1970."""
        return time.time() + self._ahead

    def advance(self, seconds: float) -> None:
        """Makes it later at once."""
        self._ahead += seconds


@dataclass
class Quotas:
    """Requests a minute, for reads and writes apart (the Sheets API's page "Usage limits")."""

    per_project: int = 300
    per_user: int = 60
    retry_after: int | None = None
    """The seconds of a Retry-After header; Google usually sends none."""

    _calls: dict[tuple[str, str], deque[float]] = field(default_factory=dict)

    def charge(self, kind: str, user: str, now: float) -> None:
        """Counts one read or write of a user.

        Raises:
            ApiError: 429, the minute's quota is used up; the refused call costs nothing.
        """
        buckets = (
            (self.per_project, "per minute", (kind, "")),
            (self.per_user, "per minute per user", (kind, user)),
        )
        for limit, span, key in buckets:
            calls = self._calls.setdefault(key, deque())
            while calls and calls[0] <= now - 60:
                calls.popleft()
            if len(calls) >= limit:
                name = kind.capitalize()
                headers = {} if self.retry_after is None else {"Retry-After": str(self.retry_after)}
                raise ApiError(
                    429,
                    f"Quota exceeded for quota metric '{name} requests' and limit '{name} requests "
                    f"{span}' of service 'sheets.googleapis.com' for consumer "
                    "'project_number:123456789012'.",
                    details=[error_info("RATE_LIMIT_EXCEEDED", quota_limit_value=str(limit))],
                    headers=headers,
                )
        for _, _, key in buckets:
            self._calls[key].append(now)


def rfc3339(timestamp: float) -> str:
    """A moment as Google's APIs write it, in UTC."""
    moment = dt.datetime.fromtimestamp(timestamp, tz=dt.timezone.utc)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"
