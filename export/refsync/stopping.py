"""A process that a signal stops: it cleans up, and says how the destination is."""

from __future__ import annotations

import os
import signal
import threading
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

_PATIENCE = 3.0
"""Seconds that a stopped process has to clean up."""

_stopped_by: list[int] = []
"""The signal that stopped the process; DuckDB raises an error of its own instead."""

interrupts: set[Callable[[], None]] = set()
"""What a signal calls first, to end a query: DuckDB sometimes loses the exception during one."""


def heed_signals() -> None:
    """Raise an exception when a signal comes, unless the process ignores that signal already."""
    for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK"):  # as the system has them
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _stop)


def was_asked_for() -> bool:
    """Return whether a signal has come."""
    return bool(_stopped_by)


def end() -> int:
    """Say that the process was stopped; return its exit code."""
    _stopped_by[:] = _stopped_by or [signal.SIGINT]
    name = signal.Signals(_stopped_by[0]).name
    click.echo(
        f"Error: Stopped by {name}: the destination is as it was, or has the whole push. Run "
        "refsync-push again.",
        err=True,
    )
    return 128 + _stopped_by[0]


def _stop(number: int, _frame: FrameType | None) -> None:
    """Raise an exception, so that temporary files are removed; a second signal is ignored."""
    signal.signal(number, signal.SIG_IGN)
    _stopped_by.append(number)
    last_resort = threading.Timer(_PATIENCE, _end_at_once)
    last_resort.daemon = True
    last_resort.start()
    for interrupt in interrupts:
        interrupt()
    raise KeyboardInterrupt


def _end_at_once() -> None:
    """End a process that continues: its database does not stop."""
    os._exit(end())
