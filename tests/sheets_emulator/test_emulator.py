"""The emulator as an API: who may call it, what it refuses and how, what it remembers."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import requests
from google.auth import crypt, jwt
from google.auth.exceptions import RefreshError
from google.auth.transport.requests import AuthorizedSession
from google.oauth2.service_account import Credentials
from googleapiclient.discovery import build

from tests.sheets_emulator import DEFAULT_ACCOUNT, Formula, Quotas, SheetsEmulator
from tests.sheets_emulator.contract import check_response, discovery_document
from tests.sheets_emulator.plain_client import Api, api_for
from tests.sheets_emulator.service import ANSWERS, methods

SCOPE = "https://www.googleapis.com/auth/spreadsheets"


@pytest.fixture
def api(emulator: SheetsEmulator) -> Api:
    return api_for(
        emulator, emulator.create_spreadsheet("Report", {"Data": [["a", 1]], "More": []})
    )


def session(info: dict[str, Any]) -> AuthorizedSession:
    """An HTTP session that google-auth's own service-account flow authorizes."""
    make: Any = Credentials.from_service_account_info
    authorize: Any = AuthorizedSession
    authorized: AuthorizedSession = authorize(make(info, scopes=[SCOPE]))
    return authorized


def sign(emulator: SheetsEmulator, key: str | None = None, **changes: Any) -> dict[str, Any]:
    """Asks for a token with a service account's claims, some of them changed."""
    info = emulator.service_account_info()
    now = int(time.time())
    claims = {
        "iss": info["client_email"],
        "aud": "https://oauth2.googleapis.com/token",
        "scope": SCOPE,
        "iat": now,
        "exp": now + 3600,
        **changes,
    }
    encode: Any = jwt.encode
    signer: Any = crypt.RSASigner
    form = {
        "grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer",
        "assertion": encode(signer.from_string(key or info["private_key"]), claims),
    }
    answer = requests.post(emulator.url + "/token", data=form, timeout=10)
    return {"status": answer.status_code, **answer.json()}


def test_google_auths_own_flow_gets_a_token_that_the_api_takes(emulator: SheetsEmulator) -> None:
    spreadsheet_id = emulator.create_spreadsheet()
    google = session(emulator.service_account_info())
    answer = google.get(f"{emulator.url}/v4/spreadsheets/{spreadsheet_id}")
    assert answer.status_code == 200
    assert emulator.log()[0].email == DEFAULT_ACCOUNT


def test_the_token_endpoint_checks_every_claim(emulator: SheetsEmulator) -> None:
    assert sign(emulator)["status"] == 200
    assert sign(emulator, aud=emulator.url + "/token")["status"] == 200
    now = int(time.time())
    cases: list[tuple[dict[str, Any], str]] = [
        ({"iss": "stranger@example.com"}, "Invalid grant: account not found"),
        ({"aud": "https://elsewhere.example"}, "Invalid JWT: Failed audience check."),
        ({"iat": now - 9000, "exp": now - 5400}, "short-lived token (60 minutes)"),
        ({"iat": now, "exp": now + 7200}, "short-lived token (60 minutes)"),
        ({"iat": now + 900, "exp": now + 4500}, "short-lived token (60 minutes)"),
    ]
    for changes, description in cases:
        answer = sign(emulator, **changes)
        assert answer["status"] == 400
        assert answer["error"] == "invalid_grant"
        assert description in answer["error_description"]
    assert sign(emulator, scope="")["error"] == "invalid_scope"


def test_a_signature_by_another_key_is_refused(emulator: SheetsEmulator) -> None:
    other = emulator.service_account_info("other@example.com")["private_key"]
    answer = sign(emulator, key=other)
    assert answer["error_description"] == "Invalid JWT Signature."
    info = {**emulator.service_account_info(), "private_key": other}
    with pytest.raises(RefreshError, match="invalid_grant: Invalid JWT Signature"):
        session(info).get(emulator.url + "/v4/spreadsheets/x")


def test_impersonation_gives_a_token_of_the_account(emulator: SheetsEmulator) -> None:
    emulator.service_account_info("robot@example.com")
    address = "/v1/projects/-/serviceAccounts/robot%40example.com:generateAccessToken"
    answer = requests.post(emulator.url + address, json={"scope": [SCOPE]}, timeout=10).json()
    spreadsheet_id = emulator.create_spreadsheet(share={"robot@example.com": "reader"})
    header = {"Authorization": "Bearer " + answer["accessToken"]}
    path = f"{emulator.url}/v4/spreadsheets/{spreadsheet_id}"
    assert requests.get(path, headers=header, timeout=10).status_code == 200


def test_who_may_not_is_told_so_as_google_does(emulator: SheetsEmulator, api: Api) -> None:
    rename = {"updateSpreadsheetProperties": {"properties": {"title": "T"}, "fields": "title"}}
    assert api.get().status == 200

    emulator.share(api.id, DEFAULT_ACCOUNT, "reader")
    assert api.get().status == 200
    refused = api.batch(rename)
    assert (refused.status, refused.message) == (403, "The caller does not have permission")

    emulator.share(api.id, DEFAULT_ACCOUNT, None)
    assert api.get().error["status"] == "PERMISSION_DENIED"
    emulator.share(api.id, "anyone", "writer")
    assert api.batch(rename).status == 200

    missing = api_for(emulator, "no-such-spreadsheet").get()
    assert (missing.status, missing.message) == (404, "Requested entity was not found.")

    excel = api_for(emulator, emulator.create_xlsx_file()).get()
    assert excel.message == "This operation is not supported for this document"
    assert (excel.status, excel.error["status"]) == (400, "FAILED_PRECONDITION")

    readonly = api_for(emulator, api.id, scopes=(SCOPE + ".readonly",))
    assert readonly.get().status == 200
    short = readonly.batch(rename)
    assert short.error["details"][0]["reason"] == "ACCESS_TOKEN_SCOPE_INSUFFICIENT"

    emulator.api_enabled = False
    disabled = api.get()
    assert (disabled.status, disabled.error["details"][0]["reason"]) == (403, "SERVICE_DISABLED")


def test_tokens_are_checked_and_expire(emulator: SheetsEmulator, api: Api) -> None:
    assert requests.get(api.url, timeout=10).status_code == 403
    wrong = requests.get(api.url, headers={"Authorization": "Bearer nonsense"}, timeout=10)
    assert wrong.json()["error"]["status"] == "UNAUTHENTICATED"
    emulator.clock.advance(3601)
    assert api.get().status == 401


def test_a_batch_is_applied_wholly_or_not_at_all(emulator: SheetsEmulator, api: Api) -> None:
    before = emulator.snapshot(api.id).visible()
    refused = api.batch(
        {"addSheet": {"properties": {"title": "New"}}},
        {"deleteSheet": {"sheetId": 0}},
        {"deleteSheet": {"sheetId": 424242}},
    )
    assert refused.status == 400
    assert refused.message == "Invalid requests[2].deleteSheet: No sheet with id: 424242"
    assert emulator.snapshot(api.id).visible() == before
    assert len(emulator.history(api.id)) == 1
    assert not emulator.log("write")[-1].applied


def test_replies_mirror_the_requests(api: Api) -> None:
    answer = api.batch(
        {"addSheet": {"properties": {"title": "New", "sheetId": 7}}},
        {"deleteSheet": {"sheetId": 0}},
        {"findReplace": {"find": "a", "replacement": "b", "allSheets": True}},
    )
    assert answer.body["replies"] == [
        {
            "addSheet": {
                "properties": {
                    "sheetId": 7,
                    "title": "New",
                    "index": 2,
                    "sheetType": "GRID",
                    "gridProperties": {"rowCount": 1000, "columnCount": 26},
                }
            }
        },
        {},
        {"findReplace": {}},
    ]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (
            {"requests": [{"addSheet": {"proprties": {}}}]},
            "Unknown name \"proprties\" at 'requests[0].add_sheet': Cannot find field.",
        ),
        (
            {"requests": [{"addSheet": {"properties": {"title": 5}}}]},
            "Invalid value at 'requests[0].add_sheet.properties.title' (TYPE_STRING), 5",
        ),
        (
            {"requests": [{"mergeCells": {"mergeType": "MERGE_SOME"}}]},
            "Invalid value at 'requests[0].merge_cells.merge_type' (ENUM), \"MERGE_SOME\"",
        ),
        ({"requests": [{"makeCoffee": {}}]}, "Unknown name \"makeCoffee\" at 'requests[0]'"),
        ({}, "Must specify at least one request."),
        (
            {"requests": [{"deleteSheet": {"sheetId": 1}, "addSheet": {}}]},
            "Invalid requests[0]: No request set.",
        ),
    ],
)
def test_what_the_discovery_document_does_not_allow_is_refused(
    api: Api, body: dict[str, Any], message: str
) -> None:
    answer = api.post(":batchUpdate", body)
    assert answer.status == 400
    assert message in answer.message


def test_a_null_is_as_good_as_nothing(api: Api) -> None:
    properties = {"title": "Nulls", "hidden": None, "gridProperties": None}
    assert api.batch({"addSheet": {"properties": properties}}).status == 200


def test_parameters_bodies_and_masks_are_checked(api: Api) -> None:
    assert 'Unknown name "field": Cannot bind query' in api.get("?field=sheets").message
    assert api.get("?includeGridData=maybe").status == 400
    assert api.get("/values/Data?majorDimension=DIAGONALS").status == 400
    assert api.get("?fields=sheets.propertis").status == 400
    assert api.get("?fields=sheets(properties").status == 400
    assert "Unexpected token" in api.post(":batchUpdate", b'{"requests": NaN}').message
    assert api.post(":batchUpdate", b"{").status == 400
    too_long = json.dumps({"requests": [], "responseRanges": ["x" * 10_485_760]}).encode()
    assert "10485760 bytes" in api.post(":batchUpdate", too_long).message
    assert api.post(":noSuchMethod", {}).status == 404


def test_what_it_does_not_know_is_a_loud_501(api: Api) -> None:
    assert api.batch({"refreshDataSource": {"isAll": True}}).status == 501
    chart = {"spec": {"title": "T"}, "position": {"newSheet": True}}
    assert api.batch({"addChart": {"chart": chart}}).status == 501


def test_every_method_of_the_discovery_document_is_answered() -> None:
    assert {method.id for method in methods()} == set(ANSWERS)


def test_a_response_that_google_could_not_give_is_a_failure_of_the_emulator() -> None:
    with pytest.raises(Exception, match=r'Unknown name "colour" at .sheets\[0\]'):
        check_response("Spreadsheet", {"sheets": [{"colour": "red"}]})
    assert len(discovery_document()["schemas"]["Request"]["properties"]) >= 70


def test_a_failing_action_makes_the_emulator_fail() -> None:
    def fail(_: object) -> None:
        raise ValueError("on purpose")

    running = SheetsEmulator()
    running.start()
    running.on_call(1, fail)
    assert api_for(running, running.create_spreadsheet()).get().status == 500
    with pytest.raises(RuntimeError, match="The Sheets emulator failed"):
        running.__exit__(None, None, None)


def test_googles_own_client_library_works(emulator: SheetsEmulator, api: Api) -> None:
    sheets = build(
        "sheets",
        "v4",
        credentials=session(emulator.service_account_info()).credentials,
        client_options={"api_endpoint": emulator.url},
        static_discovery=True,
    ).spreadsheets()
    answer = sheets.values().get(spreadsheetId=api.id, range="Data!A1:B2").execute()
    assert answer["values"] == [["a", "1"]]
    long = sheets.values().batchGet(spreadsheetId=api.id, ranges=["Data!A1:B2"] * 300).execute()
    assert [item["values"] for item in long["valueRanges"]] == [[["a", "1"]]] * 300
    assert emulator.log()[-1].kind == "read"


def test_answers_are_compact_and_zipped_on_request(api: Api) -> None:
    headers = {"Authorization": "Bearer " + api.token, "Accept-Encoding": "identity"}
    pretty = requests.get(api.url, headers=headers, timeout=10).text
    compact = requests.get(api.url + "?prettyPrint=false", headers=headers, timeout=10).text
    assert pretty.count("\n") > 50
    assert "\n" not in compact
    assert json.loads(pretty) == json.loads(compact)
    headers["Accept-Encoding"] = "gzip"
    raw = requests.get(api.url, headers=headers, timeout=10, stream=True).raw.read()
    assert gzip.decompress(raw).decode() == pretty


def test_a_new_spreadsheet_has_googles_defaults(emulator: SheetsEmulator) -> None:
    api = api_for(emulator, "")
    created = api.post("", {"properties": {"title": "Mine"}}).body
    assert created["properties"]["title"] == "Mine"
    assert created["properties"]["timeZone"] == "Etc/GMT"
    assert created["sheets"] == [
        {
            "properties": {
                "sheetId": 0,
                "title": "Sheet1",
                "index": 0,
                "sheetType": "GRID",
                "gridProperties": {"rowCount": 1000, "columnCount": 26},
            }
        }
    ]
    two = {"sheets": [{"properties": {"title": "One"}}, {"properties": {"title": "Two"}}]}
    titles = [sheet["properties"]["title"] for sheet in api.post("", two).body["sheets"]]
    assert titles == ["One", "Two"]


def test_masks_choose_what_is_shown(api: Api) -> None:
    shown = api.get("?fields=sheets(properties(sheetId,title)),spreadsheetId").body
    assert shown["spreadsheetId"] == api.id
    assert shown["sheets"][0] == {"properties": {"sheetId": 0, "title": "Data"}}
    values = api.get("?fields=sheets.data.rowData.values.userEnteredValue&ranges=Data!A1:B2").body
    assert values == {
        "sheets": [
            {
                "data": [
                    {
                        "rowData": [
                            {
                                "values": [
                                    {"userEnteredValue": {"stringValue": "a"}},
                                    {"userEnteredValue": {"numberValue": 1}},
                                ]
                            }
                        ]
                    }
                ]
            }
        ]
    }
    assert "data" not in api.get().body["sheets"][0]
    assert "data" in api.get("?includeGridData=true").body["sheets"][0]
    whole = api.get("?fields=*").body
    assert {"properties", "spreadsheetUrl", "sheets"} <= whole.keys()


def test_a_commit_can_show_the_cells_it_wrote(api: Api) -> None:
    answer = api.post(
        ":batchUpdate?fields=updatedSpreadsheet.sheets.data.rowData.values.userEnteredValue",
        {
            "requests": [
                {
                    "updateCells": {
                        "start": {"sheetId": 0, "rowIndex": 0, "columnIndex": 0},
                        "rows": [{"values": [{"userEnteredValue": {"boolValue": True}}]}],
                        "fields": "userEnteredValue",
                    }
                }
            ],
            "includeSpreadsheetInResponse": True,
            "responseRanges": ["Data!A1", "Data!B1"],
            "responseIncludeGridData": True,
        },
    ).body
    (sheet,) = answer["updatedSpreadsheet"]["sheets"]
    assert [data["rowData"] for data in sheet["data"]] == [
        [{"values": [{"userEnteredValue": {"boolValue": True}}]}],
        [{"values": [{"userEnteredValue": {"numberValue": 1}}]}],
    ]


def test_quotas_are_per_user_and_kind_and_pass_with_the_minute() -> None:
    with SheetsEmulator(quotas=Quotas(per_project=5, per_user=3)) as running:
        api = api_for(running, running.create_spreadsheet())
        other = api_for(running, api.id, email="other@example.com")
        running.share(api.id, "other@example.com", "reader")
        assert [api.get().status for _ in range(4)] == [200, 200, 200, 429]
        refused = api.get()
        assert "Read requests per minute per user" in refused.message
        assert refused.error["status"] == "RESOURCE_EXHAUSTED"
        assert api.post("/values/A1:clear", {}).status == 200
        assert [other.get().status for _ in range(3)] == [200, 200, 429]
        running.clock.advance(61)
        assert api.get().status == 200


def test_it_remembers_calls_and_every_state_that_there_was(
    emulator: SheetsEmulator, api: Api
) -> None:
    api.get()
    api.put("/values/Data!A1?valueInputOption=RAW", {"values": [["x"]]})
    emulator.type_in(api.id, "Data!C1", [["=B1+1", "1/2/2026"]])
    emulator.edit(api.id, [{"deleteSheet": {"sheetId": 1001}}])
    assert [(call.kind, call.method) for call in emulator.log()] == [
        ("read", "spreadsheets.get"),
        ("write", "spreadsheets.values.update"),
    ]
    assert emulator.log("write")[0].body_bytes == len(b'{"values": [["x"]]}')
    seen = [snapshot.visible() for snapshot in emulator.history(api.id)]
    formula = Formula("=B1+1")
    assert seen == [
        {"Data": [["a", 1]], "More": []},
        {"Data": [["x", 1]], "More": []},
        {"Data": [["x", 1, formula, 46024]], "More": []},
        {"Data": [["x", 1, formula, 46024]]},
    ]
    emulator.forget_calls()
    assert emulator.log() == []


def test_many_cells_are_no_burden(emulator: SheetsEmulator) -> None:
    rows = [[f"row {row}", *range(8)] for row in range(10_000)]
    api = api_for(emulator, emulator.create_spreadsheet(tabs={"Data": rows}))
    body = {"dataFilters": [{"gridRange": {"sheetId": 0}}], "valueRenderOption": "FORMULA"}
    answer = api.post("/values:batchGetByDataFilter?prettyPrint=false", body).body
    assert answer["valueRanges"][0]["valueRange"]["values"] == rows
    source = {"sheetId": 0, "startRowIndex": 1, "endRowIndex": 10_000}
    target = {"sheetId": 0, "startRowIndex": 0, "endRowIndex": 9_999}
    paste = {"source": source, "destination": target, "pasteType": "PASTE_VALUES"}
    assert api.batch({"copyPaste": paste}).status == 200
    assert emulator.snapshot(api.id).values("Data")[:-1] == rows[1:]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no Ctrl-C to send to a process")
def test_it_can_be_started_by_hand() -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.sheets_emulator", "--port", "0"],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        told = {}
        for line in process.stdout:
            if "export " in line:
                name, _, value = line.strip().removeprefix("export ").partition("=")
                told[name] = value
            if line.startswith("Ctrl-C"):
                break
        info = json.loads(Path(told["GOOGLE_SERVICE_ACCOUNT_FILE"]).read_text(encoding="utf-8"))
        address = f"{told['GOOGLE_SHEETS_API_ENDPOINT']}/v4/spreadsheets/{told['GOOGLE_SHEET_ID']}"
        assert session(info).get(address).status_code == 200
    finally:
        process.send_signal(2)
        assert process.wait(timeout=10) == 0
