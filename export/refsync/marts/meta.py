"""What the `meta` of a model or a column says to refsync.

The keys are under `refsync`, in `meta` or in `config.meta` (dbt 1.10 moved it):

    meta:
      refsync:
        worksheet: Orders

Where there is no `refsync`, they may be in the meta itself, among the keys of other tools. A key
without a value is as good as none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from refsync.marts.chart_meta import MetaError, refuse_slips
from refsync.worksheet.values import UNWRITABLE

if TYPE_CHECKING:
    from collections.abc import Sequence

NAMESPACE = "refsync"


@dataclass(frozen=True)
class Meta:
    """The keys that refsync finds.

    Attributes:
        values: Their values; none is null.
        is_own: Whether the keys are under `refsync`, where other tools have none.
    """

    values: Mapping[str, Any]
    is_own: bool

    def get(self, key: str, default: Any = None) -> Any:
        """Return a key's value, or the default if it has none."""
        return self.values.get(key, default)

    def __contains__(self, key: str) -> bool:
        return key in self.values

    def refuse_unknown(self, place: str, known: Sequence[str]) -> None:
        """Refuse a key that refsync does not have, or that is nearly one if others may have keys.

        Raises:
            MetaError: There is one.
        """
        if not self.is_own:
            refuse_slips(place, self.values, known)
            return
        for key in self.values:
            if key not in known:
                near = get_close_matches(str(key).casefold(), known, n=1)
                guess = f"did you mean {near[0]}?" if near else f"it may have {', '.join(known)}"
                raise MetaError(f"{place}has the unknown key {key!r} under {NAMESPACE}; {guess}")


NO_META = Meta({}, is_own=True)


def meta_of(node: Mapping[str, Any]) -> Meta:
    """Return the meta of a model, a column or a group of the manifest.

    Raises:
        MetaError: What is under `refsync` is not a mapping.
    """
    config = node.get("config") or {}
    whole = {**(node.get("meta") or {}), **(config.get("meta") or {})}
    is_own = NAMESPACE in whole
    values = (whole[NAMESPACE] or {}) if is_own else whole
    if not isinstance(values, Mapping):
        raise MetaError(f"{NAMESPACE} is not a mapping, such as {NAMESPACE}: {{worksheet: Orders}}")
    return Meta({key: value for key, value in values.items() if value is not None}, is_own)


def plain(description: str | None) -> str:
    """Return a description on one line, without what a workbook has no place for."""
    return " ".join(UNWRITABLE.sub("", description or "").split())
