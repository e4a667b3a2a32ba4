"""What a run does not ask of Google any more."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Caution:
    """What a run does not ask of Google any more, because it did something else than expected.

    Attributes:
        copies: Whether rows that moved are copied; else they are written.
        filters: Whether a reader's filter is taken away for the commit, and set again.
        dashboard: Whether a missing dashboard is added.
        has_misread: Whether cells were read back otherwise than they were written just before.
    """

    copies: bool = True
    filters: bool = True
    dashboard: bool = True
    has_misread: bool = False


NO_CAUTION = Caution()
