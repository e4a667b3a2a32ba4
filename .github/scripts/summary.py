"""Write the job's summary from the files of dbt, refsync-push and the steps in target/."""

from __future__ import annotations

import json
import os
import re
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from step import RUN_RESULTS, STEPS

PUSH = Path("target/push.json")

_COUNTED = {"pass": "passed", "warn": "warned", "fail": "failed", "error": "ended in an error"}


def main() -> int:
    """Write the summary and the step's outputs; return the exit code, which is 0."""
    failure = _read(STEPS) or {}
    status = os.environ.get("JOB_STATUS", "success")
    if status != "success" and not failure:
        step = os.environ.get("OTHER_STEP") or "A step that sets things up or puts them away"
        failure = {"step": step, "sentence": "The log of the run says why."}
    text = "\n".join(_lines(_read(PUSH), _read(RUN_RESULTS), failure)) + "\n"
    print(text)
    with Path(os.environ.get("GITHUB_STEP_SUMMARY", os.devnull)).open(
        "a", encoding="utf-8"
    ) as file:
        file.write(text)
    with Path(os.environ.get("GITHUB_OUTPUT", os.devnull)).open("a", encoding="utf-8") as file:
        # One line each: what failed is the name of a step and one sentence.
        file.writelines(
            f"{name}={' '.join(str(failure.get(name, '')).split())}\n"
            for name in ("step", "sentence")
        )
    return 0


def _lines(
    push: dict[str, Any] | None, run: dict[str, Any] | None, failure: dict[str, str]
) -> list[str]:
    """Return the summary, line by line."""
    lines = [f"## {_headline(push, failure)}", ""]
    if failure:
        lines += [f"**{failure['step']}** failed: {_cell(failure['sentence'])}", ""]
    as_of_date = str((run or {}).get("args", {}).get("vars", {}).get("as_of_date", ""))
    if re.fullmatch(r"[a-z]+|[\d-]+", as_of_date):
        lines += [f"As of: {as_of_date}.", ""]
    if push:
        lines += [*_worksheets(push), ""]
    if run:
        lines += _tests(run)
    return lines


def _headline(push: dict[str, Any] | None, failure: dict[str, str]) -> str:
    if push is None:
        return "Nothing was pushed"
    if push["status"] == "unchanged":
        return "Nothing new: 0 writes"
    if push["dry_run"]:
        return "A dry run: nothing was written"
    return "The worksheets were pushed" + (", then a step failed" if failure else "")


def _worksheets(push: dict[str, Any]) -> list[str]:
    lines = [
        "| worksheet | rows | added | changed | removed | cells written | |",
        "|---|---:|---:|---:|---:|---:|---|",
    ]
    keys = ("rows", "added", "changed", "removed", "cells")
    for sheet in push["worksheets"]:
        counts = " | ".join(f"{sheet[key] or 0:,}" for key in keys)
        notes = _cell(", ".join(sheet["notes"])) if sheet["notes"] else ""
        lines.append(f"| {_cell(sheet['worksheet'])} | {counts} | {notes} |")
    cells = 0 if push["dry_run"] else sum(sheet["cells"] for sheet in push["worksheets"])
    kind = ", all of them reads" if push["status"] == "unchanged" else ""
    planned = " would be made" if push["dry_run"] and not kind else ""
    total = (
        f"{cells:,} cells written; {push['api_calls']} API calls{planned}{kind}; "
        f"{push['bytes_sent'] / 1e6:.1f} MB sent; {push['seconds']:.1f} s."
    )
    remarks = (*push.get("notes", ()), *push.get("warnings", ()))
    said = [f"- {_cell(remark)}" for remark in remarks]
    return [*lines, "", total, *(["", *said] if said else [])]


def _tests(run: dict[str, Any]) -> list[str]:
    """Return the tests' counts, and a table of all that failed or warned."""
    tests = [each for each in run["results"] if each["unique_id"].split(".")[0] == "test"]
    counts = Counter(each["status"] for each in tests)
    said = ", ".join(f"{counts[status]} {word}" for status, word in _COUNTED.items())
    lines = [f"Tests of the data: {said}.", ""]
    rows = [
        f"| {each['status']} | {_cell(each['unique_id'].split('.')[2])} "
        f"| {_cell(' '.join(str(each['message'] or '').split())[:500])} |"
        for each in run["results"]
        if each["status"] in {"warn", "fail", "error"}
    ]
    return [*lines, "| | test or model | says |", "|---|---|---|", *rows, ""] if rows else lines


def _cell(text: str) -> str:
    """Return a text that is only text in Markdown: no link, no mention, no column."""
    # Markdown is read within HTML's tags too, so each sign that may mean something is a number.
    signs = (sign if sign.isalnum() or sign in " _-,@" else f"&#{ord(sign)};" for sign in text)
    return f"<code>{''.join(signs)}</code>"


def _read(path: Path) -> dict[str, Any] | None:
    """Return the JSON in a file; None if no step wrote it."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


if __name__ == "__main__":
    sys.exit(main())
