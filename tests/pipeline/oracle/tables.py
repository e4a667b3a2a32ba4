"""What goes in and what comes out: the tracker's tables, a build's variables, worksheets."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any, Literal
from zoneinfo import ZoneInfo

USERS = "auth_service_user"
OFFICERS = "auth_service_officer"
CAMPAIGNS = "dashboard_service_campaign"
LINKS = "dashboard_service_referrallink"
CLICKS = "tracking_service_clickevent"
SIGNUPS = "tracking_service_signupevent"
TABLES = (USERS, OFFICERS, CAMPAIGNS, LINKS, CLICKS, SIGNUPS)

SourceRow = dict[str, str | None]
"""A row as its source shows it: every value as text, or None."""

Tracker = dict[str, list[list[SourceRow]]]
"""Each table's parts in the order of their names, each part's rows in the order of the file."""

Row = tuple[Any, ...]
Worksheets = dict[str, list[Row]]
IpPrivacy = Literal["full", "truncate", "omit"]
UserAgentPrivacy = Literal["full", "omit"]


@dataclass(frozen=True)
class Settings:
    """The variables of a build, `as_of_date` already a date."""

    as_of_date: date
    reporting_timezone: str = "UTC"
    raw_days: int = 30
    raw_max_rows: int = 50_000
    ip_privacy: IpPrivacy = "full"
    user_agent_privacy: UserAgentPrivacy = "full"
    fraud_threshold: float = 7

    def date_of(self, moment: datetime) -> date:
        """Return the date of a moment in the reporting zone."""
        return self.local(moment).date()

    def local(self, moment: datetime) -> datetime:
        """Return a moment as a wall clock in the reporting zone shows it."""
        return wall_clock(moment, self.reporting_timezone)

    def last_dates(self, count: int) -> list[date]:
        """Return the `count` dates that end on the as-of date, oldest first."""
        return [self.as_of_date - timedelta(days=back) for back in reversed(range(count))]


@cache
def wall_clock(moment: datetime, zone: str) -> datetime:
    """Return a moment as a wall clock in a zone shows it; kept, since each is asked for often."""
    return moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
