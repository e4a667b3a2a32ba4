"""Run a command as one step of the workflow: `python step.py [options] NAME COMMAND…`.

The command's output is passed on without secrets, also without parts of them that GitHub does
not know: the password in a URL, the id of a spreadsheet. If the command fails, the sentence that
says why is kept in target/steps.json, for the summary and for the issue.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from censor import Censor, harmless

STEPS = Path("target/steps.json")
RUN_RESULTS = Path("target/run_results.json")
NOTHING_RAN = 2
"""dbt's exit code if it ran no model: then another try may reach the source."""


def main() -> int:
    """Run the command; return its exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", help="the step's name")
    parser.add_argument("--output", type=Path, help="keep standard output in this file")
    parser.add_argument("--tries", type=int, default=1, help="how often to try to reach the source")
    parser.add_argument("--wait", type=float, default=15.0, help="seconds between two tries")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    options = parser.parse_args()
    # If the step is killed at its time limit, this is the message.
    _keep(options.name, "It did not end: it was stopped, as by a time limit or by hand.")
    for number in range(1, options.tries + 1):
        code, words = _run(options.command, options.output)
        if code != NOTHING_RAN or number == options.tries:
            break
        _say(f"Nothing was built: another try in {options.wait:g} seconds.")
        time.sleep(options.wait)
    if code:
        keep_failure(options.name, _sentence(words, code))
    else:
        STEPS.unlink(missing_ok=True)  # the command may be one that empties the folder
    return code


def keep_failure(name: str, sentence: str) -> None:
    """Keep why a step failed, and show it beside the run."""
    sentence = harmless(sentence)
    _keep(name, sentence)
    # The runner reads %0A as a line's end.
    _say(f"::error title={name}::{sentence.replace('%', '%25')}")


def _keep(name: str, sentence: str) -> None:
    STEPS.parent.mkdir(exist_ok=True)
    STEPS.write_text(json.dumps({"step": name, "sentence": sentence}), encoding="utf-8")


def _run(command: list[str], output: Path | None) -> tuple[int, list[str]]:
    """Run a command; return its exit code and its words, line by line, without secrets."""
    censor, words = Censor(), []
    # An unset secret or variable of a workflow is an empty one.
    environment = {name: value for name, value in os.environ.items() if value}
    if environment.get("RUNNER_DEBUG") == "1":
        environment |= {"DBT_DEBUG": "true", "REFSYNC_VERBOSE": "true"}
    with tempfile.TemporaryFile() as kept:
        try:
            process = subprocess.Popen(
                command,
                env=environment,
                stdout=kept if output else subprocess.PIPE,
                stderr=subprocess.PIPE if output else subprocess.STDOUT,
            )
        except OSError as error:
            return 1, [f"{command[0]} cannot be started ({error.strerror})."]
        stream = process.stderr if output else process.stdout
        for raw in stream or ():
            words.append(censor.strike(raw.decode(errors="replace").rstrip("\r\n")))
            _say(words[-1])
        code = process.wait()
        if output and not code:
            kept.seek(0)
            output.parent.mkdir(exist_ok=True)
            lines = map(censor.strike, kept.read().decode(errors="replace").splitlines())
            output.write_text("\n".join(lines), encoding="utf-8")
    return code, words


def _sentence(words: list[str], code: int) -> str:
    """Return the sentence of a command's output that says why it failed."""
    said = [line.strip() for line in words if line.strip()]
    for start in ("Error: ", "ERROR: "):
        if found := [line for line in said if line.startswith(start)]:
            return found[-1].removeprefix(start)
    for number, line in enumerate(words):
        if line.endswith("Encountered an error:"):
            rest = [line.strip() for line in words[number + 1 :] if line.strip()] or [line]
            # dbt's own heading, such as "Compilation Error in operation …", comes first.
            return rest[1] if len(rest) > 1 and " Error" in rest[0] else rest[0]
    if code == 1 and (failures := _failures()):
        return "; ".join(failures) + "."
    return said[-1] if said else f"It ended with exit code {code}."


def _failures() -> list[str]:
    """Return what failed in the last dbt run, with dbt's words; nothing if they are not there."""
    censor = Censor()
    try:
        results = json.loads(RUN_RESULTS.read_text(encoding="utf-8"))["results"]
        return [
            f"{_name(result['unique_id'])}: {censor.strike(_first_sentence(result['message']))}"
            for result in results
            if result["status"] in {"fail", "error"}
        ]
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return []


def _name(unique_id: str) -> str:
    """Return the name in a unique id, such as `not_null_x` in `test.refsync.not_null_x.1a2b`."""
    parts = unique_id.split(".")
    return parts[2] if len(parts) > 2 else unique_id


def _first_sentence(message: str | None) -> str:
    lines = [line.strip() for line in (message or "").splitlines() if line.strip()] or ["failed"]
    return (lines[1] if len(lines) > 1 and " Error in " in lines[0] else lines[0]).rstrip(".")


def _say(line: str) -> None:
    sys.stdout.buffer.write(f"{line}\n".encode())
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    sys.exit(main())
