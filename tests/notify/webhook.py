"""A webhook over real HTTP; as a proxy, it takes the place of any host."""

from __future__ import annotations

import json
import threading
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from refsync.notify.message import Message
from refsync.worksheet.table import Column, Table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from refsync.worksheet.table import Cell

OFFICERS = (
    Column("officer_id", "OfficerID", "text"),
    Column("officer_name", "OfficerName", "text"),
    Column("total_clicks", "TotalClicks", "integer"),
    Column("total_signups", "TotalSignups", "integer", scale="bar"),
    Column("click_to_signup_rate", "ClickToSignupRate", "percent"),
)

MESSAGE = Message("refsync wrote 1 of 2 worksheets.")


def table(*rows: tuple[Cell, ...], **changes: Any) -> Table:
    """Return a worksheet of officers: id, name, clicks, signups, rate."""
    known: dict[str, Any] = {
        "model": "officer_summary",
        "worksheet": "Officer_Summary",
        "type": "daily",
        "columns": OFFICERS,
        "key": (0,),
    }
    return Table(rows=rows, **known | changes)


@dataclass
class Webhook:
    """What a webhook answers, and what it was sent.

    Attributes:
        url: Its URL.
        status: The status of its answers.
        headers: The headers of its answers.
        delay: Seconds before each line of an answer.
        received: The path and the body of each request.
    """

    url: str
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0.0
    received: list[tuple[str, Any]] = field(default_factory=list)

    @property
    def texts(self) -> list[str]:
        """The text of each message, in the shape of a host that is not known."""
        return [body["text"] for _, body in self.received]


@contextmanager
def serving() -> Iterator[Webhook]:
    """Serve a webhook."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            webhook.received.append((self.path, json.loads(body)))
            with suppress(OSError):  # a client may have gone
                self.answer()

        def answer(self) -> None:
            time.sleep(webhook.delay)
            self.wfile.write(f"HTTP/1.1 {webhook.status} Said\r\n".encode())
            for name, value in webhook.headers.items():
                time.sleep(webhook.delay)
                self.wfile.write(f"{name}: {value}\r\n".encode())
            self.wfile.write(b"Connection: close\r\n\r\nno-secret-of-the-answer")

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    webhook = Webhook(f"http://127.0.0.1:{server.server_port}/hook/T0k3n-of-the-webhook")
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield webhook
    server.shutdown()
    server.server_close()
