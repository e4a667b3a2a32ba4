"""Which of the marts a push is about: `--type` and `--select`."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from refsync.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from refsync.marts.manifest import Mart
    from refsync.settings import TypeChoice


def select_marts(
    marts: Sequence[Mart], *, type_choice: TypeChoice, names: Sequence[str]
) -> tuple[Mart, ...]:
    """Return the marts of the type that bear one of the names, of model or worksheet, in any case.

    Raises:
        ConfigError: A name is unknown, its mart is of another type, or there is none of the type.
    """
    of_type = tuple(mart for mart in marts if type_choice in ("all", mart.type))
    if not of_type:
        raise ConfigError(f"No worksheet is of type {type_choice}: choose another --type.")
    for name in names:
        named = [mart for mart in marts if _bears(mart, name)]
        if not named:
            raise ConfigError(_unknown(name, marts))
        if not set(named) & set(of_type):
            raise ConfigError(
                f"{named[0].worksheet} is of type {named[0].type}, not {type_choice}: "
                "leave out --type or --select."
            )
    return tuple(mart for mart in of_type if not names or any(_bears(mart, name) for name in names))


def _bears(mart: Mart, name: str) -> bool:
    return name.casefold() in (mart.model.casefold(), mart.worksheet.casefold())


def _unknown(name: str, marts: Sequence[Mart]) -> str:
    """Return the sentence about a name that no mart bears, with the nearest one if it is near."""
    known = {title.casefold(): title for mart in marts for title in (mart.model, mart.worksheet)}
    near = get_close_matches(name.casefold(), known, n=1)
    guess = f"; did you mean {known[near[0]]}?" if near else "."
    titles = ", ".join(mart.worksheet for mart in marts)
    return f"There is no worksheet or model {name!r}{guess} There are {titles}."
