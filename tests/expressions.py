"""The expressions of GitHub's workflows, `${{ … }}`, as far as a workflow of ours uses them.

https://docs.github.com/en/actions/reference/workflows-and-actions/expressions
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<number>\d+)|(?P<operator>==|!=|&&|\|\||[!(),.])"
    r"|(?P<name>[A-Za-z_][\w-]*))"
)


def interpolate(
    text: str, contexts: Mapping[str, Any], functions: Mapping[str, Callable[..., Any]]
) -> str:
    """Return a text with its expressions filled in."""
    return re.sub(
        r"\$\{\{(.*?)\}\}", lambda found: shown(evaluate(found[1], contexts, functions)), text
    )


def shown(value: Any) -> str:
    """Return a value as it is filled in: nothing for null."""
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def evaluate(
    text: str, contexts: Mapping[str, Any], functions: Mapping[str, Callable[..., Any]]
) -> Any:
    """Return what an expression gives.

    Raises:
        ValueError: It is none, or names what a workflow of ours has no use for.
    """
    return _Parser(_tokens(text), contexts, functions).whole()


def _tokens(text: str) -> list[tuple[str, str]]:
    tokens, position = [], 0
    text = text.strip()
    while position < len(text):
        found = _TOKEN.match(text, position)
        if not found:
            raise ValueError(f"Not understood: {text[position:]}")
        tokens.append((found.lastgroup or "", found[found.lastgroup or 0]))
        position = found.end()
    return [*tokens, ("end", "")]


class _Parser:
    def __init__(
        self,
        tokens: list[tuple[str, str]],
        contexts: Mapping[str, Any],
        functions: Mapping[str, Callable[..., Any]],
    ) -> None:
        self.tokens, self.contexts, self.functions = tokens, contexts, functions

    def takes(self, *operators: str) -> str:
        kind, token = self.tokens[0]
        if kind == "operator" and token in operators:
            self.tokens.pop(0)
            return token
        return ""

    def whole(self) -> Any:
        value = self.either()
        if self.tokens != [("end", "")]:
            raise ValueError(f"Not understood: {self.tokens}")
        return value

    def either(self) -> Any:
        value = self.both()
        while self.takes("||"):
            other = self.both()
            value = value or other
        return value

    def both(self) -> Any:
        value = self.compared()
        while self.takes("&&"):
            other = self.compared()
            value = value and other
        return value

    def compared(self) -> Any:
        value = self.negated()
        while operator := self.takes("==", "!="):
            value = _is_equal(value, self.negated()) == (operator == "==")
        return value

    def negated(self) -> Any:
        return not self.negated() if self.takes("!") else self.single()

    def single(self) -> Any:
        if self.takes("("):
            value = self.either()
            assert self.takes(")")
            return value
        kind, token = self.tokens.pop(0)
        if kind == "text":
            return token[1:-1].replace("''", "'")
        if kind == "number":
            return int(token)
        if kind != "name":
            raise ValueError(f"Not understood: {token}")
        if token in {"true", "false", "null"}:
            return {"true": True, "false": False, "null": None}[token]
        return self.called(token) if self.takes("(") else self.looked_up(token)

    def called(self, name: str) -> Any:
        arguments = []
        while not self.takes(")"):
            arguments.append(self.either())
            self.takes(",")
        return self.functions[name](*arguments)

    def looked_up(self, name: str) -> Any:
        value = self.contexts[name]
        while self.takes("."):
            key = self.tokens.pop(0)[1]
            value = value.get(key) if isinstance(value, dict) else None
        return value


def _is_equal(one: Any, other: Any) -> bool:
    """Whether two values are equal to GitHub: texts in any case, null and '' as the number 0."""
    if isinstance(one, str) and isinstance(other, str):
        return one.lower() == other.lower()
    if type(one) is type(other):
        return bool(one == other)
    return _number(one) == _number(other)


def _number(value: Any) -> float:
    try:
        return float(value or 0)
    except (TypeError, ValueError):
        return float("nan")
