"""Each host's JSON, in which a name is only a name."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from refsync.notify.hosts import host_of
from refsync.notify.message import Line, Message

URLS = {
    "Slack": "https://hooks.slack.com/services/T0/B0/x",
    "Google Chat": "https://chat.googleapis.com/v1/spaces/A/messages?key=k&token=t",
    "Discord": "https://discord.com/api/webhooks/1/x",
    "Microsoft Teams": "https://prod-1.westeurope.logic.azure.com:443/workflows/a/triggers/manual",
    "": "https://chat.example.org/hooks/x",
}

NAMES = [
    "<!channel>",
    "<@U123|Ada>",
    "<users/all>",
    "@everyone",
    "@here",
    "*bold*",
    "**bold**",
    "_italic_",
    "__init__",
    "~struck~",
    "`code`",
    "```block```",
    "||spoiler||",
    "[click](https://evil.example)",
    "<https://evil.example|click>",
    "https://evil.example/a",
    "www.evil.example",
    "mailto:a@b.example",
    "a\nb\r\n# c\u2028d\te",
    "red \x1b[31m \u202eevil",
]

FORBIDDEN = re.compile(
    r"<[!@#a-z]|<https?:|@(?:everyone|here|U123|b\.)|\*|~|`|\|\||\]\(|evil://|https://evil|www\.evil"
    r"|mailto:a|(?<![^\W_])_|_(?![^\W_])|[\x00-\x09\x0b-\x1f\u2028\u202e]"
)


def texts_in(payload: dict[str, Any]) -> list[str]:
    """Return the lines that a reader sees."""
    if "attachments" in payload:
        (attachment,) = payload["attachments"]
        assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
        return [block["text"] for block in attachment["content"]["body"]]
    return str(payload.get("content") or payload["text"]).split("\n")


@pytest.mark.parametrize("host", URLS)
def test_the_shape_of_each_host(host: str) -> None:
    found = host_of(URLS[host])
    assert found is not None
    assert found.name == host
    message = Message(
        "refsync wrote 1 of 2 worksheets.",
        (Line("Officer_Summary", "Ada Ọkọ: 41 → 44 signups"), Line("Attention", "Act now.")),
        12,
        "https://docs.google.com/spreadsheets/d/a_b-c",
    )
    payload = found.payload(message)
    expected = [
        "refsync wrote 1 of 2 worksheets.",
        "Officer_Summary",
        "• Ada Ọkọ: 41 → 44 signups",
        "Attention",
        "• Act now.",
        "and 12 more",
    ]
    assert texts_in(payload)[:6] == expected
    assert "https://docs.google.com/spreadsheets/d/a_b-c" in json.dumps(payload)
    if host == "Discord":
        assert payload["allowed_mentions"] == {"parse": []}
    if host == "Slack":
        assert payload["mrkdwn"] is False


@pytest.mark.parametrize("host", URLS)
def test_a_name_pings_nobody_and_formats_nothing(host: str) -> None:
    for name in NAMES:
        check(host, name)


def check(host: str, name: str) -> None:
    found = host_of(URLS[host])
    assert found is not None
    lines = (Line("Officer_Summary", f"{name}: 41 → 44 signups"), Line(name, "Act."))
    said = texts_in(found.payload(Message(f"refsync failed: {name}", lines)))
    assert len(said) == 5
    assert [text for text in said if FORBIDDEN.search(text)] == []
    assert sum("41 → 44 signups" in text for text in said) == 1


@pytest.mark.parametrize("host", URLS)
def test_an_ordinary_name_stays_as_it_is(host: str) -> None:
    found = host_of(URLS[host])
    assert found is not None
    name = "ref_code_7 & Söhne, Nguyễn Thị Hoa, 🎓 Amara, O'Neill"
    (said,) = texts_in(found.payload(Message(name)))
    assert said == (name.replace("&", "&amp;") if host == "Slack" else name)


@pytest.mark.parametrize(
    ("host", "limit", "measure"),
    [
        ("Slack", 4_000, len),
        ("Google Chat", 4_096, lambda text: len(text.encode())),
        ("Discord", 2_000, lambda text: len(text.encode("utf-16-le")) // 2),
        ("Microsoft Teams", 28_000, lambda text: len(text.encode())),
        ("", 16_000, len),
    ],
)
def test_no_message_is_longer_than_its_host_takes(host: str, limit: int, measure: Any) -> None:
    found = host_of(URLS[host])
    assert found is not None
    for sign in ("a", "<", "&", "🎓", "@", "\u0ca0"):
        lines = tuple(Line(f"Sheet {n}", f"{n}: {sign * 5_000}") for n in range(10))
        for headline in ("Headline.", "Headline. " + sign * 9_000):
            payload = found.payload(Message(headline, lines, 5))
            said = "\n".join(texts_in(payload))
            assert said.startswith("Headline.")
            assert measure(json.dumps(payload) if host == "Microsoft Teams" else said) <= limit
        said = "\n".join(texts_in(found.payload(Message("Headline.", lines, 5))))
        assert (shown := said.count("•")) > 0
        assert f"and {15 - shown} more" in said


HOSTS = [
    ("https://HOOKS.SLACK.COM./services/x", "Slack"),
    ("https://hooks.slack-gov.com/services/x", "Slack"),
    ("https://discord.com/api/webhooks/1/x/slack", "Slack"),
    ("https://ptb.discord.com/api/webhooks/1/x", "Discord"),
    ("https://firm.webhook.office.com/webhookb2/x", "Microsoft Teams"),
    ("https://default1.environment.api.powerplatform.com:443/x", "Microsoft Teams"),
    ("https://hooks.slack.com.evil.example/x", ""),
    ("https://evil.example/hooks.slack.com", ""),
    ("https://hooks.slack.com@evil.example/x", ""),
    ("https://evildiscord.com/api/webhooks/1/x/slack", ""),
    ("https://notlogic.azure.com/", ""),
    ("http://127.0.0.1:8080/x", ""),
    ("hooks.slack.com/services/x", None),
    ("ftp://hooks.slack.com/x", None),
    ("file:///etc/passwd", None),
    ("https://", None),
    ("https://[::1", None),
    ("https://a:b:c/", None),
    ("https://hooks.slack.com/a b", None),
    ("", None),
]


def test_the_host_decides() -> None:
    for url, name in HOSTS:
        found = host_of(url)
        assert (found.name if found else None) == name, url
