"""Write the sample: four months of an invented referral link tracker, as its own six tables.

Run as `python seeds/make_sample.py`. The files are the same, byte for byte, on every platform and
Python version: one seeded generator, of which only `random()` is used, and no arithmetic beyond
+ - * /.

The sample has what real trackers have: parts that overlap, rows that were sent again with another
timestamp, unknown links and officers, signups without a click, text typed by strangers. Every name
is invented; addresses and IPs are from the ranges that are reserved for documentation.
"""

from __future__ import annotations

import csv
import hashlib
import uuid
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Value = TypeVar("Value")
Row = dict[str, str]

SEEDS = Path(__file__).parent
FIRST_DAY = date(2026, 7, 1)
LAST_DAY = date(2026, 10, 31)
DAYS = (LAST_DAY - FIRST_DAY).days + 1
VISITS = 3300
OVERLAP = timedelta(days=2)
"""Each monthly part repeats these days of the month before."""

RANDOM = Random(20261031)
DOUBTS = Random(20261101)
"""Decides what is odd about an event: its score, its robot, how fast its signup came."""

# Name, share of the clicks, signups per click. The first has no events; the one without a name has
# no user row.
OFFICERS: Sequence[tuple[str, float, float]] = (
    ("Ingrid Sætre", 0, 0),
    ("Ciarán Ó Murchú", 4, 0.06),
    ("Amina Diallo", 14, 0.21),
    ("José Ñúñez Ibarra", 11, 0.12),
    ("فاطمة الزهراني", 9, 0.17),
    ("Đặng Thị Hồng", 8, 0.09),
    ("李明霞", 10, 0.05),
    ("Ігор Шевченко", 6, 0.14),
    ("", 5, 0.03),
    ("고지훈", 7, 0.11),
    ("Priya Raghunathan", 12, 0.08),
    ("Ngozi Okonkwo-Bright", 3, 0.27),
)

# Name, start, end, share of the clicks, description.
CAMPAIGNS: Sequence[tuple[str, str, str, float, str]] = (
    ("Summer Open House", "2026-06-15", "2026-08-31", 5, "Campus tours, every Friday"),
    ("Autumn Intake 2026", "2026-08-01", "2026-12-15", 9, "Main intake\nApply by mid-December 🍂"),
    ("Always Welcome", "2026-03-02", "", 4, ""),
    ("Spring Intake 2027", "2026-09-15", "2027-01-31", 7, "+ early offers"),
    ("Winter Scholarships 2027", "2026-12-01", "2027-03-31", 0, "Opens in December"),
)

LINK_COUNT = 40
STRAY_LINK = 38

# Monday first: a quiet weekend. Midnight first: nights are quiet, noon and the evening are not.
WEEKDAY_WEIGHTS = (1.15, 1.3, 1.2, 1.1, 1.0, 0.5, 0.4)
HOUR_WEIGHTS = (1, 1, 0.5, 0.5, 0.5, 1, 2, 4, 6, 7, 7, 8, 9, 8, 7, 6, 6, 7, 8, 9, 8, 6, 4, 2)

USER_AGENTS: Sequence[tuple[str, float]] = (
    ("Mozilla/5.0 (iPhone; CPU iPhone OS 19_1 like Mac OS X) Version/19.1 Mobile Safari/604.1", 30),
    ("Mozilla/5.0 (Linux; Android 16; K) Chrome/148.0.0.0 Mobile Safari/537.36", 28),
    ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/148.0.0.0 Safari/537.36", 22),
    ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/19.1 Safari/605.1.15", 10),
    ("Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0", 6),
    ("", 2),
    ("CampusApp/3.2 🎒 (Android 16)", 0.8),
    ('=HYPERLINK("https://example.net","see me")', 0.3),
    ("@SUM(1+1)*cmd|' /C calc'!A0", 0.2),
    ("curl/8.14.1\nX-Injected: yes", 0.2),
    ('Reader "quoted", with commas', 0.2),
    ("Kiosk/" + "0123456789abcdef " * 29 + "x" * 13, 0.3),  # 512 characters, all that fits
)

ROBOTS: Sequence[str] = (
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
    "WhatsApp/2.25.9 A",
)
ROBOTS_FAVOURITE = 5
"""The officer whose links robots visit most."""

# Country, city, region, share of the clicks.
PLACES: Sequence[tuple[str, str, str, float]] = (
    ("Germany", "Köln", "North Rhine-Westphalia", 4),
    ("Brazil", "São Paulo", "São Paulo", 3),
    ("Nepal", "Kathmandu", "Bagmati", 2),
    ("Nigeria", "Lagos", "Lagos", 3),
    ("Viet Nam", "Huế", "", 2),
    ("", "", "", 2),
)


def pick(values: Sequence[Value], weights: Sequence[float]) -> Value:
    """Return one of the values, drawn by their weights."""
    point = RANDOM.random() * sum(weights)
    for value, weight in zip(values, weights, strict=True):
        point -= weight
        if point < 0:
            return value
    return values[-1]


def below(limit: int) -> int:
    """Return a number from 0 up to but not including the limit."""
    return int(RANDOM.random() * limit)


def identifier(kind: str, number: int) -> str:
    """Return the uuid of the n-th thing of a kind; always the same one."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"https://example.org/{kind}/{number}"))


def stamp(moment: datetime) -> str:
    """Return a moment as Django prints a PostgreSQL timestamptz."""
    return moment.isoformat(sep=" ")


def midnight(text: str) -> str:
    """Return the first moment of a date, printed; nothing for no date."""
    return f"{text} 00:00:00+00:00" if text else ""


def users() -> list[Row]:
    """Return the officers' users and two others; one user was exported twice, renamed."""
    names = [(number, name) for number, (name, _, _) in enumerate(OFFICERS) if name]
    names.insert(3, (2, "Amina Diallo-Keïta"))  # the later row counts
    names += [(90, "Site Administrator"), (91, "Zoë Applicant")]
    return [
        {"id": identifier("user", number), "full_name": name, "email": f"user{number}@example.org"}
        for number, name in names
    ]


def officers() -> list[Row]:
    """Return the officers; one has no user row."""
    return [
        {"id": identifier("officer", number), "user_id": identifier("user", number)}
        for number in range(len(OFFICERS))
    ]


def campaigns() -> list[Row]:
    """Return the campaigns; one was exported twice, and the older copy comes last."""
    rows = [
        {
            "id": identifier("campaign", number),
            "name": name,
            "description": description,
            "start_date": midnight(start),
            "end_date": midnight(end),
            "is_active": "false" if end and end < LAST_DAY.isoformat() else "true",
            "created_at": "2026-02-16 09:12:44.120931+00:00",
            "updated_at": f"2026-06-{10 + number} 14:03:21.507712+00:00",
        }
        for number, (name, start, end, _, description) in enumerate(CAMPAIGNS)
    ]
    draft = {**rows[1], "name": "Autumn Intake (draft)", "updated_at": rows[1]["created_at"]}
    return [*rows, draft]


def officer_of(link: int) -> int:
    """Return the officer whose link this is."""
    return link % len(OFFICERS)


def campaign_of(link: int) -> int:
    """Return the campaign that this link is for."""
    return (link + link // len(OFFICERS)) % len(CAMPAIGNS)


def links() -> list[Row]:
    """Return the links, officers and campaigns in turn.

    The strays' officer is not in the export. One link was exported twice: until July it was
    another officer's. The tracker's own counters have drifted, as they do.
    """
    rows: list[Row] = []
    for number in range(LINK_COUNT):
        officer = 99 if number == STRAY_LINK else officer_of(number)
        campaign = campaign_of(number)
        code = f"{CAMPAIGNS[campaign][0][:6].strip()}-{number:02} ✨".lower()
        revoked = number % 13 == 12
        rows.append(
            {
                "id": identifier("link", number),
                "officer_id": identifier("officer", officer),
                "campaign_id": identifier("campaign", campaign),
                "full_link": f"https://example.com/apply?ref={number:02}",
                "ref_code": code,
                "click_count": str(below(200)),
                "signup_count": str(below(20)),
                "created_at": f"2026-06-{1 + number % 28:02} 07:45:09.300415+00:00",
                "updated_at": f"2026-07-{1 + number % 28:02} 10:20:30.908172+00:00",
                "is_active": "false" if revoked else "true",
                "revoke_at": "2026-10-15 00:00:00+00:00" if revoked else "",
            }
        )
    moved = rows[6]
    before = {
        **moved,
        "officer_id": identifier("officer", 5),
        "updated_at": moved["created_at"],
    }
    return [*rows, before]


def link_weight(number: int, day: date) -> float:
    """Return a link's share of a day's clicks: its officer's times its campaign's.

    Outside its campaign's dates a link is still found now and then.
    """
    if number == STRAY_LINK:
        return 0
    _, start, end, share, _ = CAMPAIGNS[campaign_of(number)]
    running = start <= day.isoformat() <= (end or "9999-12-31")
    return OFFICERS[officer_of(number)][1] * share * (1 if running else 0.04)


def visitor_ip() -> str:
    """Return an address of the documentation ranges; some are shared, some IPv6, some missing."""
    block = pick(("192.0.2.", "198.51.100.", "203.0.113.", "2001:db8:", ""), (5, 5, 4, 2, 0.3))
    if block == "2001:db8:":
        return f"2001:db8:{1 + below(9):x}::{1 + below(4000):x}"
    # A campus network shows one address for many visitors.
    return f"{block}{pick((7, 1 + below(250)), (1, 4))}" if block else ""


def click(number: int, link: str, moment: datetime) -> Row:
    """Return one click row."""
    country, city, region, _ = pick(PLACES, [place[3] for place in PLACES])
    return {
        "id": identifier("click", number),
        "referral_link_id": link,
        "timestamp": stamp(moment),
        "ip": visitor_ip(),
        "user_agent": pick([text for text, _ in USER_AGENTS], [share for _, share in USER_AGENTS]),
        "geo_country": country,
        "geo_city": city,
        "geo_region": region,
        "fraud_score": f"0.{below(40):02}",
    }


def doubtful(row: Row, officer: int | None) -> Row:
    """Return a click with what is odd about it: few are a robot's, few have a high score."""
    chance = 0.12 if officer == ROBOTS_FAVOURITE else 0.03
    if DOUBTS.random() < chance:
        row = {**row, "user_agent": ROBOTS[int(DOUBTS.random() * len(ROBOTS))]}
    return {**row, "fraud_score": score(row["fraud_score"])}


def score(usual: str) -> str:
    """Return a score: the usual one, or sometimes a high one or none."""
    chance = DOUBTS.random()
    return "" if chance < 0.02 else f"{5 + int(chance * 200)}.0" if chance < 0.05 else usual


def script_visits(all_clicks: Sequence[Row]) -> list[Row]:
    """Return what happened on one evening: a script opened one link again and again."""
    link, moment = identifier("link", 15), datetime(2026, 10, 28, 19, 30, tzinfo=timezone.utc)
    rows: list[Row] = []
    for number in range(58):
        is_script = number % 5 < 3
        visit = all_clicks[number * 7]
        rows.append(
            {
                **visit,
                "id": identifier("script visit", number),
                "referral_link_id": link,
                "timestamp": stamp(moment + timedelta(seconds=31 * number)),
                "ip": "203.0.113.99" if is_script else visit["ip"],
                "user_agent": "python-requests/2.32.5" if is_script else visit["user_agent"],
                "fraud_score": "12.0" if is_script and number > 20 else visit["fraud_score"],
            }
        )
    return rows


def random_moment() -> datetime:
    """Return a moment of the period: growth over the months, strong weekdays, busy evenings."""
    days = [FIRST_DAY + timedelta(days=day) for day in range(DAYS)]
    weights = [(1 + day / DAYS) * WEEKDAY_WEIGHTS[when.weekday()] for day, when in enumerate(days)]
    day, hour = pick(days, weights), pick(range(24), HOUR_WEIGHTS)
    return datetime(day.year, day.month, day.day, hour, tzinfo=timezone.utc) + timedelta(
        microseconds=below(3_600_000_000)
    )


def clicks() -> list[Row]:
    """Return every click once, by time. Some visitors come twice within the hour."""
    link_ids = [identifier("link", number) for number in range(LINK_COUNT)]
    drawn = []
    for moment in sorted(random_moment() for _ in range(VISITS)):
        weights = [link_weight(number, moment.date()) for number in range(LINK_COUNT)]
        drawn.append((pick(link_ids, weights), moment))

    def at(text: str) -> datetime:
        return datetime.fromisoformat(f"{text}+00:00")

    # A lecture: thirty students scan one code, in one transaction.
    drawn += [(link_ids[16], at("2026-09-22 10:15:00.000000"))] * 30
    # Day edges: the first moment of a date and the last of the one before.
    for day in ("2026-08-01", "2026-08-03", "2026-09-01", "2026-10-01", "2026-10-25", "2026-10-31"):
        drawn.append((link_ids[2], at(f"{day} 00:00:00.000000")))
        drawn.append((link_ids[2], at(f"{day} 00:00:00.000000") - timedelta(microseconds=1)))
    drawn.append((link_ids[3], at("2026-10-31 23:59:59.999999")))
    # Tried out before the campaign starts; a link of an unknown officer; links that nobody knows.
    drawn += [(link_ids[4], at(f"2026-10-2{hour} 1{hour}:00:00.250000")) for hour in range(5)]
    drawn += [(link_ids[STRAY_LINK], at(f"2026-10-0{day} 08:30:00.500000")) for day in range(1, 6)]
    drawn += [(identifier("link", 900 + day), at(f"2026-09-1{day} 21:00:00")) for day in range(7)]
    rows = [click(number, link, moment) for number, (link, moment) in enumerate(drawn)]
    for number, row in enumerate(rows[:VISITS]):
        moment = datetime.fromisoformat(row["timestamp"]) + timedelta(minutes=1 + below(50))
        if RANDOM.random() < 0.12 and moment.date() <= LAST_DAY:
            again = {"id": identifier("second visit", number), "timestamp": stamp(moment)}
            rows.append({**row, **again})
    owners = {link: officer_of(number) for number, link in enumerate(link_ids)}
    return sorted(
        (doubtful(row, owners.get(row["referral_link_id"])) for row in rows),
        key=lambda row: row["timestamp"],
    )


def signups(all_clicks: Sequence[Row]) -> list[Row]:
    """Return every signup once, by time.

    It comes minutes or days after its click; how often one comes is its officer's talent.
    """
    rates = {
        identifier("link", number): OFFICERS[officer_of(number)][2] for number in range(LINK_COUNT)
    }
    end = datetime(2026, 11, 1, tzinfo=timezone.utc)
    rows: list[Row] = []
    for number, visit in enumerate(all_clicks):
        minutes = pick((3 + below(40), 60 + below(5000)), (4, 1))
        chance = DOUBTS.random()
        minutes = 0 if chance < 0.04 else minutes + 8000 if chance > 0.97 else minutes
        moment = datetime.fromisoformat(visit["timestamp"]) + timedelta(
            minutes=minutes, microseconds=below(60_000_000)
        )
        if RANDOM.random() >= rates.get(visit["referral_link_id"], 0.15) or moment >= end:
            continue
        address = f"applicant{number}@example.net"
        rows.append(
            {
                "id": identifier("signup", number),
                "click_event_id": visit["id"],
                "referral_link_id": visit["referral_link_id"],
                "timestamp": stamp(moment),
                "conversion_minutes": str(minutes),
                "fraud_score": score(f"0.{below(30):02}"),
                "user_email_hash": hashlib.sha256(address.encode()).hexdigest(),
            }
        )
    for number, row in enumerate(rows):
        if number % 60 == 7:  # the click was never exported
            row.update(click_event_id=identifier("lost click", number), conversion_minutes="")
        if number % 75 == 11:  # typed in by hand: no click, no address
            row.update(click_event_id="", conversion_minutes="", user_email_hash="")
    return sorted(rows, key=lambda row: row["timestamp"])


def monthly_parts(rows: Sequence[Row]) -> dict[str, list[Row]]:
    """Return rows by month, each with the last days of the month before sent once more.

    Of the rows that are sent again every fifth carries a later timestamp, and every twelfth an
    earlier one. Some rows are twice in their month.
    """
    parts: dict[str, list[Row]] = {}
    for number, row in enumerate(rows):
        moment = datetime.fromisoformat(row["timestamp"])
        month, next_month = moment.strftime("%Y-%m"), (moment + OVERLAP).strftime("%Y-%m")
        parts.setdefault(month, []).extend([row] * (2 if number % 50 == 49 else 1))
        if next_month == month or (moment + OVERLAP).date() > LAST_DAY:
            continue
        again = parts.setdefault(next_month, [])
        shift = 90 if len(again) % 5 == 2 else -45 if len(again) % 12 == 6 else 0
        again.append({**row, "timestamp": stamp(moment + timedelta(seconds=shift))})
    return parts


def write(path: Path, rows: Sequence[Mapping[str, str]]) -> None:
    """Write rows as a CSV file with a header; an empty field is a null."""
    path.parent.mkdir(exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def main() -> None:
    """Write the six tables beside this script."""
    write(SEEDS / "auth_service_user.csv", users())
    write(SEEDS / "auth_service_officer.csv", officers())
    write(SEEDS / "dashboard_service_campaign.csv", campaigns())
    write(SEEDS / "dashboard_service_referrallink.csv", links())
    all_clicks = clicks()
    with_script = sorted(all_clicks + script_visits(all_clicks), key=lambda row: row["timestamp"])
    for table, rows in (
        ("tracking_service_clickevent", with_script),
        ("tracking_service_signupevent", signups(all_clicks)),
    ):
        for month, part in monthly_parts(rows).items():
            write(SEEDS / table / f"{month}.csv", part)


if __name__ == "__main__":
    main()
