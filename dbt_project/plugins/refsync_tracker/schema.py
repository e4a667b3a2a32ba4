"""The tracker's tables, and the columns of them that refsync reads."""

from __future__ import annotations

from dataclasses import dataclass


class InputError(Exception):
    """The tracker's tables cannot be read; the text is one sentence that names the place."""


@dataclass(frozen=True)
class TrackerTable:
    """One table of the tracker.

    Attributes:
        name: The table's name in the tracker's database.
        columns: The columns that must be there.
        optional: The columns that are read where they exist, and are null elsewhere.
        timestamps: Those of either that hold instants; all others are read as text.
        is_event: Whether it holds events, which are many, or what describes them, which is little.
    """

    name: str
    columns: tuple[str, ...]
    optional: tuple[str, ...] = ()
    timestamps: frozenset[str] = frozenset()
    is_event: bool = False

    @property
    def all_columns(self) -> tuple[str, ...]:
        """Every column that a reader of the catalog `tracker` finds, whatever the source has."""
        return self.columns + self.optional


TABLES = (
    TrackerTable(
        "auth_service_user",
        columns=("id", "full_name"),
        optional=("updated_at",),
        timestamps=frozenset({"updated_at"}),
    ),
    TrackerTable(
        "auth_service_officer",
        columns=("id", "user_id"),
        optional=("updated_at",),
        timestamps=frozenset({"updated_at"}),
    ),
    TrackerTable(
        "dashboard_service_campaign",
        columns=("id", "name", "start_date", "end_date", "updated_at"),
        timestamps=frozenset({"start_date", "end_date", "updated_at"}),
    ),
    TrackerTable(
        "dashboard_service_referrallink",
        columns=("id", "officer_id", "campaign_id", "updated_at"),
        timestamps=frozenset({"updated_at"}),
    ),
    TrackerTable(
        "tracking_service_clickevent",
        columns=("id", "referral_link_id", "timestamp", "ip", "user_agent"),
        timestamps=frozenset({"timestamp"}),
        is_event=True,
    ),
    TrackerTable(
        "tracking_service_signupevent",
        columns=("id", "click_event_id", "referral_link_id", "timestamp"),
        optional=("user_email_hash", "user_email"),
        timestamps=frozenset({"timestamp"}),
        is_event=True,
    ),
)
