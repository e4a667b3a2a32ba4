"""`make mutants`: change the code at one place after the other, and see that a test notices.

mutmut makes the changes and runs the tests that reach them. It wants the package in src and works
on a copy, so the Makefile starts this in a folder of links, target/mutants. This chooses the kinds
of change, and compares the survivors with the known equivalents. A survivor that is not among them,
an entry that no longer fits, and a run without a verdict are errors.
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml
from mutmut.__main__ import cli
from mutmut.configuration import config
from mutmut.mutation import file_mutation, mutators
from mutmut.mutation.data import SourceFileMutationData
from mutmut.mutation.diff_apply import get_diff_for_mutant
from mutmut.stats import status_by_exit_code
from mutmut.utils.format_utils import orig_function_and_class_names_from_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

EQUIVALENT = Path(__file__).parent / "equivalent.yml"

MIN_NOTICED = 0.95

NOTICED = {"killed", "timeout", "segfault"}
"""The last is a process that died of its change, such as of rows without end."""

KINDS = {
    mutators.operator_number,
    mutators.operator_name,  # True and False
    mutators.operator_augmented_assignment,
    mutators.operator_remove_unary_ops,
    mutators.operator_lambda,
    mutators.operator_keywords,  # in, is, break, continue
    mutators.operator_swap_op,  # comparisons, and, or, arithmetic, signs
    mutators.operator_match,
    mutators.operator_if_exp,
}
"""What is changed. Texts are not: most of them are sentences for people."""


def one_argument_fewer(node: Any) -> Iterator[Any]:
    """Yield a call without each of its arguments, if it has several."""
    for mutant in mutators.operator_arg_removal(node):
        if len(mutant.args) < len(node.args):
            yield mutant


def choose_kinds() -> None:
    """Let mutmut make the changes of `KINDS`, and calls with one argument fewer."""
    chosen = [each for each in mutators.mutation_operators if each[1] in KINDS]
    calls = next(
        kind for kind, made in mutators.mutation_operators if made is mutators.operator_arg_removal
    )
    vars(file_mutation)["mutation_operators"] = [*chosen, (calls, one_argument_fewer)]


class Mutant:
    """One change, and its result."""

    def __init__(self, name: str, path: Path, exit_code: int | None) -> None:
        function, self.owner = orig_function_and_class_names_from_key(name)
        module = ".".join(path.with_suffix("").parts[1:])
        self.path, self.name = path, function
        self.function = ".".join(filter(None, (module, self.owner, function)))
        self.status = status_by_exit_code[exit_code]
        self._mutant = name
        self._change = ""

    @property
    def change(self) -> str:
        """The lines that go, after a minus, and those that come, after a plus."""
        if not self._change:
            diff = get_diff_for_mutant(self._mutant, path=self.path).splitlines()
            self._change = "\n".join(
                line[0] + line[1:].strip() for line in diff[2:] if line[0] in "-+"
            )
        return self._change

    @property
    def line(self) -> int:
        """The number of the first line in the file that is changed."""
        lines = self.path.read_text(encoding="utf-8").splitlines()
        gone = self.change.splitlines()[0][1:]
        number = 0
        for start in (f"class {self.owner}" if self.owner else "", f"def {self.name}(", gone):
            while not lines[number].strip().startswith(start):
                number += 1
        return number + 1


def mutants() -> Iterator[Mutant]:
    """Yield all mutants of the last run.

    Raises:
        SystemExit: There are none in one of the modules.
    """
    for path in map(Path, config().only_mutate):
        data = SourceFileMutationData(path=path)
        data.load()
        if not data.exit_code_by_key:
            raise SystemExit(f"{path} has no mutants: correct tool.mutmut in pyproject.toml.")
        for name, exit_code in data.exit_code_by_key.items():
            yield Mutant(name, path, exit_code)


def known_equivalents() -> Iterator[tuple[str, str]]:
    """Yield (function, change) of the mutants that no test can notice, each with a reason.

    Raises:
        SystemExit: One has no reason.
    """
    for entry in yaml.safe_load(EQUIVALENT.read_text(encoding="utf-8")) or ():
        if not entry["reason"].strip():
            raise SystemExit(f"{EQUIVALENT}: a change of {entry['function']} has no reason.")
        for change in entry["changes"]:
            yield entry["function"], "\n".join(map(str.strip, change.strip().splitlines()))


def judge(ran: Sequence[Mutant], known: Iterable[tuple[str, str]]) -> list[str]:
    """Return what is wrong with the outcome, a paragraph each."""
    wrong = []
    survivors = set()
    equivalents = set(known)
    for mutant in ran:
        if mutant.status in NOTICED:
            continue
        key = (mutant.function, mutant.change)
        # An entry is for one mutant: the same change elsewhere in the function may be noticeable.
        known_here = key in equivalents and key not in survivors
        if mutant.status not in {"survived", "no tests"} or not known_here:
            place = f"{mutant.path.name}:{mutant.line}"
            wrong.append(f"{place} {mutant.function}: {mutant.status}\n{mutant.change}")
        survivors.add(key)
    wrong += [
        f"{EQUIVALENT.name} names a change that is noticed, or not made: delete the entry.\n"
        f"{function}\n{change}"
        for function, change in sorted(equivalents - survivors)
    ]
    return wrong


def main(names: Sequence[str]) -> None:
    """Run all mutants, or those whose names match one of `names`, such as "refsync.reach.*"."""
    choose_kinds()
    cli.main(["run", *names], standalone_mode=False)
    ran = [mutant for mutant in mutants() if not names or mutant.status != "not checked"]
    functions = {mutant.function for mutant in ran}
    known = [each for each in known_equivalents() if not names or each[0] in functions]
    wrong = judge(ran, known)
    print("\n\n".join(["", *wrong]))
    counts = Counter(mutant.status for mutant in ran)
    noticed = sum(counts[status] for status in NOTICED) / len(ran)
    print(f"\n{len(ran)} mutants: {noticed:.1%} noticed, {len(known)} equivalent.", dict(counts))
    if wrong or noticed < MIN_NOTICED:
        raise SystemExit(f"{len(wrong)} are neither: test what they change, or say why nobody can.")


if __name__ == "__main__":
    main(sys.argv[1:])
