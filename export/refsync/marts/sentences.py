"""What a test of dbt's says when it warns, in the words of its meta.

In the test's config, with the number that it counted for `{count}`:

    meta:
      refsync:
        warning: "{count} orders have no customer."
        warning_of_one: "1 order has no customer."     # for a single one; may be left out
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from refsync.marts.chart_meta import MetaError
from refsync.marts.meta import meta_of, plain

if TYPE_CHECKING:
    from collections.abc import Mapping

    from refsync.marts.run_results import RunResults
    from refsync.worksheet.build import Build


@dataclass(frozen=True)
class Sentence:
    """What a test says when it warns.

    Attributes:
        of_many: The sentence, with `{count}` in it.
        of_one: The sentence for a single one; empty if it is the same.
    """

    of_many: str
    of_one: str = ""

    def words(self, count: int) -> str:
        """Return the sentence.

        >>> Sentence("{count} orders have no customer.").words(1_234)
        '1,234 orders have no customer.'
        """
        sentence = self.of_one if self.of_one and count == 1 else self.of_many
        return sentence.replace("{count}", f"{count:,}")


def sentences_of(nodes: Mapping[str, Mapping[str, Any]]) -> dict[str, Sentence]:
    """Return what the tests of a manifest say, by their unique ids; most say nothing."""
    found = {}
    for unique_id, node in nodes.items():
        if node.get("resource_type") == "test":
            try:
                meta = meta_of(node)
            except MetaError:
                continue  # another tool's
            words = meta.get("warning") if meta.is_own else None
            if isinstance(words, str):
                one = meta.get("warning_of_one")
                found[unique_id] = Sentence(
                    plain(words), plain(one if isinstance(one, str) else "")
                )
    return found


def said_by_tests(
    sentences: Mapping[str, Sentence], run: RunResults | None, build: Build
) -> tuple[str, ...]:
    """Return what the tests of a build say that warned.

    dbt's results are of the last command only. They count if it came after the build, for the same
    target.

    Args:
        sentences: What the tests say, by their unique ids.
        run: The results of dbt's last command, if there are any.
        build: The build that is pushed.
    """
    if run is None or run.command not in {"build", "test"}:
        return ()
    if build.finished_at and run.finished_at < build.finished_at:
        return ()
    if build.target and run.arguments.get("target") not in {None, build.target}:
        return ()
    return tuple(
        sentences[name].words(count) for name, count in run.warned.items() if name in sentences
    )
