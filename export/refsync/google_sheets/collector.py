"""Python's garbage collector, which has nothing to do during a push."""

from __future__ import annotations

import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def paused_collector() -> Iterator[None]:
    """Pause the collector of cycles.

    Half a million cells are some millions of objects without a cycle. To look through them again
    and again takes as long as all the rest of a push.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
