"""Keep one issue open while the daily run fails, and close it with the next success.

It asks GitHub's REST API: https://docs.github.com/en/rest/issues/issues.
"""

from __future__ import annotations

import json
import os
import sys
import time
import urllib.error
import urllib.request
from typing import Any

TITLE = "The worksheets are not up to date"
MARK = "<!-- refsync: the daily run -->"
TRIES = 5


def main() -> int:
    """Open, update or close the issue; return the exit code."""
    repository = f"/repos/{os.environ['GITHUB_REPOSITORY']}"
    run = f"{os.environ['GITHUB_SERVER_URL']}{repository[6:]}/actions/runs/{os.environ['RUN_ID']}"
    succeeded = os.environ["RESULT"] == "success"
    try:
        found = _find(repository)
        for number in found:
            path = f"{repository}/issues/{number}"
            if succeeded:
                _ask("POST", f"{path}/comments", {"body": f"[The next run]({run}) succeeded."})
                _ask("PATCH", path, {"state": "closed", "state_reason": "completed"})
            else:
                _ask("PATCH", path, {"body": _body(run)})
            print(f"{'Closed' if succeeded else 'Updated'} the issue {number}.")
        if not succeeded and not found:
            opened = _ask("POST", f"{repository}/issues", {"title": TITLE, "body": _body(run)})
            print(f"Opened the issue {opened['number']}.")
    except urllib.error.HTTPError as error:
        if error.code == 410:
            print(
                "::warning::This repository has no issues, so it cannot report this failure: turn "
                "them on under Settings > General > Features."
            )
            return 0
        print(f"::error::GitHub refuses to keep the issue ({error.code} {error.reason}).")
        return 1
    except OSError as error:
        print(f"::error::GitHub cannot be reached to keep the issue ({type(error).__name__}).")
        return 1
    return 0


def _body(run: str) -> str:
    """Return the issue's text; the sentence is indented, so that it mentions and links nobody."""
    result = os.environ["RESULT"]
    step = os.environ.get("FAILED_STEP") or f"The job ended as {result} before it could say why"
    sentence = " ".join((os.environ.get("SENTENCE") or "The log of the run says more.").split())
    return (
        f"{MARK}\n**{step}** failed in [the last run]({run}):\n\n    {sentence}\n\n"
        "The spreadsheet is as the last good run left it, whole. This issue is updated by each run "
        "that fails and closed by the next one that succeeds."
    )


def _find(repository: str) -> list[int]:
    """Return the numbers of the open issues that are about this; there is hardly more than one."""
    query = "state=open&creator=github-actions%5Bbot%5D&per_page=100"
    issues = _ask("GET", f"{repository}/issues?{query}")
    return [issue["number"] for issue in issues if MARK in (issue["body"] or "")]


def _ask(method: str, path: str, body: dict[str, Any] | None = None) -> Any:
    """Return the answer to a request; one that the network or the server lost is made again."""
    request = urllib.request.Request(
        os.environ["GITHUB_API_URL"] + path,
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={
            "Authorization": f"Bearer {os.environ['GITHUB_TOKEN']}",
            "Accept": "application/vnd.github+json",
            "X-GitHub-Api-Version": "2022-11-28",
        },
    )
    tries = 0
    while True:
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return json.load(answer)
        except OSError as error:  # noqa: PERF203 - a request is slower
            tries += 1
            if tries == TRIES or getattr(error, "code", 500) < 500:
                raise
            time.sleep(0.5 * 2**tries)


if __name__ == "__main__":
    sys.exit(main())
