"""The tracker's tables on S3: a store that speaks as much of the protocol as DuckDB asks of it."""

from __future__ import annotations

import gzip
import threading
from contextlib import contextmanager
from email.utils import formatdate
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

import duckdb
import pytest

from refsync_tracker import files
from refsync_tracker.listing import real_root
from refsync_tracker.schema import InputError
from tests.conftest import ROOT, Dbt
from tests.pipeline.exports import USERS, fill

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BUCKET = "exports"


class Store(BaseHTTPRequestHandler):
    """A folder as a read-only bucket: ListObjectsV2, and GetObject with ranges."""

    protocol_version = "HTTP/1.1"

    def __init__(self, folder: Path, *arguments: object) -> None:
        self.folder = folder
        super().__init__(*arguments)  # type: ignore[arg-type]

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        if "AWS4-HMAC-SHA256" not in self.headers.get("Authorization", ""):
            self.answer(403, b"")
        elif url.path.rstrip("/") == f"/{BUCKET}":
            self.answer(200, self.listing(parse_qs(url.query).get("prefix", [""])[0]))
        else:
            self.answer_object(unquote(url.path).removeprefix(f"/{BUCKET}/"))

    def listing(self, prefix: str) -> bytes:
        keys = (
            path.relative_to(self.folder).as_posix()
            for path in sorted((self.folder / prefix.rpartition("/")[0]).rglob("*"))
            if path.is_file()
        )
        contents = "".join(
            f"<Contents><Key>{escape(key)}</Key><Size>{(self.folder / key).stat().st_size}</Size>"
            "<LastModified>2026-11-01T00:00:00.000Z</LastModified><ETag>1</ETag></Contents>"
            for key in keys
            if key.startswith(prefix)
        )
        return f"<ListBucketResult>{contents}</ListBucketResult>".encode()

    def answer_object(self, key: str) -> None:
        path = self.folder / key
        if not path.is_file():
            self.answer(404, b"")
            return
        content = path.read_bytes()
        headers = {"Last-Modified": formatdate(path.stat().st_mtime, usegmt=True)}
        if asked := self.headers.get("Range"):
            first, last = asked.removeprefix("bytes=").split("-")
            part = content[int(first) : int(last) + 1]
            headers["Content-Range"] = f"bytes {first}-{last}/{len(content)}"
            self.answer(206, part, headers)
        else:
            self.answer(200, content, headers)

    def answer(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {**(headers or {}), "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)


@contextmanager
def store(folder: Path) -> Iterator[str]:
    """Serve a folder as a bucket; the value is the store's URL."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Store, folder))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture(autouse=True)
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """What names a user of the store."""
    monkeypatch.setenv("AWS_REGION", "eu-central-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")


def test_an_export_on_s3_is_read_as_the_same_files_are(
    tmp_path: Path, built_sample: Dbt, monkeypatch: pytest.MonkeyPatch
) -> None:
    with store(ROOT) as url:
        monkeypatch.setenv("AWS_ENDPOINT_URL", url)
        dbt = Dbt(tmp_path, raw_dir=f"s3://{BUCKET}/seeds/")
        run = dbt("run", "--select", "+tracker_raw_data", as_of_date="2026-10-31")
    assert run.success, run.output
    with duckdb.connect(dbt.database) as here, duckdb.connect(built_sample.database) as there:
        query = "select * from tracker_raw_data"
        assert here.execute(query).fetchall() == there.execute(query).fetchall()


def problem_of(raw_dir: str) -> str:
    """Return what the plugin says of a source."""
    with duckdb.connect() as connection:
        connection.execute("attach ':memory:' as tracker")
        with pytest.raises(InputError) as caught:
            files.create_views(connection, real_root(raw_dir))
    return str(caught.value)


def test_a_prefix_without_the_tables_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with store(ROOT) as url:
        monkeypatch.setenv("AWS_ENDPOINT_URL", url)
        said = problem_of(f"s3://{BUCKET}/elsewhere")
    assert said.startswith(f"auth_service_user: no such table in s3://{BUCKET}/elsewhere: ")


def test_a_file_on_s3_that_is_cut_short_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(tmp_path / "raw")
    people = (tmp_path / "raw" / f"{USERS}.csv").read_bytes() + b"u7,Somebody\n" * 99_999
    (tmp_path / "raw" / f"{USERS}.csv").unlink()
    packed, raw_dir = gzip.compress(people), f"s3://{BUCKET}/raw"
    with store(tmp_path) as url:
        monkeypatch.setenv("AWS_ENDPOINT_URL", url)
        (tmp_path / "raw" / f"{USERS}.csv.gz").write_bytes(packed)
        with duckdb.connect() as connection:
            connection.execute("attach ':memory:' as tracker")
            assert files.create_views(connection, real_root(raw_dir))
        (tmp_path / "raw" / f"{USERS}.csv.gz").write_bytes(packed[:-9])
        said = problem_of(raw_dir)
    assert said.startswith(f"{USERS}: {USERS}.csv.gz is not compressed with gzip, or is cut short")


def test_a_store_that_cannot_be_read_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with store(ROOT) as url:
        monkeypatch.setenv("AWS_ENDPOINT_URL", url)
        monkeypatch.delenv("AWS_ACCESS_KEY_ID")
        monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
        said = problem_of(f"s3://{BUCKET}/seeds")
    assert said.startswith(f"REFSYNC_RAW_DIR: s3://{BUCKET}/seeds cannot be read: ")
    assert said.endswith("Check the prefix and the AWS_ variables of the environment.")
