"""The file of a workbook: written beside the old one, which it then replaces."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import socket
import sys
import time
from hashlib import blake2b
from pathlib import Path

from refsync.errors import DestinationError

_TEMPORARY = re.compile(r"\.refsync-(?:(?P<host>[0-9a-f]{8})-(?P<pid>\d+)-)?[0-9a-f]+\.tmp")
_DAY = 24 * 60 * 60


def replace_file(path: Path, content: bytes) -> None:
    """Write a new file beside `path`, flush it to disk, and replace `path` by it.

    Raises:
        OSError: It cannot be written; the old file is still there.
    """
    _remove_leftovers(path.parent)
    temporary = path.with_name(f".refsync-{_host()}-{os.getpid()}-{secrets.token_hex(4)}.tmp")
    try:
        with temporary.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            temporary.chmod(path.stat().st_mode)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _remove_leftovers(folder: Path) -> None:
    """Remove the files of pushes that were killed: their process is gone, or they are a day old."""
    for path in folder.glob(".refsync-*.tmp"):
        found = _TEMPORARY.fullmatch(path.name)
        if not found:
            continue
        with contextlib.suppress(OSError):
            is_dead = found["host"] == _host() and not _is_alive(int(found["pid"]))
            if is_dead or time.time() - path.stat().st_mtime > _DAY:
                path.unlink()


def _host() -> str:
    """Return digits that identify this machine, or this container on it."""
    namespace = Path("/proc/self/ns/pid")
    name = f"{socket.gethostname()} {namespace.readlink() if namespace.is_symlink() else ''}"
    return blake2b(name.encode(), digest_size=4).hexdigest()


def _is_alive(pid: int) -> bool:
    """Whether there may be a process with this id."""
    if sys.platform == "win32":
        return True  # os.kill would send it a Ctrl-C
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    return True


def explained(error: OSError, to: str) -> DestinationError:
    """Return the sentence about a file that could not be written."""
    if isinstance(error, PermissionError):
        return DestinationError(
            f"{to} cannot be written ({error.strerror}): close it where it is open, or check the "
            "permissions of its folder."
        )
    return DestinationError(f"{to} cannot be written ({error.strerror}); nothing was changed.")
