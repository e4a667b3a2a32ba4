"""The URL of the tracker's database: understood whole, or refused without repeating any of it.

With REFSYNC_TEST_THOROUGH dbt is shown more of what is no URL.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refsync_tracker.database_url import parse_postgres, scheme, sqlite_path
from refsync_tracker.postgres import Postgres
from refsync_tracker.schema import InputError
from tests.conftest import THOROUGH, Dbt

if TYPE_CHECKING:
    from pathlib import Path

SECRET = "s3cret"  # noqa: S105 - of no server

UNDERSTOOD = {
    "postgresql://reader:s3cret@db.example.org:5432/tracker": (
        "the database tracker at db.example.org:5432",
        {"user": "reader", "host": "db.example.org", "port": "5432", "dbname": "tracker"},
    ),
    "  POSTGRES://reader:s3cret@db_1/tracker?sslmode=require\n": (
        "the database tracker at db_1",
        {"user": "reader", "host": "db_1", "dbname": "tracker", "sslmode": "require"},
    ),
    "postgresql://r%40x:s3cret@[2001:db8::1]:5433/tracker": (
        "the database tracker at [2001:db8::1]:5433",
        {"user": "r@x", "host": "2001:db8::1", "port": "5433", "dbname": "tracker"},
    ),
    "postgresql://reader:s3cret@a,b:5433/tracker?target_session_attrs=any": (
        "the database tracker at a or b:5433",
        {"host": "a,b", "port": ",5433", "target_session_attrs": "any"},
    ),
    "postgresql://reader:s3cret@%2Frun%2Fpg/tracker": (
        "the database tracker at /run/pg",
        {"host": "/run/pg"},
    ),
    "postgresql:///tracker?host=/run/pg&port=5433&password=s3cret": (
        "the database tracker at /run/pg:5433",
        {"host": "/run/pg", "port": "5433"},
    ),
    "postgresql://reader:s3cret@h/tracker?options=-c%20statement_timeout%3D2h": (
        "the database tracker at h",
        {"options": "-c statement_timeout=2h"},
    ),
}

REFUSED = {
    "full-width colon": "postgresql://reader：s3cret@host/tracker",
    "full-width at": "postgresql://reader:s3cret＠host/tracker",
    "brackets": "postgresql://reader:[s3cret]@host/tracker",
    "bracket": "postgresql://reader:s3cret[@host/tracker",
    "at and hash": "postgresql://reader:x@#s3cret@host/tracker",
    "at and question": "postgresql://reader:x@?s3cret@host/tracker",
    "no at": "postgresql://reader:s3cret.db.example.org:5432/tracker",
    "no host": "postgresql://reader:s3cret/tracker",
    "slash": "postgresql://reader:a/s3cret@host/tracker",
    "number and slash": "postgresql://reader:12/s3cret@host/tracker",
    "hash": "postgresql://reader:1#s3cret@host/tracker",
    "question": "postgresql://reader:1?s3cret@host/tracker",
    "question without at": "postgresql://reader:1?s3cret",
    "percent": "postgresql://reader:%zzs3cret@host/tracker",
    "percent at the end": "postgresql://reader:s3cret%@host/tracker",
    "nul": "postgresql://reader:s3cret%00@host/tracker",
    "space": "postgresql://reader:s3 s3cret@host/tracker",
    "line": "postgresql://reader:a\ns3cret@host/tracker",
    "quote": "postgresql://reader:'\"s3cret@host/tracker",
    "two ats": "postgresql://reader:s3cret@b@host/tracker",
    "at in the database": "postgresql://host/reader:s3cret@tracker",
    "port": "postgresql://reader@host:s3cret/tracker",
    "great port": "postgresql://reader:65536/s3cret",
    "ports": "postgresql://reader@a,b/tracker?port=1,2,3&password=s3cret",
    "database with a slash": "postgresql://reader@host/tracker/s3cret",
    "unknown option": "postgresql://reader@host/tracker?s3cret=1",
    "slip of an option": "postgresql://reader@host/tracker?pasword=s3cret",
    "option twice": "postgresql://reader@host/tracker?password=s3cret&password=x",
    "option with an equals sign": "postgresql://reader@host/tracker?password==s3cret",
    "encoded colon and at": "postgresql://reader%3As3cret%40host/tracker",
    "host that begins with a dash": "postgresql://reader@-s3cret/tracker",
    "address": "postgresql://reader@/tracker?hostaddr=s3cret",
    "IPv6 without brackets": "postgresql://reader:s3cret@2001:db8::1/tracker",
    "no UTF-8": "postgresql://reader%ff:s3cret@host/tracker",
}


@pytest.mark.parametrize("url", UNDERSTOOD)
def test_a_url_is_understood(url: str) -> None:
    place, options = UNDERSTOOD[url]
    server = parse_postgres(url)
    assert scheme(url) in {"postgresql", "postgres"}
    assert server.place == place
    assert server.options.items() >= options.items()
    assert server.secrets == {"password": SECRET}
    assert SECRET not in repr(server) + repr(Postgres(url, "public"))
    assert SECRET not in Postgres(url, "public").conninfo


@pytest.mark.parametrize("kind", REFUSED)
def test_what_is_no_url_is_refused_and_not_repeated(kind: str) -> None:
    with pytest.raises(InputError) as refused:
        Postgres(REFUSED[kind], "public")
    sentence = str(refused.value)
    assert sentence.startswith("REFSYNC_TRACKER_URL has ")
    assert "percent-encoded" in sentence
    assert SECRET not in sentence
    assert refused.value.__context__ is None
    assert refused.value.__cause__ is None


@pytest.mark.parametrize("form", ["{}", "postgresql://{}", "postgresql://reader:{}@host/tracker"])
@given(text=st.text())
def test_any_text_is_refused_or_understood(form: str, text: str) -> None:
    for parse in (parse_postgres, sqlite_path):
        with suppress(InputError):
            parse(form.format(text))


def test_a_schema_that_is_a_url_is_not_repeated() -> None:
    with pytest.raises(InputError, match="REFSYNC_TRACKER_SCHEMA is not the name") as refused:
        Postgres("postgresql://reader@host/tracker", "postgresql://reader:s3cret@host/tracker")
    assert SECRET not in str(refused.value)


def test_a_password_of_any_bytes_goes_to_libpq_as_it_is() -> None:
    secrets = parse_postgres("postgresql://reader:%ff%e4:@host/tracker").secrets
    assert secrets["password"].encode("utf-8", "surrogateescape") == b"\xff\xe4:"


SHOWN_TO_DBT = ("sqlite://reader:s3cret@host/db.sqlite3", REFUSED["full-width at"])
MORE_SHOWN_TO_DBT = ("host=db.example.org password=s3cret", REFUSED["brackets"])


@pytest.mark.parametrize("url", [*SHOWN_TO_DBT, *(MORE_SHOWN_TO_DBT if THOROUGH else ())])
def test_no_output_and_no_file_has_it(url: str, tmp_path: Path) -> None:
    dbt = Dbt(tmp_path, tracker_url=url)
    runs = [
        dbt("--log-level-file", "debug", "--debug", command, **variables)
        for command, variables in (("run", {"as_of_date": "2026-03-31"}), ("debug", {}))
    ]
    assert not any(run.success for run in runs)
    assert all("REFSYNC_TRACKER_URL" in run.output for run in runs)
    assert not any(SECRET in run.output for run in runs)
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert {"dbt.log", "refsync.duckdb"} <= {path.name for path in files}
    assert not [path for path in files if SECRET.encode() in path.read_bytes()]
