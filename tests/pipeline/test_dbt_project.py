"""The dbt project: a quiet build, a manifest worth reading, and tests that go red."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import duckdb
import pytest
import yaml
from dbt.contracts.graph.manifest import Manifest

from refsync.marts.dbt_config import load_target
from refsync.marts.profile import read_profile
from refsync.settings import Settings
from refsync_tracker.schema import TABLES
from tests.conftest import ROOT, Dbt, Run, thorough

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

UNATTRIBUTED = "warn_unattributed_events"

HEADERS = {
    "Tracker_Raw_Data": (
        "Timestamp EventType ReferralLinkID OfficerID CampaignID CampaignName UserEmailHash IP "
        "UserAgent"
    ),
    "Officer_Summary": (
        "OfficerID OfficerName TotalClicks TotalSignups ClickToSignupRate UniqueClicks "
        "SignupsLast7Days SignupsLast30Days LastSignupDate"
    ),
    "Campaign_Summary": (
        "CampaignID CampaignName StartDate EndDate TotalClicks TotalSignups ClickToSignupRate "
        "AverageSignupsPerDay UniqueClicks ActiveOfficers LastSignupDate"
    ),
    "Time_Series_Data": (
        "Date TotalClicks TotalSignups ClickToSignupRate UniqueClicks ClicksAverage7Days "
        "SignupsAverage7Days"
    ),
    "Daily_Metrics": (
        "Date ReferralLinkID ReferralCode OfficerID OfficerName CampaignID CampaignName "
        "TotalClicks TotalSignups ClickToSignupRate UniqueClicks"
    ),
    "Link_Summary": (
        "ReferralLinkID ReferralCode OfficerName CampaignName Status CreatedDate TotalClicks "
        "TotalSignups ClickToSignupRate UniqueClicks ClicksLast30Days SignupsLast30Days "
        "FirstClickDate LastClickDate LastSignupDate DaysSilent ClicksAfterEnd"
    ),
    "Officer_Trends": (
        "OfficerID OfficerName SignupsLast30Days SignupsBefore SignupsChange ClicksLast30Days "
        "ClicksBefore ClicksChange RateLast30Days RateBefore RateChange Rank RankBefore RankChange "
        "ShareOfSignups ActiveDates DaysSinceLastSignup"
    ),
    "Attention": "Severity Subject Finding Since Number Expected Rule",
    "Traffic_Quality": (
        "OfficerID OfficerName TotalClicks BotClicks BotShare RepeatClicks SuspectClicks "
        "LargestVisitorShare TotalSignups InstantSignups SuspectSignups SignupsPerHumanClick"
    ),
    "Conversion_Times": (
        "CampaignID CampaignName TotalSignups Under1Hour From1To24Hours From1To7Days Over7Days "
        "Unknown ShareUnder1Hour ShareUnder1Day"
    ),
    # Charts show these, so they are words.
    "Dashboard_Data": (
        "Row · Period · First date · Last date · Latest event · Clicks in period · "
        "Change of clicks · Signups in period · Change of signups · Rate in period · "
        "Change of rate · Date · Clicks · Clicks, 7-day average · Signups · "
        "Signups, 7-day average · Officer · Signups of officer · Campaign · "
        "Signups of campaign · Campaign by rate · Rate of campaign · Time zone · Findings shown · "
        "Mark · Finding · Since · Officer that rose · Signups after the rise · Rise · "
        "Officer that fell · Signups after the fall · Fall"
    ),
}


def test_a_build_of_the_sample_is_quiet(sample_run: Run) -> None:
    """No warning and no deprecation, except the one about unattributed events."""
    assert re.findall(r"\bWARN \d+ (\w+) \.\.", sample_run.output) == [UNATTRIBUTED]
    assert " WARN=1 ERROR=0 SKIP=0 " in sample_run.output
    other_warnings = {message for message in sample_run.warnings if UNATTRIBUTED not in message}
    assert other_warnings <= {"Got 14 results, configured to warn if != 0"}
    sentence = f"{UNATTRIBUTED}: 14 events of unknown links are not counted: export links, "
    assert sum(sentence in message for message in sample_run.warnings) == 1
    assert "deprecat" not in sample_run.output.lower()


def marts(dbt: Dbt) -> dict[str, Mapping[str, Any]]:
    """Return the nodes that are marts, by worksheet."""
    return {
        node["config"]["meta"]["worksheet"]: node
        for node in dbt.manifest["nodes"].values()
        if node["config"]["meta"].get("worksheet")
    }


def test_the_marts_are_the_worksheets(built_sample: Dbt) -> None:
    found = marts(built_sample)
    assert {title: node["name"] for title, node in found.items()} == {
        title: title.lower() for title in HEADERS
    }
    types = {title: node["config"]["meta"]["type"] for title, node in found.items()}
    metrics = ("Daily_Metrics", "Traffic_Quality", "Conversion_Times")
    others = {"Tracker_Raw_Data": "raw", **dict.fromkeys(metrics, "metrics")}
    assert types == {**dict.fromkeys(HEADERS, "daily"), **others}


@pytest.mark.parametrize("title", HEADERS)
def test_a_mart_says_what_its_worksheet_needs(built_sample: Dbt, title: str) -> None:
    node = marts(built_sample)[title]
    assert node["config"]["contract"]["enforced"]
    assert node["access"] == "public"
    assert node["description"].startswith("One row per ") or title == "Time_Series_Data"
    assert node["config"]["meta"]["order_by"]
    shown = [column for column in node["columns"].values() if "header" in column["config"]["meta"]]
    between = " · " if " · " in HEADERS[title] else None
    headers = HEADERS[title].split(between)
    assert [column["config"]["meta"]["header"] for column in shown] == headers
    formats = {column["config"]["meta"]["format"] for column in shown}
    assert formats <= {"text", "integer", "decimal", "percent", "points", "date", "timestamp"}


def test_every_model_and_column_is_described(built_sample: Dbt) -> None:
    manifest = built_sample.manifest
    models = [
        node
        for node in [*manifest["nodes"].values(), *manifest["sources"].values()]
        if node["package_name"] == "refsync" and node["resource_type"] in {"model", "source"}
    ]
    assert [node["name"] for node in models if not node["description"]] == []
    bare = [
        f"{node['name']}.{column['name']}"
        for node in models
        for column in node["columns"].values()
        if not column["description"]
    ]
    assert bare == []
    exposures = [exposure["depends_on"]["nodes"] for exposure in manifest["exposures"].values()]
    exposed = {model for models in exposures for model in models}
    assert exposed == {node["unique_id"] for node in marts(built_sample).values()}


@thorough
def test_variables_and_targets_change_nothing_that_is_parsed(dbt: Dbt, built_sample: Dbt) -> None:
    """Not even wrong ones: they are found out when a run begins, which leaves its mark then."""
    parsed = replace(dbt, target="files", parses=True)(
        "parse",
        as_of_date="tomorrow",
        reporting_timezone="Europe/Atlantis",
        raw_days=-1,
        raw_max_rows="many",
        ip_privacy="maybe",
        user_agent_privacy="maybe",
    )
    assert parsed.success, parsed.output
    assert what_was_parsed(dbt.folder) == what_was_parsed(built_sample.folder.parent)


def what_was_parsed(folder: Path) -> dict[str, Any]:
    """Return what dbt parsed, but for when and with which variables it did."""
    copy = (folder / "target" / "partial_parse.msgpack").read_bytes()
    text = json.dumps(Manifest.from_msgpack(copy).to_dict(), default=str)
    parsed: dict[str, Any] = json.loads(text, object_hook=without_times)
    assert len(parsed["nodes"]) > len(HEADERS)
    return {
        kind: found for kind, found in parsed.items() if kind not in ("metadata", "state_check")
    }


def without_times(each: dict[str, Any]) -> dict[str, Any]:
    """Return a dict of a manifest without the time at which dbt made it."""
    return {key: value for key, value in each.items() if key not in ("created_at", "parsed_at")}


def test_the_docs_can_be_made(dbt: Dbt, built_sample: Dbt) -> None:
    shutil.copy(built_sample.database, dbt.database)
    (dbt.folder / "target").mkdir()  # as a parse does
    run = dbt("docs", "generate", "--no-compile")
    assert run.success, run.output
    assert (dbt.folder / "target" / "catalog.json").is_file()


def test_a_built_database_stands_on_its_own(built_sample: Dbt) -> None:
    """Nothing in the file needs the tracker's files later."""
    with duckdb.connect(built_sample.database, read_only=True) as connection:
        names = connection.execute("select table_name from information_schema.tables").fetchall()
        for (name,) in names:
            connection.execute(f'select * from "{name}" limit 1').fetchall()
    assert len(names) > len(HEADERS)


@dataclass(frozen=True)
class Breakage:
    """A metric broken on purpose: text of a file that becomes other text, and who is to notice."""

    file: str
    text: str
    broken: str
    noticed_by: str


# A unit test sees its own model alone, so one model can be broken in each of a round.
SEEN_BY_UNIT_TESTS: Sequence[Sequence[Breakage]] = (
    (
        Breakage(
            "models/intermediate/recount/int_events_deduplicated.sql",
            "instant='occurred_at'",
            "instant='occurred_at desc'",
            "an_event_counts_once",
        ),
        Breakage(
            "models/intermediate/recount/int_parts_dated.sql",
            "where not parts.is_new",
            "where true",
            "only_new_and_changed_parts_are_dated",
        ),
        Breakage(
            "models/intermediate/recount/int_dates_to_recount.sql",
            "select event_date from other_copies",
            "select event_date from other_copies where false",
            "a_date_is_recounted_if_a_part_or_a_copy_changed",
        ),
        Breakage(
            "models/intermediate/recount/int_duplicate_id_hashes.sql",
            "having count(*) > 1",
            "having count(*) > 3",
            "an_id_seen_twice_is_a_duplicate",
        ),
        Breakage(
            "models/intermediate/recount/int_events_on_several_dates.sql",
            "where events_of_gone_parts.event_id is null",
            "where true",
            "events_on_several_dates_are_remembered",
        ),
        Breakage(
            "models/intermediate/raw_sheet/int_raw_signups.sql",
            "signups.occurred_at,",
            "signups.occurred_at desc,",
            "the_earliest_copies_of_recent_signups",
        ),
        Breakage(
            "models/intermediate/raw_sheet/int_raw_click_ids.sql",
            "clicks.clicked_at desc, clicks.click_id desc",
            "clicks.clicked_at, clicks.click_id desc",
            "the_newest_clicks_and_those_of_signups",
        ),
        Breakage(
            "models/intermediate/raw_sheet/int_raw_dates.sql",
            "and signups_since >= {{ raw_max_rows() }}",
            "and true",
            "as_many_dates_as_the_newest_events_need",
        ),
        Breakage(
            "models/intermediate/raw_sheet/int_raw_clicks.sql",
            "or on_several_dates.event_id is not null",
            "or false",
            "a_click_is_shown_as_its_earliest_copy",
        ),
        Breakage(
            "models/intermediate/recount/int_events_to_recount.sql",
            "and event_date in (",
            "and event_date not in (",
            "events_on_the_dates_to_recount",
        ),
        Breakage(
            "models/intermediate/int_links_attributed.sql",
            "inner join officers",
            "left join officers",
            "a_link_needs_a_known_officer_and_campaign",
        ),
        Breakage(
            "models/intermediate/int_link_days_counted.sql",
            "visitor('ip', 'user_agent')",
            "visitor('ip', 'ip')",
            "visitors_bots_suspects_and_bins",
        ),
        Breakage(
            "models/intermediate/int_link_days_attributed.sql",
            "<= cast(",
            "<= 1 + cast(",
            "only_attributed_events_up_to_the_as_of_date_count",
        ),
        Breakage(
            "models/marts/tracker_raw_data.sql",
            "order by occurred_at desc",
            "order by occurred_at",
            "only_the_newest_events_are_shown",
        ),
        Breakage(
            "models/intermediate/int_officers_totalled.sql",
            "days_before_as_of(6)",
            "days_before_as_of(7)",
            "an_officers_windows",
        ),
        Breakage(
            "models/intermediate/int_links_totalled.sql",
            "between 0 and 27",
            "between 0 and 26",
            "a_links_first_and_last_clicks",
        ),
        Breakage(
            "models/intermediate/int_links_rated.sql",
            "days_before_as_of(7)",
            "days_before_as_of(8)",
            "the_first_state_that_is_true_is_a_links",
        ),
        Breakage(
            "models/intermediate/attention/int_signups_compared.sql",
            "coalesce(campaigns.end_date >=",
            "coalesce(campaigns.end_date >",
            "officers_with_a_link_in_use_and_campaigns_that_run_are_compared",
        ),
        Breakage(
            "models/intermediate/attention/int_signups_watched.sql",
            "where signups_last_35_days >= 20",
            "where signups_last_35_days >= 19",
            "fewer_or_more_signups_than_chance_explains",
        ),
        Breakage(
            "models/intermediate/attention/int_tracker_watched.sql",
            "where days_silent > 1",
            "where days_silent > 3",
            "the_tracker_is_silent_from_the_second_day_on",
        ),
        Breakage(
            "models/intermediate/attention/int_links_watched.sql",
            "event_date > last_date",
            "event_date >= last_date",
            "links_with_one_visitor_late_clicks_or_none",
        ),
        Breakage(
            "models/intermediate/attention/int_campaigns_watched.sql",
            "between 1 and 7",
            "between 0 and 7",
            "a_campaign_that_ends_is_a_finding_once",
        ),
        Breakage(
            "models/marts/attention.sql",
            "abs(number - expected) desc",
            "number desc",
            "urgent_findings_come_first",
        ),
        Breakage(
            "models/marts/officer_trends.sql",
            "signups_rank_before - signups_rank",
            "signups_rank - signups_rank_before",
            "officers_of_two_periods",
        ),
        Breakage(
            "models/marts/campaign_summary.sql",
            ") }} + 1 as",
            ") }} as",
            "a_campaigns_days_and_officers",
        ),
        Breakage(
            "models/marts/time_series_data.sql",
            "days_before_as_of(89)",
            "days_before_as_of(90)",
            "ninety_dates_with_or_without_events",
        ),
        Breakage(
            "models/marts/daily_metrics.sql",
            "days_before_as_of(89)",
            "days_before_as_of(90)",
            "link_days_of_the_last_90_dates",
        ),
        Breakage(
            "models/marts/traffic_quality.sql",
            "where total_clicks >= 20",
            "where total_clicks > 20",
            "the_traffic_of_the_last_30_dates",
        ),
        Breakage(
            "models/marts/conversion_times.sql",
            "days_before_as_of(89)",
            "days_before_as_of(90)",
            "the_times_of_the_last_90_dates",
        ),
        Breakage(
            "models/intermediate/dashboard/int_bars_ranked.sql",
            "when count(*) = 1 then max(bar)",
            "when count(*) = 1 then 'Others (1)'",
            "the_ten_with_most_signups_and_the_rest",
        ),
        Breakage(
            "models/intermediate/int_periods_compared.sql",
            "(3, '7 days before', 13, 7)",
            "(3, '7 days before', 14, 7)",
            "five_periods_and_their_changes",
        ),
    ),
    (
        Breakage(
            "dbt_project/macros/instants.sql",
            "timezone('{{ reporting_timezone() }}'",
            "timezone('UTC'",
            "a_day_in_berlin_begins_before_utc",
        ),
        Breakage(
            "dbt_project/macros/traffic.sql",
            "'(?:^|[^u]|(?:^|[^c])u)bot'",
            "'bot'",
            "visitors_bots_suspects_and_bins",
        ),
        Breakage(
            "dbt_project/macros/values.sql",
            "else sha256(",
            "else (",
            "a_plain_email_is_hashed",
        ),
        Breakage(
            "models/marts/officer_summary.sql",
            "{{ rate('total_signups', 'total_clicks') }}",
            "coalesce({{ rate('total_signups', 'total_clicks') }}, 0)",
            "an_officers_rate",
        ),
        Breakage(
            "models/marts/tracker_raw_data.sql",
            "numbered.newest_first <= {{ raw_max_rows() }}",
            "numbered.newest_first < {{ raw_max_rows() }}",
            "only_the_newest_events_are_shown",
        ),
        Breakage(
            "models/marts/campaign_summary.sql",
            "where start_date <= last_date",
            "",
            "a_campaigns_days_and_officers",
        ),
    ),
)

SEEN_BY_DATA_TESTS = (
    Breakage(
        "dbt_project/macros/deduplication.sql",
        "where copy_number = 1",
        "where copy_number > 0",
        "unique_combination_tracker_raw_data_event_type__event_id",
    ),
    Breakage(
        "models/marts/officer_summary.sql",
        "{{ rate('total_signups', 'total_clicks') }}",
        "(select avg(total_signups / nullif(total_clicks, 0)) from officers)",
        "assert_rates_are_ratios_of_sums",
    ),
    Breakage(
        "models/marts/time_series_data.sql",
        "days_before_as_of(89)",
        "days_before_as_of(90)",
        "assert_time_series_is_90_dates",
    ),
    Breakage(
        "models/intermediate/attention/int_links_watched.sql",
        "sum(total_clicks) as clicks",
        "sum(total_clicks) + 1 as clicks",
        "assert_attention_reconciles",
    ),
    Breakage(
        "models/marts/campaign_summary.sql",
        "sum(unique_clicks) as unique_clicks",
        "max(unique_clicks) as unique_clicks",
        "assert_summaries_reconcile_with_history",
    ),
    Breakage(
        "models/marts/traffic_quality.sql",
        "days_before_as_of(29)",
        "days_before_as_of(30)",
        "assert_traffic_quality_reconciles",
    ),
    Breakage(
        "models/marts/conversion_times.sql",
        "sum(signups_under_1_hour)",
        "max(signups_under_1_hour)",
        "assert_conversion_times_reconcile",
    ),
)


def edits(breakages: Sequence[Breakage]) -> tuple[tuple[str, str, str], ...]:
    """Return the changes that break these metrics."""
    return tuple((each.file, each.text, each.broken) for each in breakages)


@pytest.mark.parametrize("breakages", SEEN_BY_UNIT_TESTS)
def test_a_broken_metric_turns_its_unit_test_red(
    tmp_path: Path, built_sample: Dbt, sample_run: Run, breakages: Sequence[Breakage]
) -> None:
    """It was green before, and sees another number: an error would say nothing of the metric."""
    noticed_by = {breakage.noticed_by for breakage in breakages}
    assert noticed_by <= sample_run.passed, sample_run.output
    shutil.copy(built_sample.database, tmp_path)
    red = Dbt(tmp_path, edits=edits(breakages))(
        "test", "--select", *(f"unit_test:{name}" for name in sorted(noticed_by))
    )
    assert red.failed == noticed_by, red.output
    assert not red.broken, red.output


def test_a_broken_metric_turns_a_data_test_red(
    tmp_path: Path, built_sample: Dbt, sample_run: Run
) -> None:
    noticed_by = {breakage.noticed_by for breakage in SEEN_BY_DATA_TESTS}
    assert noticed_by <= sample_run.passed, sample_run.output
    shutil.copy(built_sample.database, tmp_path)
    broken = Dbt(tmp_path, edits=edits(SEEN_BY_DATA_TESTS))
    edited = {each.file.rpartition("/")[2].removesuffix(".sql") for each in SEEN_BY_DATA_TESTS} - {
        "deduplication"
    }
    run = broken(
        *("build", "--indirect-selection", "empty", "--select", "+tracker_raw_data", "attention"),
        *sorted(edited | noticed_by),
    )
    assert run.failed == noticed_by, run.output
    assert not run.broken, run.output
    pushed = broken.push("--to", str(tmp_path / "report.xlsx"))
    assert pushed.exit_code == 1, pushed.output
    assert not (tmp_path / "report.xlsx").exists()


def test_the_sources_are_described_as_the_plugin_reads_them() -> None:
    """On Spark the description is all there is to go by."""
    text = (ROOT / "models/staging/_staging__sources.yml").read_text(encoding="utf-8")
    (source,) = yaml.safe_load(text)["sources"]
    described = {table["name"]: table for table in source["tables"] if table["name"] != "parts"}
    assert described.keys() == {table.name for table in TABLES}
    for table in TABLES:
        metas = {
            column["name"]: column.get("config", {}).get("meta", {})
            for column in described[table.name]["columns"]
        }
        assert ("_row" in metas) == (table.event_type is None)
        assert metas.keys() - {"_part", "_row", "_file", "_is_new"} == {*table.all_columns}
        assert {name for name, meta in metas.items() if "optional" in meta} == {*table.optional}
        assert {name for name, meta in metas.items() if "instant" in meta} == table.timestamps
        meta = described[table.name].get("config", {}).get("meta", {})
        assert meta.get("event_type") == table.event_type


@pytest.mark.parametrize(
    ("tracker_url", "raw_dir", "target"),
    [
        ("", "", "sample"),
        (" ", " ", "sample"),
        ("", "exports", "files"),
        ("sqlite:///{{ 1 + 1 }}.sqlite3", "exports", "tracker"),
    ],
)
def test_the_target_follows_the_variables_that_are_set(
    monkeypatch: pytest.MonkeyPatch, tracker_url: str, raw_dir: str, target: str
) -> None:
    monkeypatch.setenv("REFSYNC_TRACKER_URL", tracker_url)
    monkeypatch.setenv("REFSYNC_RAW_DIR", raw_dir)
    settings = Settings(to="a.xlsx", project_dir=ROOT, profiles_dir=ROOT)
    profile = read_profile(settings, None)
    assert profile
    assert profile.target == load_target(settings, None)[0].target_name == target
    chosen = replace(settings, target="sample")
    _, profile = load_target(chosen, None)
    assert (profile.target, profile.default_target) == ("sample", target)
