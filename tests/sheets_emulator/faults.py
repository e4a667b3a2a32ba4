"""What can go wrong between a client and Google, to order.

A fault is planned for some calls and strikes at each of them, before or after the call's work is
done:

    emulator.plan(Fault.status(503, after=True), call=3)
    emulator.plan(Fault.reset(), method="spreadsheets.batchUpdate", times=2)
    emulator.plan(Fault.run(lambda call: emulator.edit(book, requests)), kind="write")
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable

Kind = Literal["read", "write", "token", "drive"]


@dataclass
class Call:
    """One request that reached the emulator, as its log keeps it.

    Attributes:
        number: Its place among all calls, from 1; calls of the token endpoint have their own count.
        kind: What it costs: a read or a write of the Sheets API, a token, a Drive call.
        method: Google's name of the method, such as `spreadsheets.values.get`.
        http_method: GET, POST, PUT …
        path: Path and query as sent.
        spreadsheet_id: The spreadsheet it is about; empty for none.
        body: The request body as sent, decompressed.
        email: The caller, once the token has been checked.
        status: The HTTP status that was answered; 0 while there is no answer, or never one.
        applied: Whether it changed a spreadsheet.
        response_bytes: Bytes of the answer's body on the wire.
        sent_bytes: Bytes of the request body on the wire.
        is_compressed: Whether it was compressed.
    """

    number: int
    kind: Kind
    method: str
    http_method: str
    path: str
    spreadsheet_id: str = ""
    body: bytes = b""
    email: str = ""
    status: int = 0
    applied: bool = False
    response_bytes: int = 0
    sent_bytes: int = 0
    is_compressed: bool = False

    @property
    def body_bytes(self) -> int:
        """Bytes of the request body."""
        return len(self.body)


Effect = Literal["status", "hang", "late", "reset", "truncate", "run"]


@dataclass(frozen=True)
class Fault:
    """One thing that goes wrong. Make it with the class methods."""

    effect: Effect
    after: bool = False
    code: int = 0
    retry_after: int | None = None
    action: Callable[[Call], object] | None = None

    @classmethod
    def status(cls, code: int, *, after: bool = False, retry_after: int | None = None) -> Fault:
        """An error answer: 429, 500, 503 …; `after`: although the call's work was done."""
        return cls("status", after=after, code=code, retry_after=retry_after)

    @classmethod
    def timeout(cls, *, after: bool = False) -> Fault:
        """No answer ever; the connection stays open until the client gives up."""
        return cls("hang", after=after)

    @classmethod
    def late(cls) -> Fault:
        """No answer; the call's work is done only after the client has given up."""
        return cls("late")

    @classmethod
    def reset(cls, *, after: bool = False) -> Fault:
        """The connection is reset."""
        return cls("reset", after=after)

    @classmethod
    def truncated(cls) -> Fault:
        """The call's work is done, and the answer breaks off in the middle of its body."""
        return cls("truncate", after=True)

    @classmethod
    def run(cls, action: Callable[[Call], object], *, after: bool = False) -> Fault:
        """Runs something just before, or just after, the call's work: a racing writer, a kill."""
        return cls("run", after=after, action=action)


@dataclass
class Plan:
    """A fault and the calls that it strikes."""

    fault: Fault
    call: int | None = None
    kind: Kind | None = None
    method: str | None = None
    times: int = 1

    def strikes(self, call: Call) -> bool:
        """Whether this call is one of them; counts down `times`."""
        chosen = (
            self.times > 0
            and (call.kind != "token" or self.kind == "token")
            and self.call in (None, call.number)
            and self.kind in (None, call.kind)
            and self.method in (None, call.method)
        )
        if chosen:
            self.times -= 1
        return chosen
