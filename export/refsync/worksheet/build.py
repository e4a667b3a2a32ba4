"""The build that made the marts, as far as its own record says."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True)
class Build:
    """The build that made the marts; `None` where that is unknown.

    Attributes:
        finished_at: When it finished, in naive UTC.
        project: The name of the dbt project.
        target: The name of dbt's target.
        source: What it was built from, in words, without any secret.
        as_of_date: The last date of the report.
        tested: Whether every test of the data ran since the data changed.
        first_dates: The first date that a model may show, as JSON by the model's name: only of
            models whose window of dates is a setting.
    """

    finished_at: datetime | None = None
    project: str | None = None
    target: str | None = None
    source: str | None = None
    as_of_date: date | None = None
    tested: bool | None = None
    first_dates: str | None = None

    def first_date(self, model: str) -> date | None:
        """Return the first date that a model may show; earlier rows have left its window."""
        try:
            return date.fromisoformat(json.loads(self.first_dates or "{}")[model])
        except (ValueError, KeyError, TypeError):
            return None
