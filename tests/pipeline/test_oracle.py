"""The oracle against numbers worked out by hand."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from tests.pipeline import oracle, tracker_data
from tests.pipeline.oracle import (
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
)

if TYPE_CHECKING:
    from collections.abc import Sequence

LAST = date(2026, 3, 31)
SETTINGS = Settings(as_of_date=LAST)

EXAMPLES = hypothesis_settings().max_examples // 4
"""Trackers per test: 25, or 75 with `--hypothesis-profile thorough`."""


def click(number: int, moment: str, link: str | None = "l1", **values: str | None) -> SourceRow:
    """Return a click row; each has its own visitor unless one is given."""
    return {
        "id": f"c{number}",
        "referral_link_id": link,
        "timestamp": moment,
        "ip": f"192.0.2.{number}",
        "user_agent": "browser",
        **values,
    }


def signup(number: int, moment: str, link: str | None = "l1", **values: str | None) -> SourceRow:
    """Return a signup row."""
    return {
        "id": f"s{number}",
        "click_event_id": f"c{number}",
        "referral_link_id": link,
        "timestamp": moment,
        **values,
    }


def tracker(*events: SourceRow, **parts: list[list[SourceRow]]) -> Tracker:
    """Return a small tracker with these events; `parts` replaces whole tables.

    Officers ana (links l1, l2) and bo (link l3); campaigns k1 (l1, l3) and k2 (l2).
    """
    dates = {"start_date": "2026-03-01 00:00", "end_date": None, "updated_at": None}
    return {
        USERS: [[{"id": "u1", "full_name": "Ana"}, {"id": "u2", "full_name": "Bo"}]],
        OFFICERS: [[{"id": "ana", "user_id": "u1"}, {"id": "bo", "user_id": "u2"}]],
        CAMPAIGNS: [[{"id": "k1", "name": "One", **dates}, {"id": "k2", "name": "Two", **dates}]],
        LINKS: [
            [
                {"id": "l1", "officer_id": "ana", "campaign_id": "k1", "updated_at": None},
                {"id": "l2", "officer_id": "ana", "campaign_id": "k2", "updated_at": None},
                {"id": "l3", "officer_id": "bo", "campaign_id": "k1", "updated_at": None},
            ]
        ],
        CLICKS: [[row for row in events if (row["id"] or "").startswith("c")]],
        SIGNUPS: [[row for row in events if (row["id"] or "").startswith("s")]],
        **parts,
    }


def mart(name: str, data: Tracker, settings: Settings = SETTINGS) -> list[tuple[Any, ...]]:
    """Return one worksheet's rows."""
    return oracle.worksheets(data, settings)[name]


def wall(text: str) -> datetime:
    """Return what a clock on a wall shows: a moment without a zone."""
    return datetime.fromisoformat(text)


def column(rows: list[tuple[Any, ...]], *places: int) -> list[Any]:
    """Return some columns of rows; plain values where it is one."""
    if len(places) == 1:
        return [row[places[0]] for row in rows]
    return [tuple(row[place] for place in places) for row in rows]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-07-01 08:15:30.123456+00:00", "2026-07-01T08:15:30.123456"),
        ("2026-07-01T08:15:30.1234569Z", "2026-07-01T08:15:30.123456"),
        ("2026-07-01 08:15", "2026-07-01T08:15:00"),
        ("2026-07-01 08:15:30.5", "2026-07-01T08:15:30.500000"),
        ("2026-07-01 00:15:00+05:45", "2026-06-30T18:30:00"),
        ("2026-07-01 00:15:00-0330", "2026-07-01T03:45:00"),
        ("2026-07-01 23:15:00-03", "2026-07-02T02:15:00"),
    ],
)
def test_a_timestamp_is_read_as_utc_unless_it_names_an_offset(text: str, expected: str) -> None:
    moment = datetime.fromisoformat(expected).replace(tzinfo=timezone.utc)
    assert oracle.timestamp(text) == moment


@pytest.mark.parametrize(
    "text", ["yesterday", "epoch", "2026-02-30 00:00", "2026-07-01 08:15Z", "1"]
)
def test_anything_else_is_no_timestamp(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the text is date's own or ours
        oracle.timestamp(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A1B2C3D4E5F60718293A4B5C6D7E8F90", "a1b2c3d4-e5f6-0718-293a-4b5c6d7e8f90"),
        ("A1B2C3D4-E5F6-0718-293A-4B5C6D7E8F90", "a1b2c3d4-e5f6-0718-293a-4b5c6d7e8f90"),
        ("a1b2c3d4e5f6-0718-293a-4b5c6d7e8f90", "a1b2c3d4e5f6-0718-293a-4b5c6d7e8f90"),
        ("Link-7", "Link-7"),
        ("", None),
        (None, None),
    ],
)
def test_a_uuid_is_dashed_and_lower_case(text: str | None, expected: str | None) -> None:
    assert oracle.identifier(text) == expected


@pytest.mark.parametrize(
    ("ip", "truncated"),
    [
        ("203.0.113.77", "203.0.113.0"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1::"),
        ("2001:db8::1", "2001:db8::"),
        ("unknown", None),
        (None, None),
    ],
)
def test_an_ip_is_shown_as_far_as_privacy_allows(ip: str | None, truncated: str | None) -> None:
    data = tracker(click(1, "2026-03-31 10:00", ip=ip and f"{ip}/32"))

    def shown(privacy: IpPrivacy) -> list[str | None]:
        rows = mart("tracker_raw_data", data, replace(SETTINGS, ip_privacy=privacy))
        return column(rows, 7)

    assert shown("full") == [ip]
    assert shown("truncate") == [truncated]
    assert shown("omit") == [None]


def test_rates_are_ratios_of_sums() -> None:
    data = tracker(
        # One of one on Monday, none of three on Tuesday: 1/4, not the mean of 1 and 0.
        click(1, "2026-03-30 10:00"),
        signup(1, "2026-03-30 11:00"),
        *(click(number, "2026-03-31 10:00") for number in (2, 3, 4)),
        signup(9, "2026-03-31 12:00", "l3"),
    )
    officers = mart("officer_summary", data)
    # Two signups, no click: the rate is blank. Equal signups go by clicks.
    assert column(officers, 0, 2, 3, 4) == [("ana", 4, 1, 0.25), ("bo", 0, 1, None)]
    assert column(mart("campaign_summary", data), 0, 4, 5, 6) == [
        ("k1", 4, 2, 0.5),
        ("k2", 0, 0, None),
    ]
    assert column(mart("time_series_data", data)[-2:], 1, 2, 3) == [(1, 1, 1.0), (3, 1, 1 / 3)]


def test_unique_clicks_are_visitors_per_link_and_day() -> None:
    same: dict[str, str | None] = {"ip": "192.0.2.1", "user_agent": "browser"}
    data = tracker(
        click(1, "2026-03-30 23:59:59.999999", **same),
        click(2, "2026-03-31 00:00", **same),
        click(3, "2026-03-31 12:00", **same),
        click(4, "2026-03-31 12:00", "l2", **same),
        click(5, "2026-03-31 12:00", ip=None, user_agent=None),
        click(6, "2026-03-31 13:00", ip=None, user_agent=None),
        click(7, "2026-03-31 13:00", ip=None, user_agent="browser"),
        click(8, "2026-03-31 14:00", ip="192.0.2.1/32", user_agent="browser"),
    )
    assert column(mart("daily_metrics", data), 0, 1, 7, 10) == [
        (date(2026, 3, 30), "l1", 1, 1),
        (date(2026, 3, 31), "l1", 6, 3),
        (date(2026, 3, 31), "l2", 1, 1),
    ]
    assert column(mart("officer_summary", data), 5) == [5, 0]


def test_an_event_seen_twice_counts_once_with_its_earliest_row() -> None:
    first, later = "2026-03-30 10:00", "2026-03-31 10:00"
    parts = [
        [click(1, later), click(2, first, "l3"), click(3, first, user_agent="b")],
        [click(1, first), click(2, first, "l1"), click(3, first, user_agent="a")],
        [click(1, later), click(2, first, None), click(3, first, user_agent=None)],
    ]
    rows = mart("tracker_raw_data", tracker(**{CLICKS: parts}))
    assert column(rows, 0, 2, 8) == [
        (wall("2026-03-30 10:00"), "l1", "browser"),
        (wall("2026-03-30 10:00"), "l1", "browser"),
        (wall("2026-03-30 10:00"), "l1", "a"),
    ]
    assert sum(column(mart("time_series_data", tracker(**{CLICKS: parts})), 1)) == 3


def test_signups_that_tie_go_by_their_clicks_visitor() -> None:
    moment = "2026-03-31 10:00"
    parts = [
        [signup(1, moment, click_event_id=None, user_email_hash="a")],
        [signup(1, moment, click_event_id="c2", user_email_hash="z")],
        [signup(1, moment, click_event_id="c1", user_email_hash=None)],
    ]
    data = tracker(
        click(1, "2025-01-01 00:00", ip="192.0.2.2"),
        click(2, "2025-01-01 00:00", ip="192.0.2.1"),
        **{SIGNUPS: parts},
    )
    # Its click is long before the window, and still found.
    assert mart("tracker_raw_data", data) == [
        (
            wall("2026-03-31 10:00"),
            *("signup", "l1", "ana", "k1", "One", "z", "192.0.2.1", "browser"),
        )
    ]


def test_clicks_and_signups_are_separate_namespaces() -> None:
    data = tracker(**{CLICKS: [[click(1, "2026-03-31 10:00", id="x")]]})
    data[SIGNUPS] = [[signup(1, "2026-03-31 10:00", id="x")]]
    assert column(mart("tracker_raw_data", data), 1) == ["click", "signup"]


def test_unattributed_events_show_in_the_raw_worksheet_alone() -> None:
    data = tracker(
        click(1, "2026-03-31 10:00", "nobody's"),
        click(2, "2026-03-31 10:01", None),
        click(3, "2026-03-31 10:02", "l1"),
        signup(4, "2026-03-31 10:03", "l2"),
        click(5, "2026-03-31 10:04", "l3"),
    )
    data[OFFICERS][0].pop(0)  # ana is deleted, and l1 and l2 are unattributed
    assert column(mart("tracker_raw_data", data), 2, 3, 4, 5) == [
        ("nobody's", None, None, None),
        (None, None, None, None),
        ("l1", None, None, None),
        ("l2", None, None, None),
        ("l3", "bo", "k1", "One"),
    ]
    assert column(mart("officer_summary", data), 0, 2, 3) == [("bo", 1, 0)]
    assert column(mart("campaign_summary", data), 0, 4, 9) == [("k1", 1, 1), ("k2", 0, 0)]
    assert column(mart("daily_metrics", data), 1) == ["l3"]


def test_the_newest_dimension_row_wins() -> None:
    rows: list[list[SourceRow]] = [
        [{"id": "k1", "name": "newest", "updated_at": "2026-01-03 00:00"}],
        [
            {"id": "k1", "name": "older", "updated_at": "2026-01-02 00:00"},
            {"id": "k2", "name": "first", "updated_at": None},
            {"id": "k2", "name": "later row", "updated_at": None},
        ],
        [{"id": "k1", "name": "undated", "updated_at": None}],
    ]
    dates = {"start_date": "2026-03-01 00:00", "end_date": None}
    data = tracker(**{CAMPAIGNS: [[{**row, **dates} for row in part] for part in rows]})
    data[USERS].append([{"id": "u1", "full_name": "Ana, renamed"}])
    assert column(mart("campaign_summary", data), 1) == ["later row", "newest"]
    assert column(mart("officer_summary", data), 1) == ["Ana, renamed", "Bo"]


def test_an_officer_without_a_user_has_a_blank_name_and_sorts_last() -> None:
    data = tracker(click(1, "2026-03-31 10:00"), click(2, "2026-03-31 10:00", "l3"))
    data[USERS][0].pop(0)
    assert column(mart("officer_summary", data), 0, 1) == [("bo", "Bo"), ("ana", None)]
    assert column(mart("daily_metrics", data), 4) == ["Bo", None]


def test_windows_end_on_the_as_of_date() -> None:
    def days(*back: int) -> list[SourceRow]:
        return [signup(b, f"{LAST - timedelta(days=b)} 00:00") for b in back]

    data = tracker(*days(-1, 0, 6, 7, 29, 30, 89, 90, 400))
    officer = mart("officer_summary", data)[0]
    assert officer[3] == 8
    assert officer[6:] == (2, 4, LAST)
    series = mart("time_series_data", data)
    assert (len(series), series[0][0], series[-1][0]) == (90, LAST - timedelta(days=89), LAST)
    # The average reaches the day before the 90.
    assert series[0][2:7:4] == (1, 2 / 7)
    assert sum(column(series, 2)) == 6
    assert [(LAST - day).days for day in column(mart("daily_metrics", data), 0)] == [
        *(89, 30, 29, 7, 6, 0)
    ]
    assert [(LAST - row[0].date()).days for row in mart("tracker_raw_data", data)] == [29, 7, 6, 0]


def test_a_past_report_can_be_rebuilt() -> None:
    data = tracker(
        click(1, "2026-03-30 23:59:59.999999"),
        click(2, "2026-03-31 00:00"),
        signup(2, "2026-03-31 00:05"),
    )
    yesterday = replace(SETTINGS, as_of_date=date(2026, 3, 30))
    assert column(mart("officer_summary", data, yesterday), 0, 2, 3, 8) == [
        ("ana", 1, 0, None),
        ("bo", 0, 0, None),
    ]
    assert len(mart("tracker_raw_data", data, yesterday)) == 1


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("2026-03-22 00:00", None, 6 / 10),
        ("2026-03-22 00:00", "2026-03-24 23:59:59", 6 / 3),
        ("2026-03-22 00:00", "2027-01-01 00:00", 6 / 10),
        ("2026-03-31 23:00", None, 6 / 1),
        ("2026-04-01 00:00", None, None),
        ("2026-03-22 00:00", "2026-03-21 23:59:59", None),
        (None, None, None),
    ],
)
def test_signups_per_day_count_the_campaigns_dates(
    start: str | None, end: str | None, expected: float | None
) -> None:
    data = tracker(*(signup(number, "2026-03-31 10:00") for number in range(6)))
    data[CAMPAIGNS][0][0].update(start_date=start, end_date=end)
    rows = {row[0]: row for row in mart("campaign_summary", data)}
    assert rows["k1"][7] == expected


def test_campaigns_go_by_newest_start_then_name_then_id() -> None:
    data = tracker()
    data[CAMPAIGNS] = [
        [
            {"id": key, "name": name, "start_date": start, "end_date": None, "updated_at": None}
            for key, name, start in (
                ("no start", "A", None),
                ("old", "A", "2026-01-01 00:00"),
                ("nameless", None, "2026-02-01 00:00"),
                ("b2", "B", "2026-02-01 08:00"),
                ("b1", "B", "2026-02-01 20:00"),
                ("small", "a", "2026-02-01 00:00"),
            )
        ]
    ]
    assert column(mart("campaign_summary", data), 0) == [
        *("b1", "b2", "small", "nameless", "old", "no start")
    ]


def test_the_raw_worksheet_keeps_the_newest_rows_oldest_first() -> None:
    data = tracker(
        signup(1, "2026-03-31 10:00"),
        click(2, "2026-03-31 10:00"),
        click(1, "2026-03-31 10:00"),
        click(3, "2026-03-31 09:59:59.999999"),
    )

    def shown(limit: int, days: int = 30) -> list[str]:
        rows = mart("tracker_raw_data", data, Settings(LAST, raw_max_rows=limit, raw_days=days))
        return [f"{row[1]} {row[7]}" for row in rows]

    ordered = ["click 192.0.2.3", "click 192.0.2.1", "click 192.0.2.2", "signup 192.0.2.1"]
    assert [shown(limit) for limit in (9, 4, 3, 1, 0)] == [
        *(ordered, ordered, ordered[1:], ordered[3:], [])
    ]
    assert shown(9, days=0) == []


def test_a_plain_email_is_shown_hashed() -> None:
    data = tracker(
        signup(1, "2026-03-31 10:01", user_email=" Ana@Example.ORG "),
        signup(2, "2026-03-31 10:02", user_email="x@example.org", user_email_hash="given"),
        signup(3, "2026-03-31 10:03", user_email=None, user_email_hash=None),
    )
    assert column(mart("tracker_raw_data", data), 6) == [
        hashlib.sha256(b"ana@example.org").hexdigest(),
        "given",
        None,
    ]


# Zone, date; then moments in UTC: the last before the date, its first, its last, the next's first.
DAY_EDGES = [
    # A leap day.
    ("UTC", "2028-02-29", ("2028-02-29 00:00", "2028-03-01 00:00")),
    # The clocks go forward (a day of 23 hours) and back (25 hours).
    ("Europe/Berlin", "2026-03-29", ("2026-03-28 23:00", "2026-03-29 22:00")),
    ("Europe/Berlin", "2026-10-25", ("2026-10-24 22:00", "2026-10-25 23:00")),
    # Midnight itself was skipped: the day began at one o'clock.
    ("America/Sao_Paulo", "2018-11-04", ("2018-11-04 03:00", "2018-11-05 02:00")),
    # The day before had an hour more: 23:00 to midnight was there twice.
    ("America/Sao_Paulo", "2018-02-17", ("2018-02-17 02:00", "2018-02-18 03:00")),
    ("Asia/Kathmandu", "2026-07-01", ("2026-06-30 18:15", "2026-07-01 18:15")),
]


@pytest.mark.parametrize(("zone", "day", "edges"), DAY_EDGES)
def test_a_date_begins_and_ends_in_the_reporting_zone(
    zone: str, day: str, edges: tuple[str, str]
) -> None:
    begin, end = (datetime.fromisoformat(edge) for edge in edges)
    instant = timedelta(microseconds=1)
    moments = [begin - instant, begin, end - instant, end]
    data = tracker(*(click(number, str(moment)) for number, moment in enumerate(moments)))
    settings = Settings(date.fromisoformat(day), zone)
    assert column(mart("time_series_data", data, settings)[-2:], 1) == [1, 2]
    later = replace(settings, as_of_date=settings.as_of_date + timedelta(days=1))
    assert column(mart("time_series_data", data, later)[-3:], 1) == [1, 2, 1]


def test_raw_times_are_the_zones_wall_clock_in_the_order_of_instants() -> None:
    # 02:30 was there twice in Berlin; the first of the two is the earlier instant.
    data = tracker(click(1, "2026-10-25 01:10"), click(2, "2026-10-25 00:30"))
    settings = Settings(date(2026, 10, 25), "Europe/Berlin")
    assert column(mart("tracker_raw_data", data, settings), 0) == [
        wall("2026-10-25 02:30"),
        wall("2026-10-25 02:10"),
    ]


def test_the_dashboards_periods_bars_and_dates() -> None:
    names = ["An officer of quite a long name", None, *"CDEFGHIJKLM"]
    data = tracker(
        *(click(number, "2026-03-25 00:00") for number in range(8)),
        *(signup(number, "2026-03-31 10:00") for number in range(2)),
        *(click(number, "2026-03-24 23:59", "l3") for number in range(10, 14)),
        signup(14, "2025-01-01 00:00", "l3"),
    )
    data[USERS] = [[{"id": f"u{n}", "full_name": name} for n, name in enumerate(names, 1)]]
    data[OFFICERS][0] += [{"id": f"o{n}", "user_id": f"u{n}"} for n in range(3, 14)]
    rows = mart("dashboard_data", data)
    assert column(rows, 0) == list(range(1, 91))
    assert column(rows[:6], 1, 3, 4, 5, 6, 7, 8, 9, 10) == [
        ("All dates", LAST, LAST, 12, None, 3, None, 0.25, None),
        ("Last 7 days", LAST, LAST, 8, 1.0, 2, None, 0.25, 0.25),
        ("7 days before", date(2026, 3, 24), date(2026, 3, 24), 4, None, 0, None, 0.0, None),
        ("Last 30 days", LAST, LAST, 12, None, 2, None, 1 / 6, None),
        ("30 days before", date(2026, 3, 1), None, 0, None, 0, None, None, None),
        (None,) * 9,
    ]
    assert column(rows[:5], 2) == [
        *(None, date(2026, 3, 25), date(2026, 3, 18), date(2026, 3, 2), date(2026, 1, 31))
    ]
    assert rows[-1][11:16] == (LAST, 0, 8 / 7, 2, 2 / 7)
    # Without a name the id is shown; of thirteen officers the last three are one bar.
    assert column(rows[:12], 16, 17) == [
        *(("An officer of …long name", 2), ("bo", 1), *((name, 0) for name in "CDEFGHIJ")),
        *(("Others (3)", 0), (None, None)),
    ]
    # Of fewer than 30 clicks there is no rate.
    assert column(rows[:3], 18, 19, 20, 21) == [
        *(("One", 3, None, None), ("Two", 0, None, None), (None,) * 4)
    ]
    assert rows[2][22:] == (None,) * 11


def test_the_dashboards_lists() -> None:
    names = ["Ada", "Bo", "Cy", "Dee", "Eve"]
    data = tracker(
        *(click(number, "2026-03-25 00:00") for number in range(30)),
        *(signup(number, "2026-03-20 10:00") for number in range(3)),
        signup(3, "2026-02-10 10:00", "l3"),
    )
    data[USERS] = [[{"id": f"u{n}", "full_name": name} for n, name in enumerate(names, 1)]]
    rows = mart("dashboard_data", data, Settings(LAST, "Asia/Kathmandu"))
    assert [row[22] for row in rows[:3]] == ["Asia/Kathmandu", None, None]
    assert column(rows[:2], 20, 21) == [("One", 4 / 30), (None, None)]
    assert column(rows[:2], 27, 28, 29) == [("Ada", 3, 3), (None,) * 3]
    assert column(rows[:2], 30, 31, 32) == [("Bo", 0, -1), (None,) * 3]
    assert {row[24] for row in rows} <= {"Act", "Look", None}
    quiet = mart("dashboard_data", tracker())
    assert quiet[0][23:] == (
        *(None, None, "Nothing needs attention.", None),
        *("Nobody", None, None, "Nobody", None, None),
    )


@pytest.mark.parametrize(
    ("link", "campaign", "clicks", "status"),
    [
        ({"revoke_at": "2026-03-31 23:59:59"}, {}, (), "revoked"),
        ({"revoke_at": "2026-04-01 00:00", "is_active": "true"}, {}, (0,), "live"),
        ({"is_active": "false"}, {"end_date": "2026-03-01 00:00"}, (), "inactive"),
        ({}, {"end_date": "2026-03-30 23:59"}, (), "ended"),
        ({}, {"end_date": "2026-03-31 00:00"}, (0,), "live"),
        ({}, {"start_date": "2026-04-01 00:00"}, (), "upcoming"),
        ({}, {}, (), "never clicked"),
        ({"created_at": "2026-03-24 23:59"}, {}, (), "never clicked"),
        ({"created_at": "2026-03-25 00:00"}, {}, (), "live"),
        ({}, {}, (*[14] * 13, 41), "silent"),
        ({}, {}, (*[14] * 13, 42), "live"),
        ({}, {}, [13] * 14, "live"),
    ],
)
def test_a_link_has_the_first_status_that_holds(
    link: SourceRow, campaign: SourceRow, clicks: Sequence[int], status: str
) -> None:
    data = tracker(
        *(click(n, f"{LAST - timedelta(days=back)} 10:00") for n, back in enumerate(clicks))
    )
    data[LINKS][0][0] |= link
    data[CAMPAIGNS][0][0] |= campaign
    (row,) = (row for row in mart("link_summary", data) if row[0] == "l1")
    assert row[4] == status
    assert row[15] == (min(clicks) if clicks else None)


def test_links_that_ask_for_a_look_come_first() -> None:
    data = tracker(
        click(1, "2026-03-01 10:00", "l3"),
        click(2, "2026-03-02 10:00", "l3"),
        signup(2, "2026-03-03 10:00", "l3"),
        click(3, "2026-03-21 10:00", "l3"),
        click(4, "2026-03-31 10:00"),
    )
    data[LINKS][0][2].update(ref_code="bo", revoke_at="2026-03-20 10:00")
    data[CAMPAIGNS][0][0]["end_date"] = "2026-03-02 00:00"
    first, last = date(2026, 3, 1), date(2026, 3, 21)
    assert mart("link_summary", data) == [
        ("l2", None, "Ana", "Two", "never clicked", None, *(0, 0, None, 0, 0, 0), *[None] * 4, 0),
        ("l1", None, "Ana", "One", "ended", None, *(1, 0, 0.0, 1, 1, 0), LAST, LAST, None, 0, 1),
        (
            *("l3", "bo", "Bo", "One", "revoked", None, 3, 1, 1 / 3, 3, 2, 1, first, last),
            *(date(2026, 3, 3), 10, 1),
        ),
    ]


def test_officers_of_the_last_30_dates_and_the_30_before() -> None:
    data = tracker(
        *(click(number, "2026-03-02 00:00") for number in range(4)),
        signup(1, "2026-03-02 00:00"),
        signup(2, "2026-03-29 12:00"),
        signup(3, "2026-03-29 13:00", "l2"),
        *(click(number, "2026-03-01 23:59") for number in range(10, 18)),
        signup(10, "2026-03-01 23:59"),
        signup(11, "2026-01-31 00:00"),
        signup(12, "2026-01-30 23:59"),
        *(signup(number, "2026-02-01 10:00", "l3") for number in range(20, 24)),
    )
    assert mart("officer_trends", data) == [
        ("ana", "Ana", 3, 2, 0.5, 4, 8, -0.5, 0.75, 0.25, 0.5, 1, 2, 1, 1.0, 2, 2),
        ("bo", "Bo", 0, 4, -1.0, 0, 0, None, None, None, None, None, 1, None, 0.0, 0, 58),
    ]
    tied = tracker(*(signup(n, "2026-03-31 10:00", link) for n, link in enumerate(("l1", "l3"))))
    assert column(mart("officer_trends", tied), 0, 11, 14) == [("ana", 1, 0.5), ("bo", 1, 0.5)]
    assert column(mart("officer_trends", tracker()), 11, 14, 16) == [(None, None, None)] * 2


def test_copies_alike_in_all_else_go_by_score_then_minutes() -> None:
    same = {"ip": "192.0.2.1"}
    moment = "2026-03-31 10:00"
    data = tracker(
        *(click(1, moment, **same, fraud_score=score) for score in (None, "10", "9")),
        *(click(2, moment, ip="192.0.2.2", fraud_score=score) for score in ("8", None)),
        *(
            signup(1, moment, fraud_score=score, conversion_minutes=minutes)
            for score, minutes in (("1", None), ("1", "60"), ("1", "7"), ("2", "0"))
        ),
    )
    (day,) = oracle.link_days(oracle.Source(data, replace(SETTINGS, fraud_threshold=8.5)))
    assert day[2:] == (2, 1, 2, 0, 1, 0, 1, 0, 1, 0, 0, 0, 0)


@pytest.mark.parametrize(
    ("user_agent", "expected"),
    [
        *((text, True) for text in (None, "", " \t", "Googlebot/2.1", "a CURL/8", "Cubot bot")),
        *((text, False) for text in ("Firefox", "CUBOT X30", "curling", "Slur", "bo t")),
        ("ubot", True),
        ("bcubotot", False),
    ],
)
def test_a_bot_is_known_by_its_words(user_agent: str | None, expected: bool) -> None:  # noqa: FBT001
    assert oracle.is_bot(user_agent) is expected


def test_the_traffic_of_an_officer_and_the_times_of_a_campaign() -> None:
    march = [f"2026-03-31 10:{minute:02}" for minute in range(20)]
    data = tracker(
        *(click(n, moment, ip=f"192.0.2.{n % 4}") for n, moment in enumerate(march)),
        click(20, "2026-03-30 10:00", "l2", user_agent="bot", fraud_score="8"),
        click(21, "2026-01-01 10:00", "l2", user_agent="bot"),
        *(
            signup(n, "2026-03-31 12:00", conversion_minutes=minutes, fraud_score="7.5")
            for n, minutes in enumerate(("0", "59", "60", "1440", "10080", "-1", None))
        ),
    )
    ana, bo = mart("traffic_quality", data)
    assert ana[2:] == (21, 1, 1 / 21, 16, 1, 0.25, 7, 1, 7, 7 / 20)
    assert bo[2:] == (0, 0, None, 0, 0, None, 0, 0, 0, None)
    one, two = mart("conversion_times", data)
    assert one == ("k1", "One", 7, 2, 1, 1, 1, 2, 2 / 5, 3 / 5)
    assert two == ("k2", "Two", 0, 0, 0, 0, 0, 0, None, None)


def test_no_events_at_all() -> None:
    sheets = oracle.worksheets(tracker(), SETTINGS)
    assert {name: len(rows) for name, rows in sheets.items()} == {
        "tracker_raw_data": 0,
        "officer_summary": 2,
        "campaign_summary": 2,
        "time_series_data": 90,
        "link_summary": 3,
        "officer_trends": 2,
        "attention": 0,
        "daily_metrics": 0,
        "dashboard_data": 90,
        "traffic_quality": 2,
        "conversion_times": 2,
    }
    assert set(column(sheets["time_series_data"], 1, 2, 3, 4, 5, 6)) == {(0, 0, None, 0, 0.0, 0.0)}


@hypothesis_settings(max_examples=EXAMPLES)
@given(tracker_data.shapes())
def test_totals_reconcile(shape: tracker_data.Shape) -> None:
    """Officers = campaigns = the whole daily history; its last 90 dates = both daily worksheets."""
    data, settings = tracker_data.rows(tracker_data.make(shape)), shape.settings
    sheets = oracle.worksheets(data, settings)

    def totals(rows: list[tuple[Any, ...]], *places: int) -> tuple[int, ...]:
        return tuple(sum(row[place] for row in rows) for place in places)

    history = oracle.daily_history(oracle.Source(data, settings))
    assert totals(sheets["officer_summary"], 2, 3, 5) == totals(history, 7, 8, 10)
    assert totals(sheets["campaign_summary"], 4, 5, 8) == totals(history, 7, 8, 10)
    assert totals(sheets["link_summary"], 6, 7, 9) == totals(history, 7, 8, 10)
    recent = totals([row for row in history if (settings.as_of_date - row[0]).days < 90], 7, 8, 10)
    assert totals(sheets["daily_metrics"], 7, 8, 10) == recent
    assert totals(sheets["time_series_data"], 1, 2, 4) == recent
    month, traffic = sheets["time_series_data"][-30:], sheets["traffic_quality"]
    assert totals(traffic, 2, 8) == totals(month, 1, 2)
    assert totals(traffic, 5) == (sum(row[1] - row[4] for row in month),)
    assert all(row[3] <= row[2] for row in traffic)
    times = sheets["conversion_times"]
    assert totals(times, 2) == totals(sheets["time_series_data"], 2)
    assert all(sum(row[3:8]) == row[2] for row in times)


@hypothesis_settings(max_examples=EXAMPLES)
@given(tracker_data.shapes(), st.randoms(use_true_random=False))
def test_the_order_in_which_events_arrive_does_not_matter(
    shape: tracker_data.Shape, random: Any
) -> None:
    data = tracker_data.rows(tracker_data.make(shape))
    expected = oracle.worksheets(data, shape.settings)
    for table in (CLICKS, SIGNUPS):
        everything = [row for part in data[table] for row in part]
        random.shuffle(everything)
        cut = random.randint(0, len(everything))
        data[table] = [everything[:cut], everything[cut:], everything[: cut // 2]]
    assert oracle.worksheets(data, shape.settings) == expected
    assert set(data) == set(TABLES)
