"""A network that is not as it should be, in a sentence that names the thing and the next step."""

from __future__ import annotations

import json
import socket
import ssl
import subprocess
import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest
from google.oauth2.credentials import Credentials

from refsync.errors import ConfigError, DestinationError
from refsync.google_sheets.api.client import Client, checked_endpoint
from refsync.google_sheets.api.connection_errors import explain_connection
from refsync.google_sheets.api.credentials import Account, find_account
from refsync.settings import Settings
from tests.google_sheets.pushing import Time
from tests.sheets_emulator import SheetsEmulator

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PASSWORD = "Zq9xKw7Lm3VbT5"  # noqa: S105


class Server:
    """A server that gives every request one answer."""

    def __init__(self) -> None:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def answer(self) -> None:
                outer.asked += 1
                self.rfile.read(int(self.headers.get("Content-Length") or 0))
                self.send_response(outer.status)
                for name, value in outer.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(outer.body)))
                self.end_headers()
                self.wfile.write(outer.body)

            do_GET = do_POST = do_CONNECT = answer  # noqa: N815

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self.status, self.body, self.asked = 200, b"{}", 0
        self.headers: dict[str, str] = {}
        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.http.server_port
        threading.Thread(target=self.http.serve_forever, args=(0.02,), daemon=True).start()


@pytest.fixture
def server() -> Iterator[Server]:
    running = Server()
    yield running
    running.http.shutdown()
    running.http.server_close()


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY", "REQUESTS_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    monkeypatch.delenv("CURL_CA_BUNDLE", raising=False)


def failure(endpoint: str) -> tuple[str, int]:
    """Return what reading a spreadsheet there says, and how many calls it made."""
    account = Account(Credentials("token"), "a test", None)  # type: ignore[no-untyped-call]
    client = Client(account, "1x", endpoint, replace(Time().pace(), connect_timeout=3.0))
    with pytest.raises(DestinationError) as raised:
        client.read("sheets")
    assert PASSWORD not in str(raised.value)
    return str(raised.value), client.calls


@pytest.mark.parametrize(
    ("status", "body", "headers"),
    [
        (200, b"{}", {}),
        (200, b"[]", {}),
        (200, b"null", {}),
        (200, b'{"sheets": {"a": 1}}', {}),
        (200, b'{"sheets": ["a"]}', {}),
        (200, b"<html>Sign in</html>", {"Content-Type": "text/html"}),
        (200, b"", {}),
        (200, b"\xff\xfe{", {}),
        (204, b"", {}),
        (302, b"", {"Location": "https://example.org/login"}),
        (301, b"<html>", {"Location": "/elsewhere"}),
    ],
)
def test_an_answer_that_is_not_the_api_s(
    server: Server, status: int, body: bytes, headers: dict[str, str]
) -> None:
    server.status, server.body, server.headers = status, body, headers
    said, calls = failure(f"http://127.0.0.1:{server.port}")
    assert said.startswith("127.0.0.1 does not answer as the Google Sheets API does: check ")
    assert (calls, server.asked) == (1, 1)


@pytest.mark.parametrize("body", [b"{}", b"[]", b"<html>", b'"text"', b""])
def test_a_token_service_that_answers_with_something_else(server: Server, body: bytes) -> None:
    with SheetsEmulator() as emulator:
        key = emulator.service_account_info()
    key["token_uri"] = f"http://127.0.0.1:{server.port}/token"
    server.body = body
    account = find_account(Settings("1x", google_service_account_json=json.dumps(key)))
    client = Client(account, "1x", f"http://127.0.0.1:{server.port}", Time().pace())
    with pytest.raises(DestinationError, match=r"token") as raised:
        client.read("sheets")
    assert client.calls == 1
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "https_proxy"])
def test_a_proxy_that_is_dead_or_wants_a_password(
    server: Server, variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        monkeypatch.setenv(variable, f"http://me:{PASSWORD}@127.0.0.1:{nobody.getsockname()[1]}")
        said, calls = failure("https://sheets.example.org")
        assert "The proxy cannot be reached: check HTTPS_PROXY" in said
        assert calls > 1
    monkeypatch.setenv(variable, f"http://me:{PASSWORD}@127.0.0.1:{server.port}")
    server.status = 407
    said, calls = failure("https://sheets.example.org")
    assert said.startswith("The proxy wants a user and a password: put them in HTTPS_PROXY")
    assert calls == 1
    for wrong in (f"http://me:{PASSWORD}@:::", f"gopher://me:{PASSWORD}@127.0.0.1:1"):
        monkeypatch.setenv(variable, wrong)
        said, calls = failure("https://sheets.example.org")
        assert "HTTPS_PROXY" in said


def test_no_name_and_nobody_there() -> None:
    said, calls = failure("https://no-such-host.invalid")
    assert "The name no-such-host.invalid is not found: check the network" in said
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        said, calls = failure(f"https://127.0.0.1:{nobody.getsockname()[1]}")
    assert "127.0.0.1 refuses the connection" in said
    assert calls == 6


@pytest.mark.parametrize("content", [None, "", "no certificate", "-----BEGIN CERTIFICATE-----\n"])
def test_a_bundle_of_certificates_that_is_missing_or_broken(
    server: Server, tmp_path: Path, content: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundle = tmp_path / "bundle.pem"
    if content is not None:
        bundle.write_text(content)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(bundle))
    said, calls = failure(f"https://127.0.0.1:{server.port}")
    assert said.startswith("The file of trusted certificates is missing or holds none: check REQ")
    assert calls == 1


@pytest.mark.parametrize("days", ["30", "-1"])
def test_a_certificate_that_is_not_trusted_is_not_tried_again(
    server: Server, tmp_path: Path, days: str
) -> None:
    pem = tmp_path / "both.pem"
    made = subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", days),
            *("-subj", "/CN=127.0.0.1", "-keyout", str(pem), "-out", str(tmp_path / "c.pem")),
        ],
        capture_output=True,
        check=False,
    )
    if made.returncode:
        pytest.skip("openssl makes no such certificate")
    pem.write_text(pem.read_text() + (tmp_path / "c.pem").read_text())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    server.http.socket = context.wrap_socket(server.http.socket, server_side=True)
    said, calls = failure(f"https://127.0.0.1:{server.port}")
    assert said.startswith("The certificate of 127.0.0.1 is not trusted (self")
    assert "REQUESTS_CA_BUNDLE" in said
    assert calls == 1


def test_a_server_without_tls(server: Server) -> None:
    said, _ = failure(f"https://127.0.0.1:{server.port}")
    assert "127.0.0.1 does not speak TLS: check GOOGLE_SHEETS_API_ENDPOINT" in said


def test_the_same_holds_while_google_auth_asks_for_a_token(monkeypatch: pytest.MonkeyPatch) -> None:
    with SheetsEmulator() as emulator:
        key = emulator.service_account_info()
    key["token_uri"] = "https://no-such-host.invalid/token"  # noqa: S105
    account = find_account(Settings("1x", google_service_account_json=json.dumps(key)))
    client = Client(account, "1x", "http://127.0.0.1:1", Time().pace())
    with pytest.raises(DestinationError, match="The name Google's token service is not found"):
        client.read("sheets")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere.pem")
    with pytest.raises(DestinationError, match="REQUESTS_CA_BUNDLE"):
        client.read("sheets")


def test_an_error_that_is_not_known_is_named_by_its_kind_alone() -> None:
    error = OSError(f"https://me:{PASSWORD}@example.org")
    assert explain_connection(error, "h").words == "The connection to h failed (OSError)."


@pytest.mark.parametrize(
    "endpoint", [f"https://me:{PASSWORD}@example.org", "https://example.org:port", "https://[x]"]
)
def test_an_endpoint_with_a_password_or_a_wrong_port(endpoint: str) -> None:
    with pytest.raises(ConfigError, match="GOOGLE_SHEETS_API_ENDPOINT") as raised:
        checked_endpoint(endpoint)
    assert PASSWORD not in str(raised.value)
