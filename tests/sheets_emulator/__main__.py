"""`python -m tests.sheets_emulator`: the emulator by hand, to point a real client at."""

from __future__ import annotations

import argparse
import sys
import tempfile
import threading
from pathlib import Path

try:
    import googleapiclient  # noqa: F401 - it brings Google's own description of the API

    from tests.sheets_emulator.clock import Quotas
    from tests.sheets_emulator.emulator import SheetsEmulator
except ModuleNotFoundError as error:
    sys.exit(
        f"The emulator needs the package {error.name}, which is for development only: run "
        "make .venv/dev, or pip install --require-hashes -r requirements-dev.txt."
    )


def main() -> None:
    """Serves one spreadsheet until Ctrl-C, and says how to push to it."""
    parser = argparse.ArgumentParser(prog="python -m tests.sheets_emulator", description=__doc__)
    parser.add_argument("--port", type=int, default=8765, help="port to listen on (8765)")
    parser.add_argument("--latency-ms", type=float, default=0.0, help="what every call takes (0)")
    parser.add_argument("--quotas", action="store_true", help="apply Google's limits a minute")
    options = parser.parse_args()
    emulator = SheetsEmulator(
        port=options.port,
        latency_seconds=options.latency_ms / 1000,
        quotas=Quotas() if options.quotas else None,
    )
    with tempfile.TemporaryDirectory() as folder, emulator:
        spreadsheet_id = emulator.create_spreadsheet("Emulated report")
        key_file = emulator.write_service_account(Path(folder) / "service-account.json")
        print(
            f"The Sheets emulator listens on {emulator.url}. In another terminal:\n\n"
            f"    export GOOGLE_SHEETS_API_ENDPOINT={emulator.url}\n"
            f"    export GOOGLE_SERVICE_ACCOUNT_FILE={key_file}\n"
            f"    export GOOGLE_SHEET_ID={spreadsheet_id}\n"
            "    refsync-push\n\n"
            f"Then open {emulator.url}/ in a browser to see what it wrote.\n"
            "Ctrl-C stops it and forgets everything.",
            flush=True,
        )
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            print()
        for call in emulator.log():
            print(f"{call.number:4} {call.kind:5} {call.method} {call.status} {call.body_bytes} B")


if __name__ == "__main__":
    main()
