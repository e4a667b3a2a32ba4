"""A webhook that fails is a warning, which has nothing of its URL."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from refsync.notify.send import send
from tests.notify.webhook import MESSAGE, serving

if TYPE_CHECKING:
    from tests.notify.webhook import Webhook


@pytest.mark.parametrize("status", [200, 202, 204])
def test_a_message_is_sent_once(webhook: Webhook, status: int) -> None:
    webhook.status = status
    assert send(webhook.url, MESSAGE) is None
    assert webhook.received == [("/hook/T0k3n-of-the-webhook", {"text": MESSAGE.headline})]


@pytest.mark.parametrize(
    ("status", "hint"),
    [(400, "make a new webhook"), (404, "make a new webhook"), (429, "later"), (503, "later")],
)
def test_an_error_is_a_warning(webhook: Webhook, status: int, hint: str) -> None:
    webhook.status = status
    warning = send(webhook.url, MESSAGE) or ""
    assert f"answered {status}" in warning
    assert hint in warning
    assert_nothing_of_it(webhook, warning)
    assert len(webhook.received) == 1


def test_no_redirect_is_followed(webhook: Webhook) -> None:
    with serving() as other:
        webhook.status, webhook.headers = 307, {"Location": other.url}
        warning = send(webhook.url, MESSAGE) or ""
        assert "redirect" in warning
        assert other.received == []
        assert_nothing_of_it(webhook, warning)


@pytest.mark.parametrize("lines", [0, 60], ids=["silent", "a line now and then"])
def test_a_slow_webhook_is_given_up(webhook: Webhook, lines: int) -> None:
    webhook.delay = 0.1 if lines else 3
    webhook.headers = {f"X-{n}": "1" for n in range(lines)}
    began = time.monotonic()
    warning = send(webhook.url, MESSAGE, 0.3) or ""
    assert time.monotonic() - began < 2
    assert "did not answer in 0.3 seconds" in warning
    assert_nothing_of_it(webhook, warning)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:9/s3cret-path",
        "postgresql://a:s3cret-path@db/x",
        "s3cret-path",
        "http://[s",
    ],
)
def test_one_that_cannot_be_reached(url: str) -> None:
    warning = send(url, MESSAGE) or ""
    assert warning.startswith("The message to the webhook was not sent: ")
    assert "s3cret" not in warning


def assert_nothing_of_it(webhook: Webhook, warning: str) -> None:
    host, _, path = webhook.url.partition("/hook/")
    assert not [part for part in (host, path, "secret-of-the-answer") if part in warning]
