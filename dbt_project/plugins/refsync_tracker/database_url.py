"""The URL of the tracker's database, parsed strictly.

A wrong URL may have its password anywhere: in the host, the port or the database. So no error here
repeats a part of it, and refsync connects to nothing before it has understood all of it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, unquote_to_bytes

from .schema import InputError

VARIABLE = "REFSYNC_TRACKER_URL"

SECRETS = frozenset({"password", "sslpassword", "scram_client_key", "oauth_client_secret"})
"""The options of a connection that are secret."""

LIBPQ = """
application_name channel_binding client_encoding connect_timeout dbname fallback_application_name
gssdelegation gssencmode gsslib host hostaddr keepalives keepalives_count keepalives_idle
keepalives_interval krbsrvname load_balance_hosts max_protocol_version min_protocol_version
oauth_client_id oauth_issuer oauth_scope options passfile port require_auth requirepeer
scram_server_key service servicefile ssl_max_protocol_version ssl_min_protocol_version sslcert
sslcertmode sslcompression sslcrl sslcrldir sslkey sslmode sslnegotiation sslrootcert sslsni
target_session_attrs tcp_user_timeout user
"""

OPTIONS = SECRETS | frozenset(LIBPQ.split())
"""The options that libpq knows, without the one that begins a replication."""

MAX_PORT = 65535

TEXT = re.compile(r"(?:[\w.~!$'()*+,;:/-]|%[0-9A-Fa-f]{2})*", re.ASCII)
HOST = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_.])?", re.ASCII)
IPV6 = re.compile(r"[0-9A-Fa-f:.]+(?:%[\w.-]+)?", re.ASCII)


@dataclass(frozen=True)
class PostgresUrl:
    """The parts of a PostgreSQL URL, decoded, under the names of libpq's options.

    Attributes:
        options: The options that an error may show.
        secrets: The options that it may not.
    """

    options: dict[str, str]
    secrets: dict[str, str] = field(repr=False)

    @property
    def place(self) -> str:
        """Where the database is, in words."""
        hosts = (self.options.get("host") or self.options.get("hostaddr") or "").split(",")
        ports = self.options.get("port", "").split(",")
        ports = ports * len(hosts) if len(ports) == 1 else ports
        places = [
            f"{f'[{host}]' if ':' in host else host or 'the local socket'}{port and f':{port}'}"
            for host, port in zip(hosts, ports, strict=True)
        ]
        return f"the database {self.options.get('dbname', '')} at {' or '.join(places)}"


def scheme(url: str) -> str:
    """Return a URL's scheme in lower case; the empty text if it has none."""
    found = re.match(r"\s*([A-Za-z][A-Za-z0-9+.-]*)://", url, re.ASCII)
    return found[1].lower() if found else ""


def sqlite_path(url: str) -> Path:
    """Return the file of `sqlite:///relative.sqlite3` or `sqlite:////absolute.sqlite3`.

    Raises:
        InputError: It is no such URL.
    """
    rest = url.strip().partition("://")[2]
    path = unquote(rest)
    if not rest.startswith("/") or not path.strip("/") or "\0" in path or "://" in path:
        raise InputError(
            f"{VARIABLE} is not a URL such as sqlite:///path/to/db.sqlite3: write three slashes "
            "before the file's path, or four if the path is absolute."
        )
    return Path(path.removeprefix("/"))


def parse_postgres(url: str) -> PostgresUrl:
    """Return the parts of a PostgreSQL URL.

    Raises:
        InputError: It is not a strict URL. The sentence repeats nothing of it.
    """
    rest = url.strip().partition("://")[2]
    if not rest.isascii() or re.search(r"[^!-~]|[\"<>\\^`{|}]", rest):
        raise _wrong("has a character that a URL cannot have")
    if re.search(r"%(?![0-9A-Fa-f]{2})|%00", rest):
        raise _wrong("has a % that is not followed by two hexadecimal digits of a character")
    if "#" in rest:
        raise _wrong("has a # in it")
    head, _, query = rest.partition("?")
    authority, _, database = head.partition("/")
    if "@" in database or "@" in query:
        raise _wrong("has an @ after the first / or ?")
    if authority.count("@") > 1:
        raise _wrong("has more than one @")
    who, _, hosts = authority.rpartition("@")
    user, _, password = who.partition(":")
    if "/" in database or not all(map(TEXT.fullmatch, (user, password, database))):
        raise _wrong("has a sign in the user, the password or the database that is not encoded")
    given = {
        "user": _decoded(user),
        "password": _decoded(password),
        "dbname": _decoded(database),
        **_places(hosts),
        **_options(query),
    }
    _check_places(given)
    given = {name: value for name, value in given.items() if value}
    # libpq takes the password's bytes as they are; all else goes through DuckDB, as text.
    if not all(value.isprintable() for name, value in given.items() if name != "password"):
        raise _wrong("has a control character, or bytes that are not UTF-8")
    return PostgresUrl(
        options={name: value for name, value in given.items() if name not in SECRETS},
        secrets={name: value for name, value in given.items() if name in SECRETS},
    )


def conninfo(options: dict[str, str]) -> str:
    """Return options as a connection string of libpq."""
    quoted = {
        name: value.replace("\\", "\\\\").replace("'", "\\'") for name, value in options.items()
    }
    return " ".join(f"{name}='{value}'" for name, value in quoted.items())


def _places(hosts: str) -> dict[str, str]:
    """Return the options `host` and `port` of the part before a URL's database."""
    names, ports = [], []
    for place in hosts.split(","):
        found = re.fullmatch(r"(\[[^\[\]]*\]|[^\[\]:]*)(?::(.*))?", place)
        if not found:
            raise _wrong("has a host that is no name and no address")
        names.append(_decoded(found[1].strip("[]")))
        ports.append(found[2] or "")
    return {"host": ",".join(names), "port": ",".join(ports) if any(ports) else ""}


def _options(query: str) -> dict[str, str]:
    options: dict[str, str] = {}
    for option in filter(None, query.split("&")):
        name, _, value = option.partition("=")
        if name not in OPTIONS:
            raise _wrong("has an option after the ? that libpq does not know")
        if name in options or not TEXT.fullmatch(value):
            raise _wrong("has an option after the ? that is there twice or not encoded")
        options[name] = _decoded(value)
    return options


def _check_places(given: dict[str, str]) -> None:
    hosts, ports = given["host"].split(","), given["port"].split(",")
    for host in hosts:
        is_socket = host.startswith(("/", "@")) and "@" not in host[1:] and host.isprintable()
        if host and not is_socket and not HOST.fullmatch(host) and not IPV6.fullmatch(host):
            raise _wrong("has a host that is no name and no address")
    if not IPV6.fullmatch(given.get("hostaddr", "").replace(",", ".") or "::"):
        raise _wrong("has a hostaddr that is no address")
    for port in filter(None, ports):
        if not re.fullmatch("[0-9]{1,5}", port) or not 0 < int(port) <= MAX_PORT:
            raise _wrong("has a port that is no number up to 65535, or has no @ before the host")
    if len(ports) not in {1, len(hosts)}:
        raise _wrong("has more ports than hosts")


def _decoded(text: str) -> str:
    """Return percent-encoded text as libpq reads it: any bytes, which are usually UTF-8."""
    return unquote_to_bytes(text).decode("utf-8", "surrogateescape")


def _wrong(problem: str) -> InputError:
    return InputError(
        f"{VARIABLE} {problem}: write it as postgresql://user:password@host:5432/database, where "
        "signs such as @ : / ? # % in a user or a password are percent-encoded (@ is %40, / is "
        "%2F)."
    )
