"""The worksheet of raw events."""

from __future__ import annotations

from ipaddress import IPv4Address, ip_address, ip_network
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.pipeline.oracle.source import Source
    from tests.pipeline.oracle.tables import IpPrivacy, Row


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
