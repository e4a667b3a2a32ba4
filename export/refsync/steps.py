"""The steps of a push, shown as they begin."""

from __future__ import annotations

import logging
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
