"""The worksheets a second time, from the tracker's raw rows, in plain Python.

An independent opinion on every number: no SQL, no engine, no code of the models. Slow and literal;
each rule is where it is used. Start with `worksheets()`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.pipeline.oracle.attention import attention, surprise
from tests.pipeline.oracle.dashboard import dashboard_data
from tests.pipeline.oracle.links import link_summary
from tests.pipeline.oracle.raw import tracker_raw_data
from tests.pipeline.oracle.source import Source
from tests.pipeline.oracle.summaries import (
    campaign_summary,
    daily_history,
    daily_metrics,
    officer_summary,
    time_series_data,
)
from tests.pipeline.oracle.tables import (
    CAMPAIGNS,
    CLICKS,
    LINKS,
    OFFICERS,
    SIGNUPS,
    TABLES,
    USERS,
    IpPrivacy,
    Settings,
    SourceRow,
    Tracker,
    Worksheets,
)
from tests.pipeline.oracle.traffic import conversion_times, is_bot, link_days, traffic_quality
from tests.pipeline.oracle.trends import officer_trends
from tests.pipeline.oracle.values import UUID, identifier, timestamp

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "CAMPAIGNS",
    "CLICKS",
    "LINKS",
    "OFFICERS",
    "SIGNUPS",
    "TABLES",
    "USERS",
    "UUID",
    "IpPrivacy",
    "Settings",
    "Source",
    "SourceRow",
    "Tracker",
    "Worksheets",
    "daily_history",
    "identifier",
    "is_bot",
    "link_days",
    "surprise",
    "timestamp",
    "worksheets",
]


def worksheets(tracker: Mapping[str, list[list[SourceRow]]], settings: Settings) -> Worksheets:
    """Return each mart's rows by the mart's name, in the worksheet's column and row order.

    Timestamps are naive, in the reporting zone.
    """
    source = Source(dict(tracker), settings)
    return {
        "tracker_raw_data": tracker_raw_data(source),
        "officer_summary": officer_summary(source),
        "campaign_summary": campaign_summary(source),
        "time_series_data": time_series_data(source),
        "link_summary": link_summary(source),
        "officer_trends": officer_trends(source),
        "attention": attention(source),
        "daily_metrics": daily_metrics(source),
        "dashboard_data": dashboard_data(source),
        "traffic_quality": traffic_quality(source),
        "conversion_times": conversion_times(source),
    }
