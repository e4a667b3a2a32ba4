"""Faults to order: what the client sees, and whether the work was done all the same."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest
import requests

from tests.sheets_emulator import Fault, SheetsEmulator
from tests.sheets_emulator.plain_client import Api, api_for

if TYPE_CHECKING:
    from tests.sheets_emulator import Call

BODY = {"values": [["new"]]}
PATH = "/values/Data!A1?valueInputOption=RAW"


@pytest.fixture
def api(emulator: SheetsEmulator) -> Api:
    return api_for(emulator, emulator.create_spreadsheet(tabs={"Data": [["old"]]}))


def write(api: Api, timeout: float = 10) -> requests.Response:
    """One write over a connection of its own."""
    header = {"Authorization": "Bearer " + api.token}
    return requests.put(api.url + PATH, json=BODY, headers=header, timeout=timeout)


def value(emulator: SheetsEmulator, api: Api) -> object:
    return emulator.snapshot(api.id).values("Data")[0][0]


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("code", [429, 500, 503])
def test_errors_before_and_after_the_write(
    emulator: SheetsEmulator, api: Api, code: int, *, after: bool
) -> None:
    emulator.plan(Fault.status(code, after=after, retry_after=7))
    answer = write(api)
    assert answer.status_code == code == answer.json()["error"]["code"]
    assert answer.headers["Retry-After"] == "7"
    assert value(emulator, api) == ("new" if after else "old")
    assert write(api).status_code == 200
    assert [call.status for call in emulator.log()] == [code, 200]


def test_without_retry_after_there_is_none(emulator: SheetsEmulator, api: Api) -> None:
    emulator.plan(Fault.status(429))
    assert "Retry-After" not in write(api).headers


@pytest.mark.parametrize("after", [False, True])
def test_a_timeout(emulator: SheetsEmulator, api: Api, *, after: bool) -> None:
    emulator.plan(Fault.timeout(after=after))
    with pytest.raises(requests.Timeout):
        write(api, timeout=0.2)
    assert value(emulator, api) == ("new" if after else "old")
    assert emulator.log()[0].status == 0


def test_a_write_that_is_applied_only_after_the_client_gave_up(
    emulator: SheetsEmulator, api: Api
) -> None:
    applied = threading.Event()
    emulator.plan(Fault.late())
    emulator.plan(Fault.run(lambda _: applied.set(), after=True))
    with pytest.raises(requests.Timeout):
        write(api, timeout=0.2)
    assert applied.wait(10)
    assert value(emulator, api) == "new"


@pytest.mark.parametrize("after", [False, True])
def test_a_reset(emulator: SheetsEmulator, api: Api, *, after: bool) -> None:
    emulator.plan(Fault.reset(after=after))
    with pytest.raises(requests.ConnectionError, match="reset"):
        write(api)
    assert value(emulator, api) == ("new" if after else "old")


def test_a_truncated_answer(emulator: SheetsEmulator, api: Api) -> None:
    emulator.plan(Fault.truncated())
    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        write(api)
    assert value(emulator, api) == "new"


def test_a_racing_writer_comes_first(emulator: SheetsEmulator, api: Api) -> None:
    add = [{"addSheet": {"properties": {"title": "Racing"}}}]
    emulator.plan(Fault.run(lambda call: emulator.edit(call.spreadsheet_id, add)), kind="write")
    assert api.get().status == 200
    assert write(api).status_code == 200
    titles = [snapshot.titles for snapshot in emulator.history(api.id)]
    assert titles == [["Data"], ["Data", "Racing"], ["Data", "Racing"]]


def test_a_user_edits_between_read_and_commit(emulator: SheetsEmulator, api: Api) -> None:
    def edit(_: Call) -> None:
        emulator.type_in(api.id, "Data!A1", [["by hand"]])

    emulator.on_call(1, edit, after=True)
    assert api.values("Data") == [["old"]]
    assert api.values("Data") == [["by hand"]]


def test_faults_choose_their_calls(emulator: SheetsEmulator, api: Api) -> None:
    emulator.plan(Fault.status(503), call=2)
    emulator.plan(Fault.status(500), kind="write", times=2)
    emulator.plan(Fault.status(429), method="spreadsheets.values.get")
    statuses = [api.get().status, api.get().status, write(api).status_code, write(api).status_code]
    assert statuses == [200, 503, 500, 500]
    assert [api.get("/values/Data").status, write(api).status_code] == [429, 200]
    emulator.plan(Fault.status(503))
    emulator.clear_plans()
    assert api.get().status == 200


def test_the_token_endpoint_fails_only_when_it_is_meant(emulator: SheetsEmulator, api: Api) -> None:
    emulator.plan(Fault.status(503), kind="token")
    assert api.get().status == 200
    assert requests.post(emulator.url + "/token", data={}, timeout=10).status_code == 503


def test_stopping_lets_go_of_clients_that_wait() -> None:
    running = SheetsEmulator()
    running.start()
    api = api_for(running, running.create_spreadsheet())
    arrived = threading.Event()
    failures: list[Exception] = []

    def wait() -> None:
        try:
            write(api, timeout=30)
        except requests.ConnectionError as error:
            failures.append(error)

    running.plan(Fault.run(lambda _: arrived.set()))
    running.plan(Fault.timeout())
    client = threading.Thread(target=wait)
    client.start()
    assert arrived.wait(10)
    running.stop()
    client.join(10)
    assert len(failures) == 1


def test_many_clients_at_once_are_served_one_after_another(emulator: SheetsEmulator) -> None:
    spreadsheet_id = emulator.create_spreadsheet(tabs={"Data": []})

    def append(number: int) -> None:
        api = api_for(emulator, spreadsheet_id)
        path = "/values/Data:append?valueInputOption=RAW"
        for _ in range(5):
            assert api.post(path, {"values": [[number]]}).status == 200

    clients = [threading.Thread(target=append, args=(number,)) for number in range(4)]
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    written = [str(row[0]) for row in emulator.snapshot(spreadsheet_id).values("Data")]
    assert sorted(written) == sorted(["0.0", "1.0", "2.0", "3.0"] * 5)
    assert len(emulator.history(spreadsheet_id)) == 21


def test_latency_is_spent_on_every_call() -> None:
    with SheetsEmulator(latency_seconds=0.05) as running:
        answer = write(api_for(running, running.create_spreadsheet(tabs={"Data": []})))
        assert answer.elapsed.total_seconds() >= 0.05
