"""A stateful Google Sheets API v4 server over real HTTP, for tests and for development.

    from tests.sheets_emulator import Fault, SheetsEmulator

    with SheetsEmulator() as emulator:
        spreadsheet_id = emulator.create_spreadsheet("Report", {"Data": [["a", "b"], [1, 2]]})
        emulator.url                       # the API's base URL, http://127.0.0.1:…
        emulator.service_account_info()    # a key file's content; that account is a writer
        emulator.token()                   # or a bearer token at once
        …                                  # drive any client at it
        emulator.snapshot(spreadsheet_id).values("Data")
        emulator.log("write")              # the calls that arrived

    emulator.plan(Fault.status(503, after=True), call=2)             # faults to order
    emulator.edit(spreadsheet_id, [{"deleteSheet": {"sheetId": 0}}])  # another editor
    emulator.history(spreadsheet_id)                                 # every state a reader saw

Every request and every response is checked against Google's discovery document.
"""

from tests.sheets_emulator.auth import DEFAULT_ACCOUNT
from tests.sheets_emulator.beliefs import Beliefs
from tests.sheets_emulator.cells import Formula
from tests.sheets_emulator.clock import Quotas
from tests.sheets_emulator.emulator import SheetsEmulator, Snapshot
from tests.sheets_emulator.faults import Call, Fault

__all__ = [
    "DEFAULT_ACCOUNT",
    "Beliefs",
    "Call",
    "Fault",
    "Formula",
    "Quotas",
    "SheetsEmulator",
    "Snapshot",
]
