"""How to end a connection that stalls: libpq, within DuckDB, waits for an answer forever.

DuckDB's own interrupt does not wake libpq. The end of the connection does.
"""

from __future__ import annotations

import os
import socket
import stat
import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MAX_FILES = 4096
"""How many of a process's open files are examined."""


@dataclass(frozen=True)
class Sockets:
    """The sockets that this process had at one moment."""

    inodes: frozenset[int]

    @classmethod
    def now(cls) -> Sockets:
        """Return those that it has now."""
        return cls(frozenset(inode for _, inode in _sockets()))

    def cut_new(self) -> None:
        """End the connections that were made since, in both directions."""
        for number, inode in _sockets():
            if inode not in self.inodes:
                with suppress(OSError), socket.socket(fileno=os.dup(number)) as other:
                    other.shutdown(socket.SHUT_RDWR)


@contextmanager
def cut_after(seconds: float, cut: Callable[[], None]) -> Iterator[None]:
    """Call a function if the context takes longer; 0 seconds mean no limit."""
    if not seconds:
        yield
        return
    timer = threading.Timer(seconds, cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _sockets() -> list[tuple[int, int]]:
    """Return the number and the inode of each socket; on Windows, where none is a file, none."""
    found = []
    for number in range(MAX_FILES):
        with suppress(OSError):
            status = os.fstat(number)
            if stat.S_ISSOCK(status.st_mode):
                found.append((number, status.st_ino))
    return found
