"""The tracker as of a date: each row once, and what is counted of its events."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timezone
from typing import TYPE_CHECKING, Any, Literal

from tests.pipeline.oracle.tables import (
    CAMPAIGNS,
    CLICKS,
    LINKS,
    OFFICERS,
    SIGNUPS,
    USERS,
    Settings,
    SourceRow,
    Tracker,
)
from tests.pipeline.oracle.values import (
    address,
    email_hash,
    identifier,
    nulls_last,
    number,
    required,
    timestamp,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


@dataclass(frozen=True)
class Campaign:
    """A campaign's name, and the moments it starts and ends."""

    name: str | None
    start: datetime | None
    end: datetime | None


@dataclass(frozen=True)
class Event:
    """One click or signup, counted once, with what is known of it.

    `officer_id` and `campaign_id` are None for an unattributed event.
    """

    kind: Literal["click", "signup"]
    id: str
    moment: datetime
    link_id: str | None
    ip: str | None
    user_agent: str | None
    fraud_score: float | None = None
    conversion_minutes: float | None = None
    user_email_hash: str | None = None
    click_id: str | None = None
    officer_id: str | None = None
    campaign_id: str | None = None

    @property
    def attributed(self) -> bool:
        """Whether the event counts in the metrics."""
        return self.officer_id is not None


def current(parts: Sequence[Sequence[SourceRow]]) -> dict[str, SourceRow]:
    """Return a dimension's rows by id.

    Of several rows with one id the greatest `updated_at` wins, then the last part, then the later
    row.
    """
    never = datetime.min.replace(tzinfo=timezone.utc)
    winners: dict[str, SourceRow] = {}
    for row in (row for part in parts for row in part):
        key = required(identifier(row["id"]))
        best = winners.get(key, row)
        if (timestamp(row.get("updated_at")) or never) >= (
            timestamp(best.get("updated_at")) or never
        ):
            winners[key] = row
    return winners


def counted_once(events: Iterable[Event]) -> list[Event]:
    """Return events of one kind, each id once: its earliest row.

    Ties go by link id, ip, user agent, then fraud score and minutes, then e-mail hash and click id,
    nulls last.
    """

    def rank(event: Event) -> tuple[Any, ...]:
        return (
            event.moment,
            *nulls_last(event.link_id, event.ip, event.user_agent),
            *nulls_last(event.fraud_score, event.conversion_minutes),
            *nulls_last(event.user_email_hash, event.click_id),
        )

    copies: dict[str, list[Event]] = defaultdict(list)
    for event in events:
        copies[event.id].append(event)
    return [min(rows, key=rank) for rows in copies.values()]


class Source:
    """The tracker as of a date: its dimensions, and its events up to the end of that date."""

    def __init__(self, tracker: Tracker, settings: Settings) -> None:
        users = current(tracker[USERS])
        self.settings = settings
        self.officers: dict[str, str | None] = {}
        for officer_id, row in current(tracker[OFFICERS]).items():
            user = users.get(identifier(row["user_id"]) or "")
            # An officer whose user row is missing has a blank name.
            self.officers[officer_id] = user["full_name"] if user else None
        self.campaigns = {
            campaign_id: Campaign(
                row["name"], timestamp(row["start_date"]), timestamp(row["end_date"])
            )
            for campaign_id, row in current(tracker[CAMPAIGNS]).items()
        }
        self.link_rows = current(tracker[LINKS])
        self.links = {
            link_id: (identifier(row["officer_id"]), identifier(row["campaign_id"]))
            for link_id, row in self.link_rows.items()
        }
        clicks = counted_once(
            self.event("click", row, row.get("ip"), row["user_agent"])
            for part in tracker[CLICKS]
            for row in part
        )
        # A signup's ip and user agent are those of its click, of any date.
        visits = {click.id: click for click in clicks}
        shown, counted = [], []
        for part in tracker[SIGNUPS]:
            for row in part:
                visit = visits.get(identifier(row["click_event_id"]) or "")
                ip, user_agent = (visit.ip, visit.user_agent) if visit else (None, None)
                shown.append(self.event("signup", row, ip, user_agent))
                # A signup's own row has neither: they decide what is shown, not what is counted.
                counted.append(self.event("signup", row, None, None))
        self.events = self.up_to_the_end([*clicks, *counted_once(shown)])
        self.attributed = [
            event
            for event in self.up_to_the_end([*clicks, *counted_once(counted)])
            if event.attributed
        ]

    def up_to_the_end(self, events: Iterable[Event]) -> list[Event]:
        """Return events without those after the end of the as-of date."""
        return [event for event in events if self.date_of(event) <= self.settings.as_of_date]

    def event(
        self,
        kind: Literal["click", "signup"],
        row: SourceRow,
        ip: str | None,
        user_agent: str | None,
    ) -> Event:
        """Return a row as an event, attributed if its link, officer and campaign are all known."""
        link_id = identifier(row["referral_link_id"])
        officer_id, campaign_id = self.links.get(link_id or "", (None, None))
        if officer_id not in self.officers or campaign_id not in self.campaigns:
            officer_id = campaign_id = None
        moment = timestamp(row["timestamp"])
        assert moment is not None
        return Event(
            kind=kind,
            id=required(identifier(row["id"])),
            moment=moment,
            link_id=link_id,
            ip=address(ip),
            user_agent=user_agent,
            fraud_score=number(row.get("fraud_score")),
            conversion_minutes=number(row.get("conversion_minutes")),
            user_email_hash=email_hash(row),
            click_id=identifier(row.get("click_event_id")),
            officer_id=officer_id,
            campaign_id=campaign_id,
        )

    def date_of(self, event: Event) -> date:
        """Return an event's date in the reporting zone."""
        return self.settings.date_of(event.moment)

    def clicks(self, events: Iterable[Event]) -> int:
        """Return the number of clicks."""
        return sum(1 for event in events if event.kind == "click")

    def signups(self, events: Iterable[Event], dates: Iterable[date] | None = None) -> int:
        """Return the number of signups, of some dates only if there are any given."""
        wanted = None if dates is None else set(dates)
        return sum(
            1
            for event in events
            if event.kind == "signup" and (wanted is None or self.date_of(event) in wanted)
        )

    def unique_clicks(self, events: Iterable[Event]) -> int:
        """Return distinct (ip, user agent) pairs per link per day, added up.

        A null ip or user agent is a value of its own.
        """
        return len(
            {
                (event.link_id, self.date_of(event), event.ip, event.user_agent)
                for event in events
                if event.kind == "click"
            }
        )

    def suspects(self, kind: str, events: Iterable[Event]) -> int:
        """Return how many events of a kind have a fraud score above the threshold."""
        return sum(
            event.kind == kind
            and event.fraud_score is not None
            and event.fraud_score > self.settings.fraud_threshold
            for event in events
        )

    def largest_visitor(self, events: Iterable[Event]) -> int:
        """Return the clicks of the one (ip, user agent) pair with most, of a link and date."""
        visitors = Counter((event.ip, event.user_agent) for event in clicks_of(events))
        return max(visitors.values(), default=0)

    def rate(self, events: Sequence[Event]) -> float | None:
        """Return total signups by total clicks; None where there are no clicks."""
        clicks = self.clicks(events)
        return self.signups(events) / clicks if clicks else None

    def last_signup(self, events: Iterable[Event]) -> date | None:
        """Return the date of the latest signup, if there is one."""
        return max(
            (self.date_of(event) for event in events if event.kind == "signup"), default=None
        )


def clicks_of(events: Iterable[Event]) -> list[Event]:
    """Return the clicks among events."""
    return [event for event in events if event.kind == "click"]
