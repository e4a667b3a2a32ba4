"""A message, before it has the shape that a host takes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from refsync.errors import printable
from refsync.secret_values import strike
from refsync.worksheet.values import utf16_length

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_LINES = 10
"""Lines about rows; the others are counted."""

MAX_LINE = 300
"""Characters of a line."""

_LINK = re.compile(r"https://[\w.-]+/[\w./-]*", re.ASCII)


@dataclass(frozen=True)
class Line:
    """One line about a row of a worksheet.

    Attributes:
        worksheet: The worksheet's title.
        words: The line itself.
    """

    worksheet: str
    words: str


@dataclass(frozen=True)
class Message:
    """A message, in texts that are not escaped yet.

    Attributes:
        headline: The first line.
        lines: The lines about rows, those of one worksheet together.
        more: How many lines are left out.
        link: The address of the worksheets, if they have one.
    """

    headline: str
    lines: tuple[Line, ...] = ()
    more: int = 0
    link: str = ""


def text_of(
    message: Message,
    *,
    escape: Callable[[str], str],
    limit: int,
    size: Callable[[str], int] = utf16_length,
    has_link: bool = True,
) -> str:
    """Return a message as one text that is not longer than the limit.

    Lines that do not fit are left out and counted.

    Args:
        message: The message.
        escape: Makes plain text of a text, in the host's markup.
        limit: The largest size of the text.
        size: How the host measures a text.
        has_link: Whether the address is part of the text.
    """
    headline = one_line(message.headline, MAX_LINE * 4)
    titles = [escape(one_line(line.worksheet)) for line in message.lines]
    lines = [f"• {escape(one_line(line.words))}" for line in message.lines]
    ending = [message.link] if has_link and _LINK.fullmatch(message.link) else []
    for count in range(len(lines), -1, -1):
        texts = [escape(headline)]
        for at in range(count):
            if at == 0 or titles[at] != titles[at - 1]:
                texts.append(titles[at])
            texts.append(lines[at])
        if more := message.more + len(lines) - count:
            texts.append(f"and {more:,} more")
        text = "\n".join(texts + ending)
        if size(text) <= limit:
            return text
    # A sign can become several, and can have four bytes.
    while size(escape(headline)) > limit:
        headline = headline[: len(headline) * 9 // 10]
    return escape(headline)


def one_line(text: str, limit: int = MAX_LINE) -> str:
    r"""Return a text on one line, without secrets and control characters; of a long one the start.

    >>> one_line("a\nb"), one_line("abcd", 3)
    ('a b', 'ab…')
    """
    text = printable(" ".join(strike(text).split()))
    return text if len(text) <= limit else f"{text[: limit - 1]}…"
