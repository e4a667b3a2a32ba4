"""What keeps a request from Google, and what to do about it.

The texts of requests, urllib3 and OpenSSL may hold addresses with passwords, so they are searched
and never quoted, but for OpenSSL's reason.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import requests

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True)
class ConnectionFailure:
    """Why there was no answer.

    Attributes:
        words: A sentence that names the thing and the next step.
        is_transient: Whether another try may succeed.
    """

    words: str
    is_transient: bool = True


def explain_connection(error: BaseException, host: str) -> ConnectionFailure:
    """Return what an error of requests means, or one of google-auth that was caused by it.

    Args:
        error: The error, with its causes.
        host: The host that was asked.
    """
    text = " ".join(str(each) for each in _causes(error))
    kinds = tuple(type(each) for each in _causes(error))
    for sign, words, is_transient in _SIGNS:
        found = re.search(sign, text, re.IGNORECASE)
        if found:
            reason = f" ({found[1].strip()})" if found.groups() and found[1] else ""
            return ConnectionFailure(words.format(host=host, reason=reason), is_transient)
    if any(issubclass(kind, requests.Timeout) for kind in kinds):
        return ConnectionFailure(f"{host} did not answer in time: check the network.")
    if any(issubclass(kind, requests.exceptions.ProxyError) for kind in kinds):
        return ConnectionFailure(_DEAD_PROXY)
    if any(issubclass(kind, ValueError) for kind in kinds):
        return ConnectionFailure(
            "The address of the API or of the proxy is not valid: check "
            "GOOGLE_SHEETS_API_ENDPOINT and HTTPS_PROXY.",
            is_transient=False,
        )
    return ConnectionFailure(f"The connection to {host} failed ({kinds[0].__name__}).")


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


_DEAD_PROXY = (
    "The proxy cannot be reached: check HTTPS_PROXY, or unset it if this network has no proxy."
)

_SIGNS = (
    (
        (
            r"invalid path: |TLS CA certificate bundle|PEM lib|NO_CERTIFICATE|no start line"
            r"|\[X509|NOT_ENOUGH_DATA|bad base64"
        ),
        (
            "The file of trusted certificates is missing or holds none: check REQUESTS_CA_BUNDLE "
            "(or CURL_CA_BUNDLE)."
        ),
        False,
    ),
    (
        r"certificate verify failed:?([^(\]]*)",
        (
            "The certificate of {host} is not trusted{reason}: check this machine's clock; if your "
            "network inspects connections, let REQUESTS_CA_BUNDLE name the file with them."
        ),
        False,
    ),
    (
        r"hostname '?[^ ]+ doesn't match|certificate is not valid for",
        (
            "The certificate of {host} is another host's: check GOOGLE_SHEETS_API_ENDPOINT and "
            "HTTPS_PROXY."
        ),
        False,
    ),
    (
        r"\b407\b|proxy authentication required",
        (
            "The proxy wants a user and a password: put them in HTTPS_PROXY "
            "(http://user:password@host:port)."
        ),
        False,
    ),
    (
        (
            r"InvalidProxyURL|ProxySchemeUnknown|check proxy URL|proxy URL|dependencies for SOCKS"
            r"|not supported proxy scheme"
        ),
        (
            "The proxy's address is not one that refsync can use: correct HTTPS_PROXY "
            "(http://host:port)."
        ),
        False,
    ),
    (r"unable to connect to proxy|Cannot connect to proxy", _DEAD_PROXY, True),
    (
        r"WRONG_VERSION_NUMBER|UNKNOWN_PROTOCOL|record layer failure|HTTP_REQUEST",
        "{host} does not speak TLS: check GOOGLE_SHEETS_API_ENDPOINT and HTTPS_PROXY.",
        False,
    ),
    (
        r"NameResolution|failed to resolve|getaddrinfo|name or service not known|nodename nor",
        (
            "The name {host} is not found: check the network and its DNS, or set HTTPS_PROXY if "
            "this network has a proxy."
        ),
        True,
    ),
    (
        r"network is unreachable|no route to host|host is unreachable",
        "There is no way to {host}: check the network, or set HTTPS_PROXY if it has a proxy.",
        True,
    ),
    (r"connection refused", "{host} refuses the connection: check the network's firewall.", True),
    (
        (
            r"connection reset|connection aborted|RemoteDisconnected|IncompleteRead|broken pipe"
            r"|EOF occurred|connection broken"
        ),
        "The connection to {host} was cut.",
        True,
    ),
)
"""Signs of a cause in the errors' texts, in words, and whether it passes; the first one counts."""
