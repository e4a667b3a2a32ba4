"""Decide what a run reads, and whether it pushes, from what the repository has set up.

This script knows whether a secret is set, not its value.
"""

from __future__ import annotations

import json
import os
import sys
import urllib.request
from datetime import date
from pathlib import Path

from step import keep_failure


def main() -> int:
    """Write the step's outputs; return the exit code."""
    has_tracker = _is_set("TRACKER")
    needed = {
        "REFSYNC_TRACKER_URL": has_tracker or bool(os.environ.get("REFSYNC_RAW_DIR")),
        "GOOGLE_SHEET_ID": _is_set("SHEET"),
        "GOOGLE_SERVICE_ACCOUNT_JSON": _is_set("ACCOUNT"),
    }
    as_of_date = os.environ["AS_OF_DATE"]
    if not _is_date(as_of_date):
        # Nothing else may reach dbt, which renders its variables as templates.
        keep_failure(
            os.environ["STEP"],
            "The input as_of_date is neither yesterday nor today nor a date as YYYY-MM-DD: run the "
            "workflow again with one of them.",
        )
        return 1
    missing = [name for name, is_there in needed.items() if not is_there]
    if 0 < len(missing) < len(needed):
        keep_failure(
            os.environ["STEP"],
            f"The repository has no secret {' and no secret '.join(missing)}: add it under "
            "Settings > Secrets and variables > Actions, or remove the others if nothing should be "
            "pushed.",
        )
        return 1
    if missing:
        # Nothing at all is set up: what there is to see is the sample, whose dates are its own.
        print("::notice::This repository has no secrets yet: only the sample is built.")
        outputs = {"target": "sample", "push": "false", "vars": "{}"}
    else:
        outputs = {
            "target": "tracker" if has_tracker else "files",
            "push": "true",
            "vars": json.dumps({"as_of_date": as_of_date}),
        }
    outputs["private"] = json.dumps(_is_private())
    with Path(os.environ["GITHUB_OUTPUT"]).open("a", encoding="utf-8") as file:
        file.writelines(f"{name}={value}\n" for name, value in outputs.items())
    print(f"Target {outputs['target']}, variables {outputs['vars']}, push: {outputs['push']}.")
    return 0


def _is_date(text: str) -> bool:
    try:
        return text in {"today", "yesterday"} or date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _is_private() -> bool:
    """Return whether only its members see the repository; the event of a schedule may not say."""
    try:
        request = urllib.request.Request(
            f"{os.environ['GITHUB_API_URL']}/repos/{os.environ['GITHUB_REPOSITORY']}",
            headers={
                "Authorization": f"Bearer {os.environ['GITHUB_TOKEN']}",
                "Accept": "application/vnd.github+json",
            },
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)["private"] is True
    except (OSError, ValueError, KeyError, TypeError):
        print("::notice::GitHub does not say whether the repository is private: no data is kept.")
        return False


def _is_set(name: str) -> bool:
    return os.environ.get(f"HAS_{name}") == "true"


if __name__ == "__main__":
    sys.exit(main())
