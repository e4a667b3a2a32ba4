"""Tabs of one spreadsheet that would have the same title."""

from __future__ import annotations

from typing import TYPE_CHECKING

from refsync.marts.chart_meta import ANY_COLUMNS
from refsync.marts.mart import TITLE_LIMIT, unusable
from refsync.worksheet.values import utf16_length

if TYPE_CHECKING:
    from collections.abc import Sequence

    from refsync.marts.mart import Mart


def refuse_duplicates(marts: Sequence[Mart]) -> None:
    """Refuse two tabs of a spreadsheet whose titles differ in case at most, as all programs do.

    Raises:
        MartError: There are two.
    """
    seen: dict[tuple[str | None, str], Mart] = {}
    for mart in marts:
        other = seen.setdefault((mart.spreadsheet, mart.worksheet.casefold()), mart)
        if other is not mart:
            raise unusable(
                mart.model, f"worksheet {mart.worksheet!r} is that of model {other.model!r} too"
            )
    dashboards: dict[str | None, Mart] = {}
    for mart in (mart for mart in marts if mart.dashboard is not None):
        other = dashboards.setdefault(mart.spreadsheet, mart)
        if other is not mart:
            raise unusable(mart.model, f"model {other.model!r} has a dashboard too")
        _, dashboard = mart.charts(ANY_COLUMNS)
        title = dashboard.title if dashboard else ""
        if (mart.spreadsheet, title.casefold()) in seen or utf16_length(title) > TITLE_LIMIT:
            raise unusable(
                mart.model,
                f"dashboard.title {title!r} is that of a worksheet, or longer than {TITLE_LIMIT} "
                "letters",
            )
