"""How long to wait for Google, and when to give up.

A request is tried at most 6 times, with waits of up to 1, 2, 4, 8 and 16 seconds in between; one
that a quota refuses (429) at most 20 times, since a quota is filled up again every minute. No try
begins later than 5 minutes after the first, nor later than 30 minutes after the push began.
"""

from __future__ import annotations

import random
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

TRIES = 6
QUOTA_TRIES = 20
MAX_QUOTA_WAIT = 64.0
MAX_REQUEST = 300.0
MAX_PUSH = 1800.0


@dataclass(frozen=True)
class Pace:
    """Time, as the retries know it.

    Attributes:
        sleep: Waits for some seconds.
        clock: Returns seconds since some moment.
        chance: Returns a random number from 0 to 1.
        connect_timeout: Seconds that a connection may take.
        read_timeout: Seconds that an answer may take; Google itself may need 180.
    """

    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic
    chance: Callable[[], float] = random.random
    connect_timeout: float = 10.0
    read_timeout: float = 200.0

    def pause(self, longest: float) -> None:
        """Wait for a random part of `longest` seconds, so that rivals do not meet again."""
        self.sleep(self.chance() * longest)


class Retry:
    """The tries of one request."""

    def __init__(self, pace: Pace, push_began: float) -> None:
        self.tries = 0
        self._pace = pace
        self._began = pace.clock()
        self._last_moment = min(self._began + MAX_REQUEST, push_began + MAX_PUSH)

    @property
    def seconds(self) -> float:
        """Seconds since the first try."""
        return self._pace.clock() - self._began

    def wait(self, *, quota: bool, retry_after: float | None) -> bool:
        """Wait before the next try; return whether there is to be one.

        The wait is random between nothing and a limit that doubles ("full jitter"); where the
        server says how long to wait, it is never shorter.
        """
        self.tries += 1
        if self.tries >= (QUOTA_TRIES if quota else TRIES):
            return False
        limit = min(2.0 ** (self.tries + 1), MAX_QUOTA_WAIT) if quota else 2.0**self.tries / 2
        seconds = self._pace.chance() * limit
        if retry_after is not None:
            seconds = retry_after + min(seconds, 1.0)
        if self._pace.clock() + seconds > self._last_moment:
            return False
        self._pace.sleep(seconds)
        return True


def seconds_to_wait(retry_after: str | None) -> float | None:
    """Return the seconds of a Retry-After header; `None` if it has none, or a date."""
    return float(retry_after) if retry_after and retry_after.strip().isdigit() else None
