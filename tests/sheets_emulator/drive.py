"""The little of the Drive API v3 that gspread uses: files, copies, permissions, CSV import."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from tests.sheets_emulator.a1 import Area
from tests.sheets_emulator.clock import rfc3339
from tests.sheets_emulator.contract import masked, parse_mask
from tests.sheets_emulator.errors import ApiError, Json
from tests.sheets_emulator.grid import new_sheet
from tests.sheets_emulator.library import SPREADSHEET_TYPE, File, Library
from tests.sheets_emulator.values import grow, put_values


class DriveError(ApiError):
    """Drive's envelope lists its errors besides, as all older Google APIs do."""

    def __init__(self, code: int, reason: str, message: str) -> None:
        super().__init__(code, message)
        self.reason = reason

    def envelope(self) -> Json:
        one = {"message": self.message, "domain": "global", "reason": self.reason}
        return {"error": {"code": self.code, "message": self.message, "errors": [one]}}


Answer = tuple[int, Json]
Action = Callable[["DriveCall"], Answer]


class DriveCall:
    """One call of the Drive API, and the functions that answer it."""

    def __init__(self, library: Library, email: str, target: str, body: Any) -> None:
        parts = urlsplit(target)
        self.library = library
        self.email = email
        self.path = unquote(parts.path)
        self.query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        self.body = body
        self.match = re.fullmatch("", "")

    def perform(self, http_method: str) -> Answer:
        """Status and body of the answer.

        Raises:
            ApiError: What Drive would refuse; 501 for what this emulator does not know.
        """
        for method, pattern, action in ACTIONS:
            match = re.fullmatch(pattern, self.path)
            if method == http_method and match:
                self.match = match
                status, answer = action(self)
                fields = self.query.get("fields")
                return status, masked(answer, parse_mask(fields)) if fields else answer
        raise ApiError(501, f"The Sheets emulator does not know {http_method} {self.path}.")

    def file(self, *, role: str = "reader") -> tuple[str, File]:
        """The file that the path names, if the caller has at least that role."""
        file_id = self.match["id"] if self.match else ""
        file = self.library.files.get(file_id)
        held = None if file is None else file.role(self.email)
        if file is None or held is None:
            raise DriveError(404, "notFound", f"File not found: {file_id}.")
        ranks = ("reader", "writer", "owner")
        if ranks.index(held) < ranks.index(role):
            raise DriveError(
                403,
                "insufficientFilePermissions",
                f"The user does not have sufficient permissions for file {file_id}.",
            )
        return file_id, file


def file_json(file: File) -> Json:
    """A Drive `File` resource."""
    return {
        "kind": "drive#file",
        "id": file.book.id,
        "name": file.book.properties["title"],
        "mimeType": file.mime_type,
        "createdTime": rfc3339(file.created),
        "modifiedTime": rfc3339(file.modified),
    }


def _short(file: File) -> Json:
    """What Drive answers where no fields are asked for."""
    return {name: file_json(file)[name] for name in ("kind", "id", "name", "mimeType")}


def _create(call: DriveCall) -> Answer:
    name = call.body.get("name") or "Untitled"
    file = call.library.create({"properties": {"title": name}}, call.email)
    return 200, _short(file)


def _list(call: DriveCall) -> Answer:
    query = call.query.get("q", "")
    name = re.search(r"""name\s*=\s*(["'])(.*?)\1""", query)
    mime_type = re.search(r"""mimeType\s*=\s*(["'])(.*?)\1""", query)
    files = [
        file_json(file)
        for file in call.library.files.values()
        if file.role(call.email)
        and (name is None or file.book.properties["title"] == name[2])
        and (mime_type is None or file.mime_type == mime_type[2])
    ]
    return 200, {"kind": "drive#fileList", "incompleteSearch": False, "files": files}


def _get(call: DriveCall) -> Answer:
    _, file = call.file()
    return 200, file_json(file) if "fields" in call.query else _short(file)


def _copy(call: DriveCall) -> Answer:
    _, source = call.file()
    title = call.body.get("name") or f"Copy of {source.book.properties['title']}"
    copy = call.library.create({"properties": {"title": title}}, call.email)
    book = source.book.copy()
    book.id = copy.book.id
    book.properties = {**book.properties, "title": title}
    copy.book = book
    copy.history[:] = [book]
    return 200, _short(copy)


def _delete(call: DriveCall) -> Answer:
    file_id, _ = call.file(role="owner")
    del call.library.files[file_id]
    return 204, {}


def _permission(email: str, role: str) -> Json:
    kind = "anyone" if email == "anyone" else "user"
    item = {"kind": "drive#permission", "id": f"id-of-{email}", "type": kind, "role": role}
    return item if kind == "anyone" else {**item, "emailAddress": email}


def _list_permissions(call: DriveCall) -> Answer:
    _, file = call.file()
    items = [_permission(email, role) for email, role in file.roles.items()]
    return 200, {"kind": "drive#permissionList", "permissions": items}


def _add_permission(call: DriveCall) -> Answer:
    _, file = call.file(role="writer")
    email = "anyone" if call.body.get("type") == "anyone" else call.body.get("emailAddress", "")
    role = call.body.get("role", "")
    if not email or role not in ("owner", "writer", "reader"):
        raise DriveError(400, "invalid", "The permission is not valid.")
    file.roles[email.casefold()] = role
    return 200, _permission(email.casefold(), role)


def _delete_permission(call: DriveCall) -> Answer:
    _, file = call.file(role="writer")
    wanted = call.match["permission"] if call.match else ""
    for email in list(file.roles):
        if f"id-of-{email}" == wanted:
            del file.roles[email]
            return 204, {}
    raise DriveError(404, "notFound", f"Permission not found: {wanted}.")


def _comments(call: DriveCall) -> Answer:
    call.file()
    return 200, {"kind": "drive#commentList", "comments": []}


def _import_csv(call: DriveCall) -> Answer:
    """An uploaded CSV file replaces all tabs by one."""
    _, file = call.file(role="writer")
    rows = list(csv.reader(io.StringIO(call.body.decode("utf-8"))))
    book = file.book.copy()
    first, book.sheets = book.sheets[0], []
    sheet = new_sheet(book, {"sheetId": first.id, "title": first.title}, 0)
    book.sheets.append(sheet)
    area = Area(sheet.id, 0, 0, len(rows), max(map(len, rows), default=0))
    grow(book, sheet, area)
    put_values(sheet, area, rows, "USER_ENTERED")
    file.commit(book, call.library.clock.now())
    return 200, {"kind": "drive#file", "id": book.id, "mimeType": SPREADSHEET_TYPE}


_FILE = r"/drive/v3/files/(?P<id>[^/]+)"
ACTIONS: tuple[tuple[str, str, Action], ...] = (
    ("POST", "/drive/v3/files", _create),
    ("GET", "/drive/v3/files", _list),
    ("GET", _FILE, _get),
    ("DELETE", _FILE, _delete),
    ("POST", _FILE + "/copy", _copy),
    ("GET", _FILE + "/permissions", _list_permissions),
    ("POST", _FILE + "/permissions", _add_permission),
    ("DELETE", _FILE + "/permissions/(?P<permission>[^/]+)", _delete_permission),
    ("GET", _FILE + "/comments", _comments),
    ("PUT", r"/upload/drive/v2/files/(?P<id>[^/]+)", _import_csv),
)
