"""HTTP: from the wire to the emulator and back, broken on purpose where a fault says so."""

from __future__ import annotations

import gzip
import json
import select
import socket
import struct
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from tests.sheets_emulator.errors import ApiError

if TYPE_CHECKING:
    from tests.sheets_emulator.emulator import SheetsEmulator
    from tests.sheets_emulator.faults import Call, Fault


class Disconnect(Exception):  # noqa: N818 - not an error: the planned end of a connection
    """The connection is to end without an answer."""


class Server(ThreadingHTTPServer):
    """The listening socket; one thread a connection."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def __init__(self, emulator: SheetsEmulator, port: int) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.emulator = emulator

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away in the middle is part of the game."""


class Handler(BaseHTTPRequestHandler):
    """One connection; every answer leaves in one piece, so that small ones are not delayed."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1
    disable_nagle_algorithm = True
    server: Server

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        """The emulator keeps its own log."""

    def do_GET(self) -> None:
        path, _, query = self.path.partition("?")
        if path == "/":
            self._show_page(query)
        else:
            self._answer()

    def do_POST(self) -> None:
        self._answer()

    do_PUT = do_POST  # noqa: N815 - the base class's names
    do_DELETE = do_POST  # noqa: N815

    def _show_page(self, query: str) -> None:
        """Shows a spreadsheet to a person; that is no call of the log."""
        body = self.server.emulator.page(query).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=UTF-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _answer(self) -> None:
        emulator = self.server.emulator
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        is_compressed = self.headers.get("Content-Encoding") == "gzip"
        sent = len(body)
        if is_compressed:
            body = gzip.decompress(body)
        if self.headers.get("X-HTTP-Method-Override") == "GET":
            # Google's client library sends a GET whose address would be too long as a POST.
            self.command, self.path, body = "GET", f"{self.path}?{body.decode('ascii')}", b""
        call = emulator.arrived(self.command, self.path, body)
        call.sent_bytes, call.is_compressed = sent, is_compressed
        try:
            self._serve(call, body)
        except Disconnect:
            self.close_connection = True

    def _serve(self, call: Call, body: bytes) -> None:
        emulator = self.server.emulator
        faults = emulator.faults_for(call)
        emulator.delay()
        headers: dict[str, str] = {}
        try:
            for fault in faults:
                if not fault.after:
                    self._strike(fault, call)
            status, answer = emulator.answer(call, body, self.headers.get("Authorization"))
            for fault in faults:
                if fault.after and fault.effect != "truncate":
                    self._strike(fault, call)
        except ApiError as error:
            status, answer, headers = error.code, error.envelope(), error.headers
        except (Disconnect, ConnectionError):
            raise
        except Exception as error:  # noqa: BLE001 - a defect of the emulator, made loud
            status, answer = 500, emulator.defect(call, error).envelope()
        cut = any(fault.effect == "truncate" for fault in faults)
        self._send(call, status, answer, headers, cut=cut)

    def _strike(self, fault: Fault, call: Call) -> None:
        if fault.effect == "status":
            headers = {}
            if fault.retry_after is not None:
                headers["Retry-After"] = str(fault.retry_after)
            raise ApiError(fault.code, _FAULT_TEXTS.get(fault.code, "Fault."), headers=headers)
        if fault.effect == "run" and fault.action is not None:
            fault.action(call)
        if fault.effect in ("hang", "late"):
            self._wait_for_client_to_leave()
        if fault.effect == "hang":
            raise Disconnect
        if fault.effect == "reset":
            linger = struct.pack("ii", 1, 0)
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            self.connection.close()
            raise Disconnect

    def _wait_for_client_to_leave(self) -> None:
        while not self.server.emulator.stopped:
            readable, _, _ = select.select([self.connection], [], [], 0.02)
            if readable and self._has_left():
                return

    def _has_left(self) -> bool:
        """Whether the readable connection is at its end."""
        try:
            return not self.connection.recv(1, socket.MSG_PEEK)
        except OSError:
            return True

    def _send(
        self, call: Call, status: int, answer: Any, headers: dict[str, str], *, cut: bool
    ) -> None:
        pretty = "prettyPrint=false" not in urlsplit(self.path).query
        text = json.dumps(
            answer,
            ensure_ascii=False,
            indent=2 if pretty else None,
            separators=None if pretty else (",", ":"),
        )
        body = (text + ("\n" if pretty else "")).encode()
        if status == 204:
            body = b""
        headers = {"Content-Type": "application/json; charset=UTF-8", **headers}
        if "gzip" in self.headers.get("Accept-Encoding", ""):
            body = gzip.compress(body, compresslevel=1, mtime=0)
            headers["Content-Encoding"] = "gzip"
        headers["Content-Length"] = str(len(body))
        call.status, call.response_bytes = status, len(body)
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body[: len(body) // 2] if cut else body)
        self.wfile.flush()
        if cut:
            self.connection.shutdown(socket.SHUT_RDWR)
            raise Disconnect


_FAULT_TEXTS = {
    429: "Quota exceeded for quota metric 'Write requests' and limit 'Write requests per minute "
    "per user' of service 'sheets.googleapis.com' for consumer 'project_number:123456789012'.",
    500: "Internal error encountered.",
    503: "The service is currently unavailable.",
}
