"""As much of GitHub's REST API as keeps issues, over real HTTP."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

if TYPE_CHECKING:
    from types import TracebackType

TOKEN = "ghs_token-of-the-job"  # noqa: S105
PATH = "/repos/somebody/refsync/issues"


class Issues:
    """The issues of a repository, as a context manager; `enabled` is the repository's setting."""

    def __init__(self) -> None:
        self.issues: list[dict[str, Any]] = []
        self.enabled, self.private = True, True
        self.failures = 0
        handler = type("Handler", (_Handler,), {"keeper": self})
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def __enter__(self) -> Issues:
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.server.shutdown()
        self.server.server_close()

    def answer(self, method: str, url: str, body: dict[str, Any]) -> tuple[int, Any]:
        """Return the status and the JSON of an answer."""
        parts = urlsplit(url)
        path = parts.path.removeprefix(PATH).strip("/").split("/")
        if self.failures:
            self.failures -= 1
            return 502, {"message": "Server Error"}
        if not self.enabled:
            return 410, {"message": "Issues are disabled for this repo"}
        if method == "GET" and path == [""]:
            asked = parse_qs(parts.query)
            assert asked["creator"] == ["github-actions[bot]"]
            return 200, [issue for issue in self.issues if [issue["state"]] == asked["state"]]
        if method == "POST" and path == [""]:
            number = len(self.issues) + 1
            self.issues.append({"number": number, "state": "open", "comments": [], **body})
            return 201, self.issues[-1]
        issue = self.issues[int(path[0]) - 1]
        if method == "PATCH" and len(path) == 1:
            issue.update(body)
            return 200, issue
        assert (method, path[1]) == ("POST", "comments")
        issue["comments"].append(body["body"])
        return 201, {}


class _Handler(BaseHTTPRequestHandler):
    keeper: Issues

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def _answer(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length) or "{}")
        status = 401
        answer: Any = {"message": "Bad credentials"}
        if self.headers["Authorization"] == f"Bearer {TOKEN}":
            status, answer = 200, {"private": self.keeper.private}
            if self.path != PATH.removesuffix("/issues"):
                status, answer = self.keeper.answer(self.command, self.path, body)
        text = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def do_PATCH(self) -> None:
        self._answer()
