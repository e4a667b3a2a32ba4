"""What can go wrong, as one sentence with the next step in it."""

from __future__ import annotations

import unicodedata


class RefsyncError(Exception):
    """Base of every error that refsync explains to its user.

    Its text is one sentence that names the thing and says what to do next; it never holds a secret.
    Control characters of the values in it are escaped: they could give orders to a terminal, or to
    the runner of a workflow.
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
    """The worksheets cannot be written; what was there before is still there, whole."""


def printable(text: str, keep: str = "") -> str:
    """Return a text with its control characters escaped, but for those to keep.

    Escaped are also signs that turn the direction of a line, that end one, and lone surrogates.
    """
    return "".join(
        sign
        if sign.isprintable() or sign == " " or sign in keep or not _is_control(sign)
        else sign.encode("unicode_escape").decode()
        for sign in text
    )


def _is_control(sign: str) -> bool:
    # Joiners within emoji and scripts are of the kind Cf, as the signs of direction are.
    return (
        unicodedata.category(sign) in {"Cc", "Cs", "Zl", "Zp"}
        or sign in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f"
    )
