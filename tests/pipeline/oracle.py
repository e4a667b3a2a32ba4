"""The worksheets a second time, from the tracker's raw rows, in plain Python.

An independent opinion on every number: no SQL, no engine, no code of the models. Slow and literal;
each rule is where it is used. Start with `worksheets()`.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from functools import cache
from ipaddress import IPv4Address, ip_address, ip_network
from itertools import groupby
from typing import TYPE_CHECKING, Any, Literal
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

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


# The source's text, read.

UUID = re.compile(r"[0-9a-f]{8}(-?)[0-9a-f]{4}\1[0-9a-f]{4}\1[0-9a-f]{4}\1[0-9a-f]{12}")

TIMESTAMP = re.compile(
    r"(?P<date>\d{4}-\d{2}-\d{2})[ T](?P<hour>\d{2}):(?P<minute>\d{2})"
    r"(?::(?P<second>\d{2})(?:\.(?P<fraction>\d+))?(?P<offset>Z|[+-]\d{2}(?::?\d{2})?)?)?"
)


def identifier(text: str | None) -> str | None:
    """Return an id: a uuid dashed and in lower case, any other text as it is, empty as None."""
    if not text:
        return None
    if not UUID.fullmatch(text.lower()):
        return text
    digits = text.lower().replace("-", "")
    return "-".join(
        (digits[0:8], digits[8:12], digits[12:16], digits[16:20], digits[20:32]),
    )


def timestamp(text: str | None) -> datetime | None:
    """Return the moment that an ISO 8601 text names, in UTC where it has no offset.

    Digits beyond the microsecond are cut off. Only a text with seconds may name an offset.

    Raises:
        ValueError: The text is no such timestamp.
    """
    if not text:
        return None
    match = TIMESTAMP.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is not a timestamp")
    clock = time(
        int(match["hour"]),
        int(match["minute"]),
        int(match["second"] or 0),
        int((match["fraction"] or "")[:6].ljust(6, "0")),
    )
    moment = datetime.combine(date.fromisoformat(match["date"]), clock, timezone.utc)
    offset = match["offset"]
    if offset in (None, "Z"):
        return moment
    digits = offset[1:].replace(":", "").ljust(4, "0")
    shift = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return moment + shift if offset[0] == "-" else moment - shift


def address(text: str | None) -> str | None:
    """Return an ip without the mask that PostgreSQL prints after an inet; empty as None."""
    return text.split("/")[0] or None if text else None


def number(text: str | None) -> float | None:
    """Return the number that a text is; empty as None."""
    return float(text) if text else None


def email_hash(row: SourceRow) -> str | None:
    """Return the row's e-mail hash, or the hash of its plain e-mail, if it has either."""
    hashed, plain = row.get("user_email_hash"), row.get("user_email")
    if hashed is not None or plain is None:
        return hashed
    return hashlib.sha256(plain.strip(" ").lower().encode()).hexdigest()


def nulls_last(*values: Any) -> tuple[Any, ...]:
    """Return a sort key of values that puts each None after everything else."""
    return tuple((value is None, value) if value is not None else (True,) for value in values)


# Rows seen more than once.


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


def required(value: str | None) -> str:
    """Return a value that the tracker's schema never leaves out."""
    assert value is not None
    return value


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


BOTS = (
    *("bot", "crawl", "spider", "slurp", "preview", "facebookexternalhit", "whatsapp", "mastodon"),
    *("curl/", "wget/", "python-requests", "go-http-client", "headlesschrome", "uptime", "monitor"),
)


def is_bot(user_agent: str | None) -> bool:
    """Whether a user agent is a program's: missing, blank, or with one of the words.

    Cubot is a telephone.
    """
    if user_agent is None or not user_agent.strip():
        return True
    text = user_agent.lower().replace("cubot", " ")
    return any(word in text for word in BOTS)


def bots(events: Iterable[Event]) -> int:
    """Return the number of clicks of programs."""
    return sum(is_bot(event.user_agent) for event in clicks_of(events))


def minutes_between(
    events: Iterable[Event], first: float | None, last: float = float("inf")
) -> int:
    """Return the signups with minutes from the first up to but not the last; None for unknown."""
    found = 0
    for event in events:
        if event.kind == "signup":
            minutes = event.conversion_minutes
            is_known = minutes is not None and minutes >= 0
            if first is None:
                found += not is_known
            elif minutes is not None:
                found += is_known and first <= minutes < last
    return found


HOUR, DAY, WEEK = 60, 1440, 10080


def bins(events: Sequence[Event]) -> tuple[int, int, int, int, int]:
    """Return the signups by how long after their click they came; the last are unknown."""
    return (
        minutes_between(events, 0, HOUR),
        minutes_between(events, HOUR, DAY),
        minutes_between(events, DAY, WEEK),
        minutes_between(events, WEEK),
        minutes_between(events, None),
    )


# The worksheets.


def tracker_raw_data(source: Source) -> list[Row]:
    """Return one row per event of the last `raw_days` dates, oldest first.

    Of more than `raw_max_rows` the newest are shown.
    """
    settings = source.settings
    window = set(settings.last_dates(settings.raw_days))
    events = [event for event in source.events if source.date_of(event) in window]
    events.sort(key=lambda event: (event.moment, event.kind, event.id))
    newest = events[max(0, len(events) - settings.raw_max_rows) :]
    return [
        (
            settings.local(event.moment),
            event.kind,
            event.link_id,
            event.officer_id,
            event.campaign_id,
            source.campaigns[event.campaign_id].name if event.campaign_id else None,
            event.user_email_hash,
            shown_ip(event.ip, settings.ip_privacy),
            event.user_agent if settings.user_agent_privacy == "full" else None,
        )
        for event in newest
    ]


def shown_ip(ip: str | None, privacy: IpPrivacy) -> str | None:
    """Return an ip as the raw worksheet shows it: whole, its /24 or /48 network, or not at all."""
    if ip is None or privacy == "omit":
        return None
    if privacy == "full":
        return ip
    try:
        known = ip_address(ip)
    except ValueError:
        return None
    length = 24 if isinstance(known, IPv4Address) else 48
    return str(ip_network((ip, length), strict=False).network_address)


def officer_summary(source: Source) -> list[Row]:
    """Return one row per officer, those without events included."""
    rows = []
    for officer_id, name in source.officers.items():
        events = [event for event in source.attributed if event.officer_id == officer_id]
        rows.append(
            (
                officer_id,
                name,
                source.clicks(events),
                source.signups(events),
                source.rate(events),
                source.unique_clicks(events),
                source.signups(events, source.settings.last_dates(7)),
                source.signups(events, source.settings.last_dates(30)),
                source.last_signup(events),
            )
        )
    # Most signups first, then clicks, then name, then id.
    return sorted(rows, key=lambda row: (-row[3], -row[2], *nulls_last(row[1], row[0])))


def officer_trends(source: Source) -> list[Row]:
    """Return one row per officer: the last 30 dates, and the 30 before."""
    months = source.settings.last_dates(60)
    last, before = set(months[30:]), set(months[:30])

    def of(officer_id: str, dates: set[date]) -> list[Event]:
        return [
            event
            for event in source.attributed
            if event.officer_id == officer_id and source.date_of(event) in dates
        ]

    signups = {key: source.signups(of(key, last)) for key in source.officers}
    signups_before = {key: source.signups(of(key, before)) for key in source.officers}
    rows = []
    for officer_id, name in source.officers.items():
        now, then = of(officer_id, last), of(officer_id, before)
        rate, rate_before = source.rate(now), source.rate(then)
        rank = rank_in(signups, officer_id)
        rank_before = rank_in(signups_before, officer_id)
        latest = source.last_signup(
            event for event in source.attributed if event.officer_id == officer_id
        )
        rows.append(
            (
                officer_id,
                name,
                signups[officer_id],
                signups_before[officer_id],
                change(signups[officer_id], signups_before[officer_id]),
                source.clicks(now),
                source.clicks(then),
                change(source.clicks(now), source.clicks(then)),
                rate,
                rate_before,
                None if rate is None or rate_before is None else rate - rate_before,
                rank,
                rank_before,
                None if rank is None or rank_before is None else rank_before - rank,
                signups[officer_id] / sum(signups.values()) if sum(signups.values()) else None,
                len({source.date_of(event) for event in now if event.kind == "signup"}),
                (source.settings.as_of_date - latest).days if latest else None,
            )
        )
    # Most signups of the last 30 dates first, then clicks of those, then name, then id.
    return sorted(rows, key=lambda row: (-row[2], -row[5], *nulls_last(row[1], row[0])))


def change(number: int, before: int) -> float | None:
    """Return by how much a number is above one before, as a part of it; None of nothing."""
    return number / before - 1 if before else None


def rank_in(signups: Mapping[str, int], key: str) -> int | None:
    """Return one more than how many have more signups; None for one without any."""
    if not signups[key]:
        return None
    return 1 + sum(other > signups[key] for other in signups.values())


Finding = tuple[int, str, str, date, int, float, str]
"""Severity, subject, sentence, since, number, expected, rule."""


def attention(source: Source) -> list[Row]:
    """Return the 50 most urgent findings."""
    links = attributed_links(source)
    findings = [
        *findings_about_the_tracker(source),
        *findings_about_signups(source, links),
        *findings_about_links(source, links),
    ]
    # Severity, the distance from what was expected, subject, rule, since.
    findings.sort(key=lambda row: (row[0], -abs(row[4] - row[5]), row[1], row[6], row[3], row[2]))
    return [(*row[:5], float(row[5]), row[6]) for row in findings[:50]]


def findings_about_the_tracker(source: Source) -> list[Finding]:
    """Return whether the tracker is silent, and whether some of its events cannot be counted."""
    findings: list[Finding] = []
    latest = max((source.date_of(event) for event in source.events), default=None)
    if latest and (days := (source.settings.as_of_date - latest).days) > 1:
        sentence = f"The tracker has no click or signup since {latest}, for {days} days."
        findings.append((1, "Tracker", sentence, latest, days, 1, "tracker_silent"))
    week = source.settings.last_dates(7)
    lost = [source.date_of(event) for event in source.events if not event.attributed]
    if lost := [day for day in lost if day in week]:
        sentence = (
            f"Not counted in the last 7 days: {counted(len(lost), 'event')} whose link, officer or "
            "campaign is unknown."
        )
        findings.append((2, "Tracker", sentence, min(lost), len(lost), 0, "unattributed"))
    return findings


def counted(number: int, noun: str) -> str:
    """Return a number with what it counts."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def surprise(week: int, total: int) -> Literal["down", "up"] | None:
    """Return whether the signups of the last 7 dates are not a fifth of those of 35.

    Of a number of signups, each with a chance of a fifth, the standard deviation is the root of
    4/25 of it. They are 2.58 of it off, less half a signup.
    """
    if total < 20:
        return None
    distance, deviation = week - total / 5, math.sqrt(4 * total / 25)
    if (distance + 0.5) / deviation < -2.58:
        return "down"
    return "up" if (distance - 0.5) / deviation > 2.58 else None


def findings_about_signups(source: Source, links: Sequence[Link]) -> list[Finding]:
    """Return officers and campaigns whose signups fell or rose by more than chance explains."""
    as_of_date = source.settings.as_of_date
    used = {link.officer_id for link in links if link.status in ("live", "silent")}
    officers = {key: name for key, name in source.officers.items() if key in used}
    running = {
        key: campaign.name
        for key, campaign in source.campaigns.items()
        if not (campaign.start and source.settings.date_of(campaign.start) > as_of_date)
        and not (campaign.end and source.settings.date_of(campaign.end) < as_of_date)
    }
    week, all_dates = source.settings.last_dates(7), source.settings.last_dates(35)
    signups = [event for event in source.attributed if event.kind == "signup"]
    findings = []
    for kind, names in (("officer", officers), ("campaign", running)):
        for key, name in names.items():
            dates = [source.date_of(e) for e in signups if key in (e.officer_id, e.campaign_id)]
            number = sum(day in week for day in dates)
            total = sum(day in all_dates for day in dates)
            if direction := surprise(number, total):
                subject, expected = name or key, total / 5
                sentence = (
                    f"{kind.title()} {subject}: {counted(number, 'signup')} in the last 7 days, "
                    f"{math.floor(expected * 10 + 0.5) / 10:.1f} expected."
                )
                numbers = (week[0], number, expected)
                severity = 1 if direction == "down" else 2
                findings.append((severity, subject, sentence, *numbers, f"{kind}_{direction}"))
    return findings


def findings_about_links(source: Source, links: Sequence[Link]) -> list[Finding]:
    """Return links that one visitor clicks, that fell silent or are late; campaigns that end."""
    findings: list[Finding] = []
    week = source.settings.last_dates(7)
    ending = {}
    for link in links:
        subject = link.code or link.id
        words = f"Link {subject} of {source.officers[link.officer_id] or link.officer_id}"
        for day in week:
            visits = [
                (event.ip, event.user_agent)
                for event in link.events
                if event.kind == "click" and source.date_of(event) == day
            ]
            most = max(Counter(visits).values(), default=0)
            if len(visits) >= 50 and most >= len(visits) / 2:
                sentence = (
                    f"{words}: one visitor made {most} of {counted(len(visits), 'click')} on {day}."
                )
                findings.append((1, subject, sentence, day, most, len(visits) / 2, "one_visitor"))
        if late := link.clicks_after_end(week):
            sentence = (
                f"{words}: {counted(len(late), 'click')} in the last 7 days, after its end on "
                f"{link.last}."
            )
            findings.append((2, subject, sentence, min(late), len(late), 0, "clicks_after_end"))
        if link.status == "silent":
            assert link.days_silent is not None
            sentence = f"{words}: no click for {link.days_silent} days."
            since = link.click_dates[-1]
            findings.append((2, subject, sentence, since, link.days_silent, 14, "link_silent"))
        if link.end and link.status in ("live", "silent"):
            ending[link.campaign_id] = link.end
    for campaign_id, end in ending.items():
        days = (end - source.settings.as_of_date).days
        if 1 <= days <= 7:
            name = source.campaigns[campaign_id].name or campaign_id
            sentence = f"Campaign {name} ends in {counted(days, 'day')}, on {end}."
            findings.append((2, name, sentence, end, days, 7, "campaign_ends"))
    return findings


def campaign_summary(source: Source) -> list[Row]:
    """Return one row per campaign."""
    settings = source.settings
    rows = []
    for campaign_id, campaign in source.campaigns.items():
        events = [event for event in source.attributed if event.campaign_id == campaign_id]
        start = settings.date_of(campaign.start) if campaign.start else None
        end = settings.date_of(campaign.end) if campaign.end else None
        rows.append(
            (
                campaign_id,
                campaign.name,
                start,
                end,
                source.clicks(events),
                source.signups(events),
                source.rate(events),
                signups_per_day(source.signups(events), start, end, settings.as_of_date),
                source.unique_clicks(events),
                len({event.officer_id for event in events}),
                source.last_signup(events),
            )
        )
    # Newest start first, then name, then id.
    return sorted(
        rows,
        key=lambda row: nulls_last(-row[2].toordinal() if row[2] else None, row[1], row[0]),
    )


def signups_per_day(
    signups: int, start: date | None, end: date | None, as_of_date: date
) -> float | None:
    """Return signups by the number of dates from the start to the end or the as-of date.

    Both are included. None before the campaign starts, or where it ends before it starts.
    """
    last = as_of_date if end is None else min(end, as_of_date)
    if start is None or last < start:
        return None
    return signups / ((last - start).days + 1)


def time_series_data(source: Source) -> list[Row]:
    """Return exactly 90 rows, one per date, oldest first."""
    by_date: dict[date, list[Event]] = defaultdict(list)
    for event in source.attributed:
        by_date[source.date_of(event)].append(event)
    rows = []
    for day in source.settings.last_dates(90):
        events = by_date[day]
        # The date and the six before it, also those before the 90.
        week = [event for back in range(7) for event in by_date[day - timedelta(days=back)]]
        rows.append(
            (
                day,
                source.clicks(events),
                source.signups(events),
                source.rate(events),
                source.unique_clicks(events),
                source.clicks(week) / 7,
                source.signups(week) / 7,
            )
        )
    return rows


def daily_metrics(source: Source) -> list[Row]:
    """Return one row per date and link with at least one event, of the last 90 dates."""
    window = set(source.settings.last_dates(90))
    return [row for row in daily_history(source) if row[0] in window]


def daily_history(source: Source) -> list[Row]:
    """Return the rows of `daily_metrics` for every date there is."""

    def grain(event: Event) -> tuple[date, str]:
        return source.date_of(event), required(event.link_id)

    rows = []
    for (day, link_id), group in groupby(sorted(source.attributed, key=grain), key=grain):
        events = list(group)
        officer_id, campaign_id = source.links[link_id]
        assert officer_id is not None
        assert campaign_id is not None
        rows.append(
            (
                day,
                link_id,
                source.link_rows[link_id].get("ref_code"),
                officer_id,
                source.officers[officer_id],
                campaign_id,
                source.campaigns[campaign_id].name,
                source.clicks(events),
                source.signups(events),
                source.rate(events),
                source.unique_clicks(events),
            )
        )
    # By date, then officer name, campaign name, link id.
    return sorted(rows, key=lambda row: (row[0], *nulls_last(row[4], row[6], row[1])))


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


def truth(text: str | None) -> bool | None:
    """Return what a text says is so; None where it says nothing."""
    if not text:
        return None
    words = {"t": True, "true": True, "yes": True, "1": True}
    words |= {"f": False, "false": False, "no": False, "0": False}
    return words[text.lower()]


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


def link_days(source: Source) -> list[Row]:
    """Return all that is counted of each date and attributed link, of every date there is."""
    by_grain: dict[tuple[date, str], list[Event]] = defaultdict(list)
    for event in source.attributed:
        by_grain[source.date_of(event), required(event.link_id)].append(event)
    return [
        (
            day,
            link_id,
            source.clicks(events),
            source.signups(events),
            source.unique_clicks(events),
            bots(events),
            source.suspects("click", events),
            source.suspects("signup", events),
            source.largest_visitor(events),
            minutes_between(events, 0, 1),
            *bins(events),
        )
        for (day, link_id), events in sorted(by_grain.items())
    ]


def traffic_quality(source: Source) -> list[Row]:
    """Return one row per officer, of the last 30 dates."""
    dates = set(source.settings.last_dates(30))
    rows: list[Row] = []
    for officer_id, name in source.officers.items():
        events = [
            event
            for event in source.attributed
            if event.officer_id == officer_id and source.date_of(event) in dates
        ]
        by_grain: dict[tuple[date, str | None], list[Event]] = defaultdict(list)
        for event in clicks_of(events):
            by_grain[source.date_of(event), event.link_id].append(event)
        clicks, signups, bot_clicks = source.clicks(events), source.signups(events), bots(events)
        humans = clicks - bot_clicks
        rows.append(
            (
                officer_id,
                name,
                clicks,
                bot_clicks,
                bot_clicks / clicks if clicks else None,
                clicks - source.unique_clicks(events),
                source.suspects("click", events),
                max(
                    (
                        source.largest_visitor(group) / len(group)
                        for group in by_grain.values()
                        if len(group) >= 20
                    ),
                    default=None,
                ),
                signups,
                minutes_between(events, 0, 1),
                source.suspects("signup", events),
                signups / humans if humans else None,
            )
        )
    # The greatest share of bots first, blanks last, then clicks, then name, then id.
    return sorted(
        rows,
        key=lambda row: nulls_last(None if row[4] is None else -row[4], -row[2], row[1], row[0]),
    )


def conversion_times(source: Source) -> list[Row]:
    """Return one row per campaign, of the signups of the last 90 dates."""
    dates = set(source.settings.last_dates(90))
    rows: list[Row] = []
    for campaign_id, campaign in source.campaigns.items():
        events = [
            event
            for event in source.attributed
            if event.campaign_id == campaign_id and source.date_of(event) in dates
        ]
        hour, day, week, longer, unknown = bins(events)
        known = hour + day + week + longer
        rows.append(
            (
                campaign_id,
                campaign.name,
                source.signups(events),
                *(hour, day, week, longer, unknown),
                hour / known if known else None,
                (hour + day) / known if known else None,
            )
        )
    return sorted(rows, key=lambda row: (-row[2], *nulls_last(row[1], row[0])))


def dashboard_data(source: Source) -> list[Row]:
    """Return 90 rows, of blocks side by side; those that are shorter end in blanks."""
    campaigns = bars(
        source.attributed,
        {key: campaign.name for key, campaign in source.campaigns.items()},
        lambda event: event.campaign_id,
    )
    rated: list[Row] = [
        (name, source.rate(events))
        for name, events, count in campaigns
        if source.clicks(events) >= 30 and count == 1
    ]
    rated.sort(key=lambda bar: -bar[1])
    # All others are in the eleventh row again.
    others = [(name, events) for name, events, count in campaigns if count > 1]
    if others and source.clicks(others[0][1]) >= 30:
        blank = (None, None)
        rated += [blank] * (10 - len(rated)) + [(others[0][0], source.rate(others[0][1]))]
    blocks: list[list[Row]] = [
        periods(source),
        [
            (day, clicks, clicks_a_day, signups, signups_a_day)
            for day, clicks, signups, _, _, clicks_a_day, signups_a_day in time_series_data(source)
        ],
        [
            (name, source.signups(events))
            for name, events, _ in bars(
                source.attributed, source.officers, lambda event: event.officer_id
            )
        ],
        [(name, source.signups(events)) for name, events, _ in campaigns],
        rated,
        [(source.settings.reporting_timezone, *findings_shown(source)), (None, None), (None, None)],
        [
            ("Act" if severity == 1 else "Look", sentence, since)
            for severity, _, sentence, since, *_ in attention(source)[:3]
        ]
        or [(None, "Nothing needs attention.", None)],
        moved(source, 1),
        moved(source, -1),
    ]
    blanks = [(None,) * width for width in (10, 5, 2, 2, 2, 2, 3, 3, 3)]
    return [
        (number + 1, *(cell for part in parts for cell in part))
        for number, parts in enumerate(
            [
                rows[number] if number < len(rows) else blank
                for rows, blank in zip(blocks, blanks, strict=True)
            ]
            for number in range(90)
        )
    ]


def findings_shown(source: Source) -> Row:
    """Return how many findings the dashboard leaves out, in words; blank if it shows all."""
    count = len(attention(source))
    return (f"3 of {count}; all are in Attention" if count > 3 else None,)


def moved(source: Source, sign: int) -> list[Row]:
    """Return the three officers with the largest rise of signups, or fall if `sign` is -1."""
    ranked = sorted(
        (-sign * (now - before), -now, name or officer_id, officer_id)
        for officer_id, name, now, before, *_ in officer_trends(source)
        if sign * (now - before) > 0
    )
    return [(name, -now, -sign * change) for change, now, name, _ in ranked[:3]] or [
        ("Nobody", None, None)
    ]


def periods(source: Source) -> list[Row]:
    """Return what is said of all dates, the last 7 and 30, and as many before each of those."""
    settings = source.settings
    week, fortnight = settings.last_dates(7), settings.last_dates(14)
    month, months = settings.last_dates(30), settings.last_dates(60)
    everything = sorted({source.date_of(event) for event in source.attributed})

    def totals(dates: Sequence[date]) -> tuple[date | None, int, int, float | None]:
        wanted = set(dates)
        events = [event for event in source.attributed if source.date_of(event) in wanted]
        latest = max((source.date_of(event) for event in events), default=None)
        return latest, source.clicks(events), source.signups(events), source.rate(events)

    rows = []
    for name, dates, before in (
        ("All dates", everything, None),
        ("Last 7 days", week, fortnight[:7]),
        ("7 days before", fortnight[:7], None),
        ("Last 30 days", month, months[:30]),
        ("30 days before", months[:30], None),
    ):
        latest, *numbers = totals(dates)
        compared = totals(before)[1:] if before else (None, None, None)
        changes = [
            number / other - 1 if number is not None and other else None
            for number, other in zip(numbers[:2], compared[:2], strict=True)
        ]
        rate, earlier = numbers[2], compared[2]
        changes.append(None if rate is None or earlier is None else rate - earlier)
        first, last = (dates[0], dates[-1]) if dates is not everything else (None, week[-1])
        pairs = [cell for pair in zip(numbers, changes, strict=True) for cell in pair]
        rows.append((name, first, last, latest, *pairs))
    return rows


def bars(
    events: Sequence[Event],
    names: Mapping[str, str | None],
    owner: Callable[[Event], str | None],
) -> list[tuple[str, list[Event], int]]:
    """Return bars: a name, its events, and the number of its officers or campaigns.

    The ten with most signups, then clicks, then by name and id; all others are one bar.
    """
    ranked = []
    for key, name in names.items():
        own = [event for event in events if owner(event) == key]
        signups = sum(event.kind == "signup" for event in own)
        ranked.append((-signups, signups - len(own), name or key, key, own))
    ranked.sort(key=lambda rank: rank[:4])
    shown = [
        (name if len(name) <= 24 else f"{name[:14]}…{name[-9:]}", own, 1)
        for *_, name, _, own in ranked
    ]
    others = shown[10:]
    if len(others) > 1:
        together = [event for _, own, _ in others for event in own]
        return [*shown[:10], (f"Others ({len(others)})", together, len(others))]
    return shown


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
