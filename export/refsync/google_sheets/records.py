"""refsync's own records in a spreadsheet: what makes a push atomic, and what it knows of its tabs.

A spreadsheet keeps them as developer metadata, which no reader sees:

- A guard for each of the last commits. The guard of generation n has the metadata id
  `FIRST_GENERATION` + n. Google refuses an id that is taken, and with it the whole batch. So of two
  pushes that read the same generation, only the first commits.
- One state record: which tab belongs to which worksheet, with its headers and its origin.

A commit that was acknowledged is confirmed by reading these records again: Google may let both of
two commits through that arrive at the same moment. Then a generation has two guards, or there are
two state records.

A push too large for one request fills a hidden staging tab first. Its title names the generation.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field, replace
from datetime import date
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from refsync.google_sheets import limits
from refsync.google_sheets.api import requests
from refsync.worksheet.safety import Origin

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from refsync.google_sheets.api.requests import Request
    from refsync.worksheet.values import Key

GENERATION_KEY = "refsync_generation"
STATE_KEY = "refsync_state"

FIRST_GENERATION = 1_900_000_000
MAX_GENERATIONS = 10_000_000

KEPT_GENERATIONS = 200
"""Guards kept, so that a run which slept through this many commits is still refused."""

_STAGING_TITLE = re.compile(r"_refsync_stage_(?P<generation>\d+)_[0-9a-f]+")


@dataclass(frozen=True)
class TabRecord:
    """What the state record says of one worksheet.

    Attributes:
        sheet_id: Its tab's id.
        header_hashes: A hash for each header.
        origin: Where its rows came from; `None` in the records of older versions.
        as_of: The as-of date of the last push that wrote anything, where that is known. It alone is
            no reason to write.
        kept: A digest of the cells that Google keeps otherwise than they were sent. It is no reason
            to write either.
        outline: Where its rows began and ended, as `Desired.outline` has it; no reason either.
    """

    sheet_id: int
    header_hashes: tuple[str, ...]
    origin: Origin | None = None
    as_of: date | None = field(default=None, compare=False)
    kept: str = field(default="", compare=False)
    outline: str = field(default="", compare=False)

    @property
    def height(self) -> int:
        """How many rows it had, header included; 0 if that is not known."""
        number = self.outline.partition(":")[0]
        return int(number) if number.isdecimal() else 0


@dataclass(frozen=True)
class Records:
    """All of refsync's records in a spreadsheet.

    Attributes:
        generation: The newest generation; 0 where refsync never was.
        guards: Generation → ids of the runs that committed it, for the last ones. There is one,
            unless Google let two commits through.
        tabs: Worksheet → what the newest state record says of its tab.
        state_ids: Metadata ids of all state records, which the next commit replaces.
        sheet_ids: Ids of the tabs that any state record names.
    """

    generation: int = 0
    guards: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    tabs: Mapping[str, TabRecord] = field(default_factory=dict)
    state_ids: tuple[int, ...] = ()
    sheet_ids: frozenset[int] = frozenset()

    @classmethod
    def from_json(cls, metadata: Iterable[Mapping[str, Any]]) -> Records:
        """Return the records among a spreadsheet's `developerMetadata`."""
        generation = 0
        guards: dict[int, tuple[str, ...]] = {}
        states: list[tuple[int, Mapping[str, TabRecord]]] = []
        state_ids: list[int] = []
        for item in metadata:
            key, number = item.get("metadataKey"), item.get("metadataId", 0) - FIRST_GENERATION
            if key == STATE_KEY:
                state_ids.append(item["metadataId"])
                states.append(_state(item.get("metadataValue", "")))
            elif 0 < number < MAX_GENERATIONS:
                # Whatever its key, an id in this range is taken: the next generation is above it.
                generation = max(generation, number)
                if key == GENERATION_KEY:
                    guards[number] = (*guards.get(number, ()), item.get("metadataValue", ""))
        tabs = max(states, key=lambda state: state[0], default=(0, {}))[1]
        named = (record.sheet_id for _, state in states for record in state.values())
        return cls(generation, guards, tabs, tuple(state_ids), frozenset(named))

    @property
    def has_rivals(self) -> bool:
        """Whether two commits were let through that knew nothing of each other."""
        return len(self.state_ids) > 1

    def confirms(self, run: str, generation: int) -> bool:
        """Whether a run, and no other one, committed a generation."""
        return self.guards.get(generation) == (run,) and len(self.state_ids) == 1

    def next(self, run: str, pushed_at: str, tabs: Mapping[str, TabRecord]) -> tuple[Request, ...]:
        """Return the requests for the next generation: its guard, and the records it replaces.

        The guards of the last generations stay: a deleted id could be created again by a run that
        planned long ago.

        Raises:
            DestinationError: The state record would be too long.
        """
        generation = self.generation + 1
        text = state_text(generation, run, pushed_at, tabs)
        limits.check_state(text)
        old_guards = (
            FIRST_GENERATION + number
            for number in sorted(self.guards)
            if number <= generation - KEPT_GENERATIONS
        )
        return (
            requests.create_metadata(GENERATION_KEY, run, FIRST_GENERATION + generation),
            *(requests.delete_metadata(number) for number in (*old_guards, *self.state_ids)),
            requests.create_metadata(STATE_KEY, text),
        )

    def staging_title(self, run: str) -> str:
        """Return the title of the staging tab for one run's commit of the next generation."""
        return f"_refsync_stage_{self.generation + 1}_{run}"


def staged_generation(title: str) -> int | None:
    """Return the generation that a staging tab was filled for; `None` for any other title."""
    found = _STAGING_TITLE.fullmatch(title)
    return int(found["generation"]) if found else None


def header_hash(header: Key) -> str:
    """Return four hexadecimal digits for a header, to keep the state record small."""
    return blake2b(str(header).encode(), digest_size=2).hexdigest()


def state_text(generation: int, run: str, pushed_at: str, tabs: Mapping[str, TabRecord]) -> str:
    """Return the state record's value, which `Records.from_json` reads again."""
    origins = list(dict.fromkeys(tab.origin for tab in tabs.values() if tab.origin))
    kept = {name: tab.kept for name, tab in tabs.items() if tab.kept}
    outlines = {name: tab.outline for name, tab in tabs.items() if tab.outline}
    record = {
        "generation": generation,
        "run": run,
        "pushed_at": pushed_at,
        "tabs": {name: (tab.sheet_id, "".join(tab.header_hashes)) for name, tab in tabs.items()},
        # Beside the tabs, in their order, since older versions read the tabs too.
        "origins": [(".".join(origin.digests), origin.words) for origin in origins],
        "pushed": [
            (
                origins.index(tab.origin) if tab.origin else None,
                tab.as_of.isoformat() if tab.as_of else None,
            )
            for tab in tabs.values()
        ],
        **({"kept": kept} if kept else {}),
        **({"outlines": outlines} if outlines else {}),
    }
    return json.dumps(record, ensure_ascii=False, separators=(",", ":"))


def _state(text: str) -> tuple[int, Mapping[str, TabRecord]]:
    """Return (generation, tabs); nothing where the record is not one of refsync's."""
    try:
        record = json.loads(text)
        tabs = {
            worksheet: TabRecord(int(sheet_id), tuple(re.findall("[0-9a-f]{4}", hashes)))
            for worksheet, (sheet_id, hashes) in record["tabs"].items()
        }
        generation = int(record["generation"])
    except (ValueError, TypeError, KeyError, AttributeError):
        return 0, {}
    try:
        origins = [Origin(_three(digests), words) for digests, words in record["origins"]]
        for worksheet, (index, as_of) in zip(tabs, record["pushed"], strict=True):
            tabs[worksheet] = replace(
                tabs[worksheet],
                origin=None if index is None else origins[index],
                as_of=None if as_of is None else date.fromisoformat(as_of),
            )
        for worksheet, kept in record.get("kept", {}).items():
            tabs[worksheet] = replace(tabs[worksheet], kept=str(kept))
        for worksheet, outline in record.get("outlines", {}).items():
            tabs[worksheet] = replace(tabs[worksheet], outline=str(outline))
    except (ValueError, TypeError, KeyError, IndexError, AttributeError):
        pass  # written by an older version
    return generation, tabs


def _three(digests: str) -> tuple[str, str, str]:
    project, target, source = digests.split(".")
    return project, target, source
