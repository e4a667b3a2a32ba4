"""The JSON that each host of webhooks takes, and how a text is only text there.

Sources: docs.slack.dev/messaging/formatting-message-text, developers.google.com/workspace/chat/
format-messages, docs.discord.com/developers/resources/webhook, and learn.microsoft.com/
microsoftteams/platform/webhooks-and-connectors.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from refsync.notify.message import text_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from refsync.notify.message import Message

_UNSEEN = "\u200b"
"""A space without a width. Behind an @ or within an address, it leaves no mention and no link."""

_LOOKALIKES = str.maketrans(
    {
        "*": "\u2217",
        "~": "\u223c",
        "`": "'",
        "|": "\u2758",
        "<": "\u2039",
        ">": "\u203a",
        "[": "\uff3b",
        "]": "\uff3d",
        "\\": "\uff3c",
    }
)
"""Signs that format a text, and signs that look like them. Not every host lets them be escaped."""

_EDGE_UNDERSCORE = re.compile(r"(?<![^\W_])_|_(?![^\W_])")
"""An underscore within a word, as in a reference code, formats nothing."""


def plain(text: str) -> str:
    r"""Return a text that mentions nobody, links nowhere and has no format, in any usual markup.

    >>> ascii(plain("*Ada*, ref_code"))
    "'\\u2217Ada\\u2217, ref_code'"
    """
    return _unlinked(_EDGE_UNDERSCORE.sub("\u02cd", text.translate(_LOOKALIKES)))


def plain_in_slack(text: str) -> str:
    """Return a text that is only text in Slack, which has escapes for its control characters.

    >>> plain_in_slack("<!channel> & Co")
    '&lt;!channel&gt; &amp; Co'
    """
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return plain(escaped)


def _unlinked(text: str) -> str:
    text = text.replace("@", f"@{_UNSEEN}").replace("://", f":{_UNSEEN}//")
    return re.sub(r"(?i)\b(www|mailto|tel)([.:])", rf"\1{_UNSEEN}\2", text)


def _slack(message: Message) -> dict[str, Any]:
    text = text_of(message, escape=plain_in_slack, limit=4_000)
    return {"text": text, "mrkdwn": False, "unfurl_links": False, "unfurl_media": False}


def _google_chat(message: Message) -> dict[str, Any]:
    return {"text": text_of(message, escape=plain, limit=4_000, size=_bytes)}


def _discord(message: Message) -> dict[str, Any]:
    text = text_of(message, escape=plain, limit=2_000)
    suppress_embeds = 1 << 2
    return {"content": text, "allowed_mentions": {"parse": []}, "flags": suppress_embeds}


def _teams(message: Message) -> dict[str, Any]:
    """Return an Adaptive Card, which workflows take and the older connectors too."""
    text = text_of(message, escape=plain, limit=16_000, size=_json_bytes, has_link=False)
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": [
            {"type": "TextBlock", "text": line, "wrap": True, "spacing": "Small"}
            for line in text.split("\n")
        ],
    }
    if message.link.startswith("https://"):
        card["actions"] = [
            {"type": "Action.OpenUrl", "title": "Open the worksheets", "url": message.link}
        ]
    content_type = "application/vnd.microsoft.card.adaptive"
    attachment = {"contentType": content_type, "contentUrl": None, "content": card}
    return {"type": "message", "attachments": [attachment]}


def _other(message: Message) -> dict[str, Any]:
    return {"text": text_of(message, escape=plain, limit=16_000)}


def _bytes(text: str) -> int:
    return len(text.encode(errors="replace"))


def _json_bytes(text: str) -> int:
    return len(json.dumps(text))


@dataclass(frozen=True)
class Host:
    """A kind of host.

    Attributes:
        name: Its name; empty for one that is not known.
        payload: Returns the JSON of a message.
        domains: The names of its hosts; one that begins with a dot is the end of a name.
    """

    name: str
    payload: Callable[[Message], dict[str, Any]]
    domains: tuple[str, ...] = ()


_HOSTS = (
    Host("Slack", _slack, ("hooks.slack.com", "hooks.slack-gov.com")),
    Host("Google Chat", _google_chat, ("chat.googleapis.com",)),
    Host(
        "Discord",
        _discord,
        ("discord.com", "discordapp.com", ".discord.com", ".discordapp.com"),
    ),
    Host(
        "Microsoft Teams",
        _teams,
        (
            *("outlook.office.com", "outlook.office365.com", ".webhook.office.com"),
            *(".logic.azure.com", ".logic.azure.us", ".api.powerplatform.com"),
            *(".powerautomate.com", ".flow.microsoft.com"),
        ),
    ),
)
_OTHER = Host("", _other)


def host_of(url: str) -> Host | None:
    """Return the kind of host of a webhook's URL; `None` if it is no URL that can be posted to."""
    try:
        parts = urlsplit(url)
        name, _ = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or not name or re.search(r"[\s\x00-\x1f]", url):
        return None
    if name.endswith(("discord.com", "discordapp.com")) and parts.path.endswith("/slack"):
        # Discord takes Slack's shape at such an address.
        return _HOSTS[0] if _is_one_of(name, _HOSTS[2].domains) else _OTHER
    return next((each for each in _HOSTS if _is_one_of(name, each.domains)), _OTHER)


def _is_one_of(name: str, domains: tuple[str, ...]) -> bool:
    return any(name.endswith(each) if each[0] == "." else name == each for each in domains)
