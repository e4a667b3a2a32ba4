"""One request to a webhook. It cannot fail a push, nor keep it waiting for long."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING, Any

from refsync.notify.hosts import host_of
from refsync.settings import WEBHOOK

if TYPE_CHECKING:
    from refsync.notify.message import Message

MAX_SECONDS = 10.0
"""How long a webhook may take, all in all; a server that sends a byte a second takes for ever."""

_NOT_SENT = "The message to the webhook was not sent"


def send(url: str, message: Message, max_seconds: float = MAX_SECONDS) -> str | None:
    """Send a message; return a warning, which has nothing of the URL, or `None` after success.

    No redirect is followed: the message would go to another host. The answer's text is not read.
    """
    host = host_of(url)
    if host is None:
        return (
            f"{_NOT_SENT}: {WEBHOOK} is not a URL that begins with https://; copy the webhook's "
            "URL again."
        )
    outcomes: list[int | str] = []
    request = threading.Thread(
        target=_post, args=(url, host.payload(message), max_seconds, outcomes), daemon=True
    )
    request.start()
    request.join(max_seconds)
    outcome = outcomes[0] if outcomes else f"it did not answer in {max_seconds:g} seconds"
    if isinstance(outcome, str):
        return f"{_NOT_SENT}: {outcome}; check {WEBHOOK} and the network."
    if 200 <= outcome < 300:
        return None
    if 300 <= outcome < 400:
        return (
            f"{_NOT_SENT}: it answered {outcome}, a redirect, which refsync does not follow; set "
            f"{WEBHOOK} to the webhook's own URL."
        )
    hint = "try again later" if outcome == 429 or outcome >= 500 else "make a new webhook"
    return f"{_NOT_SENT}: it answered {outcome}; check {WEBHOOK}, or {hint}."


def _post(url: str, payload: Any, max_seconds: float, outcomes: list[int | str]) -> None:
    """Append the status of the answer, or what went wrong in a few words."""
    import requests  # noqa: PLC0415 - most pushes to a workbook need none

    try:
        with requests.post(
            url,
            data=json.dumps(payload).encode(),
            headers={"Content-Type": "application/json; charset=utf-8"},
            timeout=max_seconds,
            allow_redirects=False,
            stream=True,  # the body is not read
        ) as answer:
            outcomes.append(answer.status_code)
    except requests.Timeout:
        outcomes.append(f"it did not answer in {max_seconds:g} seconds")
    except Exception as error:  # noqa: BLE001 - its text may have the URL
        outcomes.append(f"the connection failed ({type(error).__name__})")
