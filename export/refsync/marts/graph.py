"""What a mart is made from and what tests it, by the manifest."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

BUILT = frozenset({"model", "seed", "snapshot"})
"""The types of nodes that leave a table or a view."""

_REWRITTEN = frozenset({"table", "view", "seed"})
"""Materializations that write to the database each time; an incremental model may have no rows."""


@dataclass(frozen=True)
class Graph:
    """The nodes that dbt builds, and the tests of them, all by their unique ids.

    Attributes:
        types: The resource type of each node that leaves a table or a view.
        parents: What each node reads, ephemeral models too.
        tests: The data tests that look at a node.
        unit_tests: The unit tests of a node.
        rewritten: The catalog of each node that every build of it writes to, as dbt calls it.
    """

    types: Mapping[str, str] = field(default_factory=dict)
    parents: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    tests: Mapping[str, frozenset[str]] = field(default_factory=dict)
    unit_tests: Mapping[str, frozenset[str]] = field(default_factory=dict)
    rewritten: Mapping[str, str | None] = field(default_factory=dict)

    @classmethod
    def of(cls, manifest: Mapping[str, Any]) -> Graph:
        """Return the graph of a manifest."""
        nodes = {**manifest["nodes"], **(manifest.get("unit_tests") or {})}
        parents = {
            unique_id: tuple((node.get("depends_on") or {}).get("nodes") or ())
            for unique_id, node in nodes.items()
        }
        found: dict[str, defaultdict[str, set[str]]] = {
            "test": defaultdict(set),
            "unit_test": defaultdict(set),
        }
        for unique_id, node in nodes.items():
            if (tests := found.get(node.get("resource_type") or "")) is not None:
                for parent in parents[unique_id]:
                    tests[parent].add(unique_id)
        return cls(
            types={
                unique_id: node["resource_type"]
                for unique_id, node in nodes.items()
                if node.get("resource_type") in BUILT
                and (node.get("config") or {}).get("materialized") != "ephemeral"
            },
            parents=parents,
            tests={name: frozenset(tests) for name, tests in found["test"].items()},
            unit_tests={name: frozenset(tests) for name, tests in found["unit_test"].items()},
            rewritten={
                unique_id: node.get("database")
                for unique_id, node in nodes.items()
                if node.get("resource_type") in BUILT
                and (node.get("config") or {}).get("materialized") in _REWRITTEN
            },
        )

    def with_ancestors(self, unique_ids: Iterable[str]) -> frozenset[str]:
        """Return these nodes and all that they are made from."""
        found: set[str] = set()
        waiting = list(unique_ids)
        while waiting:
            unique_id = waiting.pop()
            if unique_id not in found:
                found.add(unique_id)
                waiting += self.parents.get(unique_id, ())
        return frozenset(found)
