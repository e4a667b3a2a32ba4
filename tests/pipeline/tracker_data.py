"""Trackers full of nasty cases, drawn by hypothesis and made from a seed.

A `Shape` is all that hypothesis draws (and shrinks): sizes, settings, formats and a seed. `make()`
turns it into parts of the six tables, always the same ones. What each part says is text or None,
spelled in one of the ways that trackers and export tools spell it; `rows()` is what a faithful
reader of the files sees, and what the oracle is given.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, timezone
from random import Random
from typing import TYPE_CHECKING, Literal, TypeVar
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from tests.pipeline.oracle import (
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

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Value = TypeVar("Value")

Format = Literal["csv", "parquet", "jsonl"]
FORMATS: Sequence[Format] = ("csv", "parquet", "jsonl")

SECOND = timedelta(seconds=1)
INSTANT = timedelta(microseconds=1)

# Sorted as text; brackets and braces mean something to globs and templates.
PART_NAMES = ("10", "2026-07", "2026-08 [copy]", "9", "{a}", "é")

TEXTS: Sequence[str] = (
    *("Ana", "ana", "Zoë", "Żółć", "李明", "فاطمة", "고지훈", "\ufffd high", "\U0001f393 higher"),
    *("=1+1", '=HYPERLINK("https://example.com","x")', "@cmd", "-1", "+1", "'quoted'", "\ttab"),
    *(
        "two\nlines",
        "two\r\nlines",
        'say "so", please',
        "semi;colon|pipe",
        "#comment",
        "back\\slash",
    ),
    *(
        "NULL",
        "null",
        "\\N",
        "NaN",
        "true",
        "007",
        "1e5",
        " spaces ",
        "{{ jinja }}",
        "%s",
        "\u200b",
    ),
    *("x" * 512, "é" * 255, "2026-01-01", "e\u0301"),
)

USER_AGENTS: Sequence[str | None] = (
    *(None, "", "  ", "a", "a", "b", "b", "Googlebot/2.1", "CUBOT X30", "Cubot; bot", "robotic"),
    *("facebookexternalhit/1.1", "WhatsApp/2.24", "Curl/8", "curling", "wGet/1", "SLURP", "Uptime"),
)

SCORES: Sequence[str | None] = (
    *(None, "0", "6.999", "7", "7.0", "7.001", "8", "10.5", "-1", "6.5", "7e0"),
)

MINUTES: Sequence[str | None] = (
    *(None, "-1", "0", "1", "59", "60", "1439", "1440", "10079", "10080", "99999"),
)
"""Each edge of a bin, from both sides; whole, as the tracker's column is."""

IPS: Sequence[str] = (
    *("192.0.2.1", "192.0.2.1/32", "192.0.2.2", "198.51.100.255", "203.0.113.9", "unknown"),
    *("2001:db8::1", "2001:DB8::A", "2001:db8:1:2:3:4:5:6/128", "2001:db8:0:ff::", "2001:db8:1::"),
    *("::ffff:192.0.2.1", "203.0.113.300", "192.0.2", "::", "12:34:56", "1::2::3", "2001:db8::g"),
)

ZONES: Sequence[str] = (
    *("Europe/Berlin", "UTC", "America/Sao_Paulo", "Asia/Kathmandu", "Pacific/Kiritimati"),
    *("Pacific/Pago_Pago", "America/St_Johns", "Australia/Lord_Howe", "Asia/Tokyo"),
)

AS_OF_DATES: Sequence[date] = (
    *(date(2026, 10, 25), date(2026, 3, 29), date(2018, 11, 4), date(2018, 2, 17)),
    *(date(2026, 3, 31), date(2028, 2, 29), date(2028, 3, 1), date(2026, 1, 1), date(2025, 12, 31)),
)


@dataclass(frozen=True)
class Shape:
    """What a tracker is made from. `odd_ids` are ids that are no uuids."""

    seed: int
    settings: Settings
    clicks: int
    signups: int
    links: int
    parts: int
    formats: Sequence[Format] = ("csv",)
    odd_ids: bool = False


@dataclass(frozen=True)
class Part:
    """One file of a table; `name` is empty where it is the table's only one."""

    name: str
    format: Format
    columns: Sequence[str]
    rows: list[SourceRow]

    def seen(self) -> list[SourceRow]:
        """Return the rows as a reader of the file sees them: in CSV an empty field is a null."""
        if self.format != "csv":
            return self.rows
        return [{key: value or None for key, value in row.items()} for row in self.rows]


Parts = dict[str, list[Part]]


def shapes(
    sizes: tuple[int, int] = (0, 40), formats: Sequence[Format] = FORMATS, least_parts: int = 1
) -> st.SearchStrategy[Shape]:
    """Return a strategy of shapes; `sizes` is the least and the greatest number of clicks.

    Hypothesis begins with the first of each choice, so these are no quiet ones.
    """
    least, greatest = sizes
    return st.builds(
        Shape,
        seed=st.integers(0, 2**32),
        settings=st.builds(
            Settings,
            as_of_date=st.sampled_from(AS_OF_DATES) | st.dates(date(2015, 1, 1), date(2030, 1, 1)),
            reporting_timezone=st.sampled_from(ZONES),
            raw_days=st.sampled_from((30, 1, 7, 0, 90, 400)),
            raw_max_rows=st.sampled_from((100, 50_000, 7, 1)),
            ip_privacy=st.sampled_from(("truncate", "full", "omit")),
            user_agent_privacy=st.sampled_from(("full", "omit")),
            fraud_threshold=st.sampled_from((7, 6.5, 0)),
        ),
        clicks=st.integers(least, greatest),
        signups=st.integers(least // 4, greatest // 2),
        links=st.integers(min(least, 12), 24),
        parts=st.integers(least_parts, len(PART_NAMES)),
        formats=st.just(formats),
        odd_ids=st.booleans(),
    )


def rows(parts: Parts) -> Tracker:
    """Return what the parts say, in the order of their names."""
    return {table: [part.seen() for part in files] for table, files in parts.items()}


def make(shape: Shape) -> Parts:
    """Return the parts of a tracker; the same shape gives the same parts."""
    return _Maker(shape, Random(shape.seed)).make()


@dataclass
class _Maker:
    shape: Shape
    random: Random
    moments: list[datetime] = field(default_factory=list)

    def make(self) -> Parts:
        links = self.links()
        clicks = self.clicks([row["id"] for row in links])
        signups = self.signups(clicks)
        return {
            USERS: self.parts(self.users(), most=2, optional=("updated_at",)),
            OFFICERS: self.parts(self.officers(), most=2, optional=("updated_at",)),
            CAMPAIGNS: self.parts(self.campaigns(), most=3),
            LINKS: self.parts(
                links, most=3, optional=("ref_code", "created_at", "is_active", "revoke_at")
            ),
            CLICKS: self.parts(clicks, most=self.shape.parts, optional=("fraud_score",)),
            SIGNUPS: self.parts(
                signups,
                most=self.shape.parts,
                optional=("user_email", "user_email_hash", "conversion_minutes", "fraud_score"),
            ),
        }

    # Values.

    def chance(self, probability: float) -> bool:
        return self.random.random() < probability

    def one(self, values: Sequence[Value]) -> Value:
        return values[int(self.random.random() * len(values))]

    def up_to(self, greatest: int) -> int:
        return int(self.random.random() * (greatest + 1))

    def id(self, kind: str, number: int) -> str:
        if self.shape.odd_ids and number % 3:
            return f"{kind} №{number}"
        return str(uuid.uuid5(uuid.NAMESPACE_OID, f"{kind}{number}"))

    def text(self) -> str | None:
        return self.one((None, "", self.one(TEXTS), self.one(TEXTS), self.one(TEXTS)))

    def edge(self) -> datetime:
        """Return a moment at the edge of a date that some window begins or ends with."""
        settings = self.shape.settings
        days = (-1, 0, 1, 6, 7, 29, 30, settings.raw_days, 89, 90, 96, 97)
        day = settings.as_of_date - timedelta(days=self.one(days))
        zone = self.one((settings.reporting_timezone, settings.reporting_timezone, "UTC"))
        midnight = datetime.combine(day, time(), ZoneInfo(zone)).astimezone(timezone.utc)
        return midnight + self.one((-SECOND, -INSTANT, 0 * INSTANT, INSTANT))

    def moment(self) -> datetime:
        """Return a moment around the windows: at an edge, one seen before, or any."""
        if self.moments and self.chance(0.15):
            return self.one(self.moments)
        if self.chance(0.4):
            moment = self.edge()
        else:
            end = datetime.combine(self.shape.settings.as_of_date, time(), timezone.utc)
            moment = end + timedelta(days=2) - self.random.random() * timedelta(days=135)
        self.moments.append(moment)
        return moment

    # Rows, each spelled plainly: a dashed uuid, a moment in UTC.

    def users(self) -> list[SourceRow]:
        people = [
            {
                "id": self.id("user", number),
                "full_name": self.text(),
                "email": "a@example.org",
                "updated_at": self.updated_at(),
            }
            for number in range(8)
            if number != 5
        ]
        return self.sent_again(people, full_name=self.text, updated_at=self.updated_at)

    def officers(self) -> list[SourceRow]:
        people: list[SourceRow] = [
            {
                "id": self.id("officer", number),
                "user_id": self.id("user", number % 7),
                "updated_at": self.updated_at(),
            }
            for number in range(7)
        ]
        people[-1]["user_id"] = None
        return self.sent_again(
            people,
            user_id=lambda: self.id("user", self.up_to(9)),
            updated_at=self.updated_at,
        )

    def campaigns(self) -> list[SourceRow]:
        campaigns = [
            {
                "id": self.id("campaign", number),
                "name": self.text(),
                "description": self.text(),
                "start_date": self.campaign_date(),
                "end_date": self.one((None, None, None, None, self.campaign_date(), self.soon())),
                "is_active": self.one(("true", "false")),
                "created_at": plain(self.edge()),
                "updated_at": self.updated_at(),
            }
            for number in range(6)
        ]
        return self.sent_again(
            campaigns, name=self.text, updated_at=self.updated_at, start_date=self.campaign_date
        )

    def campaign_date(self) -> str | None:
        far = timedelta(days=self.up_to(900) - 450)
        return self.one((None, plain(self.edge()), plain(self.edge()), plain(self.edge() + far)))

    def soon(self) -> str:
        """Return a moment about a week after the as-of date, or sooner."""
        return plain(self.edge() + timedelta(days=self.one((1, 6, 7, 8))))

    def updated_at(self) -> str | None:
        return self.one((None, "2026-01-01 00:00:00", "2026-01-02 00:00:00", plain(self.edge())))

    def links(self) -> list[SourceRow]:
        links = [
            {
                "id": self.id("link", number),
                "officer_id": self.link_officer(),
                "campaign_id": self.link_campaign(),
                "full_link": self.text(),
                "ref_code": f"{number}{self.text()}",
                "click_count": str(self.up_to(99)),
                "signup_count": "0",
                "created_at": self.one((None, plain(self.edge()))),
                "updated_at": self.updated_at(),
                "is_active": self.one((None, *["true"] * 5, "1", self.one(("false", "0")))),
                "revoke_at": plain(self.edge()) if self.chance(0.1) else None,
            }
            for number in range(self.shape.links)
        ]
        return self.sent_again(
            links,
            officer_id=self.link_officer,
            campaign_id=self.link_campaign,
            ref_code=self.text,
            revoke_at=lambda: self.one((None, None, plain(self.edge()))),
            updated_at=self.updated_at,
        )

    def link_officer(self) -> str | None:
        if self.chance(0.1):
            return self.one((None, self.id("officer", 77)))
        return self.id("officer", self.up_to(5))  # the last of the seven has no link

    def link_campaign(self) -> str | None:
        return None if self.chance(0.04) else self.id("campaign", self.up_to(6))  # six are known

    def clicks(self, known_links: Sequence[str | None]) -> list[SourceRow]:
        strangers = [self.id("link", 900), self.id("link", 901), None]

        def link() -> str | None:
            return self.one(strangers if self.chance(0.08) or not known_links else known_links)

        # Some links fell silent, two weeks ago or nearly.
        silence = {link: timedelta(days=self.one((13, 14, 27))) for link in known_links[:3]}
        clicks: list[SourceRow] = []
        for number in range(self.shape.clicks):
            visit: SourceRow = {
                "id": self.id("event", number),
                "referral_link_id": link(),
                "timestamp": plain(self.moment()),
                "ip": self.one((None, "", *IPS)),
                "user_agent": self.text() if self.chance(0.3) else self.one(USER_AGENTS),
                "geo_country": self.text(),
                "geo_city": None,
                "geo_region": None,
                "fraud_score": self.one(SCORES),
            }
            last = silence.get(visit["referral_link_id"], timedelta())
            visit["timestamp"] = plain(datetime.fromisoformat(visit["timestamp"] or "") - last)
            if clicks and self.chance(0.3):  # somebody comes back
                visit = {**self.one(clicks), "id": visit["id"]}
                again = datetime.fromisoformat(visit["timestamp"] or "")
                visit["timestamp"] = plain(again + self.up_to(2) * SECOND)
            clicks.append(visit)
        if self.is_large and known_links:
            clicks += self.crowd(known_links[-1])
        return self.sent_again(
            clicks,
            timestamp=lambda: plain(self.moment()),
            referral_link_id=link,
            ip=lambda: self.one(IPS),
            user_agent=lambda: self.one(USER_AGENTS),
            fraud_score=lambda: self.one(SCORES),
        )

    def crowd(self, link: str | None) -> list[SourceRow]:
        """Return many clicks on a link and date, about half of them by one visitor."""
        moment = plain(self.noon(self.up_to(8)))
        total = 48 + self.up_to(4)
        return [
            {
                **dict.fromkeys(("geo_country", "geo_city", "geo_region", "fraud_score")),
                "id": self.id("crowd", number),
                "referral_link_id": link,
                "timestamp": moment,
                "ip": "192.0.2.7" if number < total // 2 + self.one((-1, 0, 1)) else None,
                "user_agent": f"browser {number % 40}" if number >= total // 2 else "a crowd",
            }
            for number in range(total)
        ]

    def noon(self, days: int) -> datetime:
        """Return the middle of the date some days before the as-of date."""
        day = self.shape.settings.as_of_date - timedelta(days=days)
        zone = ZoneInfo(self.shape.settings.reporting_timezone)
        return datetime.combine(day, time(12), zone).astimezone(timezone.utc)

    @property
    def is_large(self) -> bool:
        return self.shape.clicks >= 200

    def trend(self, link: str | None, number: int) -> list[SourceRow]:
        """Return signups of a link that become fewer, or more, within a week."""
        days, before = self.one(((7, 35), (7, 60)))
        likely, signups = self.one((0.02, 0.1, 0.5)), 40 + self.up_to(80)
        backs = [
            self.up_to(days - 1) if self.chance(likely) else days + self.up_to(before - days)
            for _ in range(signups)
        ]
        return [
            {
                **dict.fromkeys(("click_event_id", "conversion_minutes", "fraud_score")),
                **dict.fromkeys(("user_email_hash", "user_email")),
                "id": self.id("trend", 1000 * number + place),
                "referral_link_id": link,
                "timestamp": plain(self.noon(back)),
            }
            for place, back in enumerate(backs)
        ]

    def signups(self, clicks: Sequence[SourceRow]) -> list[SourceRow]:
        nowhere: SourceRow = {"id": None, "referral_link_id": self.id("link", 0)}

        def click_id() -> str | None:
            visit = self.one(clicks or [nowhere])["id"]
            return self.one((visit, visit, visit, self.id("event", 10**6), None))

        signups: list[SourceRow] = []
        for number in range(self.shape.signups):
            visit = self.one(clicks or [nowhere])
            signups.append(
                {
                    "id": self.id("event", number),  # clicks have the same ids: another namespace
                    "click_event_id": click_id() if self.chance(0.4) else visit["id"],
                    "referral_link_id": visit["referral_link_id"],
                    "timestamp": plain(self.moment()),
                    "conversion_minutes": self.one(MINUTES),
                    "fraud_score": self.one(SCORES),
                    "user_email_hash": self.one((None, "hash a", "hash b")),
                    "user_email": self.one((None, "Ana@Example.org", " bo@example.net ")),
                }
            )
        if self.is_large and clicks:
            for number in range(3):
                signups += self.trend(self.one(clicks)["referral_link_id"], number)
        return self.sent_again(
            signups,
            timestamp=lambda: plain(self.moment()),
            click_event_id=click_id,
            user_email_hash=lambda: self.one((None, "hash a", "hash c")),
            conversion_minutes=lambda: self.one(MINUTES),
            fraud_score=lambda: self.one(SCORES),
        )

    def sent_again(
        self, once: list[SourceRow], **changes: Callable[[], str | None]
    ) -> list[SourceRow]:
        """Return rows with copies of some of them, with no, one or two of their values changed."""
        copies = []
        for row in once:
            while self.chance(0.2):
                changed = {self.one(list(changes)) for _ in range(self.up_to(2))}
                copies.append({**row, **{key: changes[key]() for key in sorted(changed)}})
        return once + copies

    # Parts.

    def parts(
        self, everything: list[SourceRow], most: int, optional: Sequence[str] = ()
    ) -> list[Part]:
        """Return rows spread over parts, in any order; some are in two parts.

        Each part may be without the columns that are optional.
        """
        count = 1 + self.up_to(most - 1)
        self.random.shuffle(everything)
        spread: list[list[SourceRow]] = [[] for _ in range(count)]
        for row in everything:
            for number in {self.up_to(count - 1), self.up_to(count - 1)}:
                spread[number].append(row)
        columns = list(everything[0]) if everything else []
        single = count == 1 and self.chance(0.5)
        return [
            self.part(
                "" if single else PART_NAMES[number],
                [key for key in columns if key not in optional or self.chance(0.7)],
                part,
            )
            for number, part in enumerate(spread)
        ]

    def part(self, name: str, columns: Sequence[str], plain_rows: list[SourceRow]) -> Part:
        """Return one part in its own spelling."""
        spelled = [{key: self.spell(key, row[key]) for key in columns} for row in plain_rows]
        return Part(name, self.one(self.shape.formats), columns, spelled)

    def spell(self, key: str, value: str | None) -> str | None:
        """Return an id or a timestamp in another spelling of the same thing."""
        if value is None:
            return None
        if key == "id" or key.endswith("_id"):
            is_uuid = len(value) == 36 and value.count("-") == 4
            other = self.one((value.upper(), value.replace("-", "")))
            return other if is_uuid and self.chance(0.2) else value
        if key.endswith(("_at", "_date", "timestamp")):
            return self.spell_moment(datetime.fromisoformat(value).replace(tzinfo=timezone.utc))
        return value

    def spell_moment(self, moment: datetime) -> str:
        minutes = self.one((0, 0, 345, -180, 60, -570))
        away = moment.astimezone(timezone(timedelta(minutes=minutes)))
        text = away.replace(tzinfo=None).isoformat(sep=self.one((" ", "T")))
        if moment.microsecond and self.chance(0.2):
            text += "9"  # a nanosecond database; cut off
        elif not (minutes or moment.second or moment.microsecond) and self.chance(0.5):
            return text[:16]
        offset = away.isoformat()[-6:]
        choices = [offset, offset.replace(":", "")]
        if offset.endswith(":00"):
            choices.append(offset[:3])
        if not minutes:
            choices += ["", "Z"]
        return text + self.one(choices)


def plain(moment: datetime) -> str:
    """Return a moment as text without an offset, which means UTC."""
    return moment.replace(tzinfo=None).isoformat(sep=" ")
