"""Decide what a run reads, and whether it pushes, from what the repository has set up.

Only whether a secret is set is known here, not what it holds.
"""

from __future__ import annotations

import json
import os
import sys
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
    missing = [name for name, is_there in needed.items() if not is_there]
    if 0 < len(missing) < len(needed):
        keep_failure(
            os.environ["STEP"],
            f"The repository has no secret {' and no secret '.join(missing)}: add it under "
            "Settings > Secrets and variables > Actions, or remove the others if nothing is to be "
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
            "vars": json.dumps({"as_of_date": os.environ["AS_OF_DATE"]}),
        }
    with Path(os.environ["GITHUB_OUTPUT"]).open("a", encoding="utf-8") as file:
        file.writelines(f"{name}={value}\n" for name, value in outputs.items())
    print(f"Target {outputs['target']}, variables {outputs['vars']}, push: {outputs['push']}.")
    return 0


def _is_set(name: str) -> bool:
    return os.environ.get(f"HAS_{name}") == "true"


if __name__ == "__main__":
    sys.exit(main())
