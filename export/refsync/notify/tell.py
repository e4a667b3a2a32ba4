"""Messages to the webhook that `REFSYNC_WEBHOOK_URL` names, if it names one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from refsync.notify.compose import failure_message, push_message
from refsync.notify.hosts import host_of
from refsync.notify.send import send
from refsync.report import Finding
from refsync.settings import WEBHOOK

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from refsync.report import PushResult


def tell_push(url: str, results: Sequence[PushResult], as_of: date | None) -> str | None:
    """Send what a push changed, if it changed anything; return a warning if that failed."""
    try:
        message = push_message(results, as_of)
        return send(url, message) if message else None
    except Exception as error:  # noqa: BLE001 - the push has succeeded
        return f"The message to the webhook could not be made ({type(error).__name__})."


def tell_failure(url: str, sentence: str) -> str | None:
    """Send why something failed; return a warning if that failed too."""
    return send(url, failure_message(sentence))


def webhook_finding(url: str) -> Finding:
    """Return whether a webhook is set, and of which host, without its URL."""
    if not url:
        return Finding(f"No webhook is set ({WEBHOOK}), so nobody gets a message about a push.")
    host = host_of(url)
    if host is None:
        return Finding(
            f"{WEBHOOK} is not a URL that begins with https://: copy the webhook's URL again.",
            is_warning=True,
        )
    kind = f" of {host.name}" if host.name else ""
    return Finding(f"A webhook{kind} is set ({WEBHOOK}): it gets a message about each push.")
