"""`python -m tests.google`: run the suite, and say what was found."""

from __future__ import annotations

import argparse
import sys

from refsync.errors import RefsyncError
from refsync.settings import read_env_file
from tests.google.check import as_json, in_words
from tests.google.scratch import RefusedError
from tests.google.suite import any_scratch, results


def main() -> int:
    """Print the report; return the exit code, which is 1 if a check fails."""
    parser = argparse.ArgumentParser(prog="python -m tests.google", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    options = parser.parse_args()
    try:
        read_env_file()
        with any_scratch() as scratch:
            where = scratch.settings.spreadsheet_id if scratch.is_live else "the emulator"
            print(
                f"Asking {where}. This takes some minutes on Google.", file=sys.stderr, flush=True
            )
            found = []
            for each in results(scratch):
                print(f"{each.status}  {each.name}", file=sys.stderr, flush=True)
                found.append(each)
    except (RefsyncError, RefusedError) as error:
        print(f"Error: {error}", file=sys.stderr)
        return 2
    print(as_json(found) if options.json else in_words(found))
    return 1 if any(each.status == "FAIL" for each in found) else 0


if __name__ == "__main__":
    sys.exit(main())
