"""What can go wrong, as one sentence with the next step in it."""

from __future__ import annotations

import unicodedata


class RefsyncError(Exception):
    """Base of every error that refsync explains to its user.

    Its text is one sentence that names the thing and the next step, without any secret. Control
    characters in it are escaped: they could be commands to a terminal, or to a workflow's runner.
    """

    exit_code = 1

    def __str__(self) -> str:
        return printable(super().__str__())


class ConfigError(RefsyncError):
    """An option, a variable or a file of settings is missing or wrong."""

    exit_code = 2


class MartError(RefsyncError):
    """The marts cannot be read: not built, failed, still building, or not fit to be pushed."""


class DestinationError(RefsyncError):
    """The worksheets cannot be written; they are as they were before."""


def printable(text: str, keep: str = "") -> str:
    r"""Return a text with its control characters escaped, except those in `keep`.

    Characters that change a line's direction or end it, and lone surrogates, are escaped too.

    >>> printable("red: \x1b[31m")
    'red: \\x1b[31m'
    """
    return "".join(
        sign
        if sign.isprintable() or sign == " " or sign in keep or not _is_control(sign)
        else sign.encode("unicode_escape").decode()
        for sign in text
    )


def _is_control(sign: str) -> bool:
    # The joiners in emoji and scripts have the category Cf too, so directions are listed.
    return (
        unicodedata.category(sign) in {"Cc", "Cs", "Zl", "Zp"}
        or sign in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f"
    )
