"""The steps of a push, shown as they begin, and how far its calls are."""

from __future__ import annotations

import logging
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from refsync.secret_values import strike

if TYPE_CHECKING:
    from collections.abc import Iterator


class _Steps(logging.Handler):
    """Shows each step as it begins."""

    def emit(self, record: logging.LogRecord) -> None:
        """Show one."""
        click.echo(strike(record.getMessage()), err=True)


@contextmanager
def showing_steps(*, verbose: bool) -> Iterator[None]:
    """Show the steps that the modules log, if asked for."""
    logger, steps = logging.getLogger("refsync"), _Steps()
    if verbose:
        logger.setLevel(logging.INFO)
        logger.addHandler(steps)
    try:
        yield
    finally:
        logger.removeHandler(steps)
        logger.setLevel(logging.NOTSET)


def show_progress(done: int, calls: int) -> None:
    """Draw a progress bar in a terminal, if a push takes several write calls."""
    if calls > 1 and sys.stderr.isatty():
        bar = "#" * (30 * done // calls)
        click.echo(f"\r[{bar:<30}] {done} of {calls} calls", nl=done == calls, err=True)
