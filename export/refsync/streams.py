"""Standard output and standard error that cannot end a push.

A reader may close the pipe (`| head`), a disk may be full, a stream may be closed (`>&-`)
or missing (pythonw). The push continues, and writes nothing more to such a stream.
"""

from __future__ import annotations

import io
import os
import sys
from typing import TextIO

from refsync.errors import printable


class SafeStream(io.TextIOBase):
    """A text stream that stops at the first failure, and escapes control characters."""

    def __init__(self, stream: TextIO | None) -> None:
        """Write to a stream; None is a stream that is missing."""
        self._stream = stream
        if isinstance(stream, io.TextIOWrapper):
            # A worksheet's name that the terminal cannot show must not end a push.
            stream.reconfigure(errors="backslashreplace")

    @property
    def encoding(self) -> str:  # type: ignore[override]
        """The encoding; click asks for it."""
        return "utf-8"

    @property
    def errors(self) -> str:  # type: ignore[override]
        """How characters are written that the encoding lacks."""
        return "backslashreplace"

    def writable(self) -> bool:
        """Return that it can be written to, always."""
        return True

    def isatty(self) -> bool:
        """Whether a person sees it."""
        return self._stream is not None and self._stream.isatty()

    def write(self, text: str, /) -> int:
        """Write a text; after a failure, write nothing more."""
        if not isinstance(text, str):
            raise TypeError("This stream takes text.")
        if self._stream is not None:
            # Only the progress bar returns to the start of its line.
            start = "\r" if text.startswith("\r") and self.isatty() else ""
            try:
                self._stream.write(start + printable(text[len(start) :], keep="\n\t"))
                self._stream.flush()
            except (OSError, ValueError):
                self._give_up()
        return len(text)

    def flush(self) -> None:
        """Do nothing: `write` has flushed already."""

    def _give_up(self) -> None:
        """Redirect the stream to nowhere, because Python would write the rest again at its end."""
        stream, self._stream = self._stream, None
        try:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, stream.fileno())  # type: ignore[union-attr]
            os.close(nowhere)
        except (OSError, ValueError):
            pass  # A stream without a file has nothing to write again.


def secure() -> None:
    """Replace this process's streams by safe ones."""
    # A file that is opened later must not get the number of a closed stream: a library that writes
    # to standard error would write into it.
    while (number := os.open(os.devnull, os.O_RDWR)) <= 2:
        pass
    os.close(number)
    sys.stdout = SafeStream(sys.stdout)
    sys.stderr = SafeStream(sys.stderr)
