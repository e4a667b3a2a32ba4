"""Which of the marts a push is about: `--type` and `--select`."""

from __future__ import annotations

from difflib import get_close_matches
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from refsync.errors import ConfigError
from refsync.settings import EVERY_TYPE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from refsync.marts.manifest import Manifest
    from refsync.marts.mart import Mart

METHODS = ("tag", "path", "fqn", "group", "package", "resource_type")
"""dbt's methods of selection that need no more than a mart's own node."""


def select_marts(manifest: Manifest, *, type_choice: str, names: Sequence[str]) -> tuple[Mart, ...]:
    """Return the marts of a group that one of the names or selectors finds.

    A name is that of a model or a worksheet, in any case; `customers.v1` is a version of a model. A
    selector is one of dbt's, such as `tag:sheets` or `path:models/finance`; `*` is any text.

    Raises:
        ConfigError: A name or selector finds nothing, its mart is of another group, or there is
            none of the group.
    """
    of_type = [mart for mart in manifest.marts if _is_of(mart, type_choice)]
    if not of_type:
        groups = ", ".join(sorted({mart.type for mart in manifest.marts}))
        raise ConfigError(
            f"No worksheet is of type {type_choice}: choose another --type; there are {groups}."
        )
    if not names:
        return tuple(of_type)
    chosen: set[str] = set()
    for name in names:
        found = [mart for mart in manifest.marts if _finds(name, mart)] or [
            mart for mart in manifest.older if mart.model.casefold() == name.casefold()
        ]
        if not found:
            raise ConfigError(_unknown(name, manifest.marts))
        fitting = [mart for mart in found if _is_of(mart, type_choice)]
        if not fitting:
            raise ConfigError(
                f"{found[0].worksheet} is of type {found[0].type}, not {type_choice}: "
                "leave out --type or --select."
            )
        chosen |= {mart.unique_id for mart in fitting}
    candidates = sorted(
        [*manifest.marts, *manifest.older], key=lambda mart: (mart.position, mart.worksheet)
    )
    return tuple(mart for mart in candidates if mart.unique_id in chosen)


def _is_of(mart: Mart, type_choice: str) -> bool:
    return type_choice.casefold() in (EVERY_TYPE, mart.type.casefold())


def _finds(name: str, mart: Mart) -> bool:
    method, colon, value = name.partition(":")
    if colon and method in METHODS:
        pattern = f"{method}:{value.rstrip('/').removeprefix('./')}"
        return any(fnmatchcase(selector, pattern) for selector in mart.selectors)
    names = {mart.model.casefold(), mart.worksheet.casefold()}
    if mart.is_latest:
        names.add(mart.bare_name.casefold())
    return name.casefold() in names


def _unknown(name: str, marts: Sequence[Mart]) -> str:
    """Return the sentence about a name that no mart bears, with the nearest one if it is near."""
    method, colon, _ = name.partition(":")
    titles = ", ".join(mart.worksheet for mart in marts)
    if colon and method in METHODS:
        return f"The selector {name!r} finds no worksheet. There are {titles}."
    known = {title.casefold(): title for mart in marts for title in (mart.model, mart.worksheet)}
    near = get_close_matches(name.casefold(), known, n=1)
    guess = f"; did you mean {known[near[0]]}?" if near else "."
    if (colon and method.isidentifier()) or name.strip("+@") != name:
        methods = ", ".join(f"{each}:" for each in METHODS)
        guess += f" Of dbt's selectors refsync has {methods} (and * in their values)."
    return f"There is no worksheet or model {name!r}{guess} There are {titles}."
