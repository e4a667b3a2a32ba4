"""The referral links, and their worksheet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.pipeline.oracle.values import nulls_last, timestamp, truth

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime

    from tests.pipeline.oracle.source import Event, Source
    from tests.pipeline.oracle.tables import Row


@dataclass(frozen=True)
class Link:
    """An attributed link: what it is, its events, and its dates in the reporting zone.

    `last` is the earlier of its revocation and its campaign's end, if it has one of them.
    """

    id: str
    code: str | None
    officer_id: str
    campaign_id: str
    status: str
    created: date | None
    end: date | None
    last: date | None
    events: list[Event]
    click_dates: list[date]
    days_silent: int | None

    def clicks_after_end(self, dates: Iterable[date]) -> list[date]:
        """Return the date of each late click, of some dates."""
        return [day for day in self.click_dates if self.last and day > self.last and day in dates]


def attributed_links(source: Source) -> list[Link]:
    """Return the links whose officer and campaign are known."""
    as_of_date = source.settings.as_of_date
    links = []
    for link_id, (officer_id, campaign_id) in source.links.items():
        if officer_id not in source.officers or campaign_id not in source.campaigns:
            continue
        assert officer_id is not None
        assert campaign_id is not None
        row, campaign = source.link_rows[link_id], source.campaigns[campaign_id]

        def day(moment: datetime | None) -> date | None:
            return source.settings.date_of(moment) if moment else None

        events = [event for event in source.attributed if event.link_id == link_id]
        clicks = sorted(source.date_of(event) for event in events if event.kind == "click")
        created, revoked = (day(timestamp(row.get(key))) for key in ("created_at", "revoke_at"))
        start, end = day(campaign.start), day(campaign.end)
        silent = (as_of_date - clicks[-1]).days if clicks else None
        # The 28 dates that end on the last click's.
        lately = [one for one in clicks if (clicks[-1] - one).days < 28]
        status = "live"
        if revoked and revoked <= as_of_date:
            status = "revoked"
        elif truth(row.get("is_active")) is False:
            status = "inactive"
        elif end and end < as_of_date:
            status = "ended"
        elif start and start > as_of_date:
            status = "upcoming"
        elif not clicks and (created is None or (as_of_date - created).days >= 7):
            status = "never clicked"
        elif silent is not None and silent >= 14 and len(lately) >= 14:
            status = "silent"
        links.append(
            Link(
                id=link_id,
                code=row.get("ref_code"),
                officer_id=officer_id,
                campaign_id=campaign_id,
                status=status,
                created=created,
                end=end,
                last=min((one for one in (revoked, end) if one), default=None),
                events=events,
                click_dates=clicks,
                days_silent=silent,
            )
        )
    return links


STATUSES = ("silent", "never clicked", "live", "upcoming", "ended", "inactive", "revoked")
"""The order of links."""


def link_summary(source: Source) -> list[Row]:
    """Return one row per attributed link, those without events included."""
    month = set(source.settings.last_dates(30))
    rows = []
    for link in attributed_links(source):
        clicks = link.click_dates
        rows.append(
            (
                link.id,
                link.code,
                source.officers[link.officer_id],
                source.campaigns[link.campaign_id].name,
                link.status,
                link.created,
                source.clicks(link.events),
                source.signups(link.events),
                source.rate(link.events),
                source.unique_clicks(link.events),
                sum(day in month for day in clicks),
                source.signups(link.events, month),
                clicks[0] if clicks else None,
                clicks[-1] if clicks else None,
                source.last_signup(link.events),
                link.days_silent,
                len(link.clicks_after_end(set(clicks))),
            )
        )
    # By status, then most clicks of the last 30 dates, then code, then id.
    return sorted(
        rows, key=lambda row: (STATUSES.index(row[4]), -row[10], *nulls_last(row[1], row[0]))
    )
