"""Google's discovery document as a strict checker of every message, and field masks over it.

The document is the one that `google-api-python-client` ships. Its schemas are compiled once into
small closures: an unknown field, a wrong type or an unknown enum value is an error; JSON null is
the same as leaving the field out, as in every protobuf-backed API.
"""

from __future__ import annotations

import functools
import importlib.resources
import json
import marshal
import re
from collections.abc import Callable
from typing import Any

from tests.sheets_emulator.errors import ApiError, Json, invalid

Check = Callable[[Any], None]
Mask = dict[str, Any]
"""A field mask as a tree: name → sub-tree; an empty tree is the whole field."""


class ContractViolationError(Exception):
    """A message that the discovery document does not allow."""

    def __init__(self, problem: str, *, unknown: str | None = None) -> None:
        super().__init__(problem)
        self.problem = problem
        self.unknown = unknown
        self.path = ""

    def inside(self, step: str) -> ContractViolationError:
        """The same violation, seen from one level further out."""
        joint = "." if self.path and not self.path.startswith("[") else ""
        self.path = step + joint + self.path
        return self

    def __str__(self) -> str:
        path = re.sub(r"(?<=[a-z0-9])([A-Z])", lambda match: "_" + match[1].lower(), self.path)
        if self.unknown is not None:
            at = f" at '{path}'" if path else ""
            return f'Unknown name "{self.unknown}"{at}: Cannot find field.'
        return f"Invalid value at '{path}' {self.problem}"


@functools.cache
def discovery_document() -> Json:
    """The Sheets v4 discovery document."""
    documents = importlib.resources.files("googleapiclient") / "discovery_cache" / "documents"
    document: Json = json.loads((documents / "sheets.v4.json").read_text(encoding="utf-8"))
    return document


def _wrong(type_name: str, value: object) -> ContractViolationError:
    shown = json.dumps(value, ensure_ascii=False)[:200]
    return ContractViolationError(f"({type_name}), {shown}")


def _check_string(value: object) -> None:
    if not isinstance(value, str):
        raise _wrong("TYPE_STRING", value)


def _check_boolean(value: object) -> None:
    if not isinstance(value, bool):
        raise _wrong("TYPE_BOOL", value)


def _check_int32(value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or not -(2**31) <= value < 2**31:
        raise _wrong("TYPE_INT32", value)


def _check_number(value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _wrong("TYPE_DOUBLE", value)


def _check_any(value: object) -> None:
    """A `google.protobuf.Value`: whatever JSON can say."""


def _enum_check(names: list[str]) -> Check:
    allowed = frozenset(names)

    def check(value: Any) -> None:
        if not isinstance(value, str) or value not in allowed:
            raise _wrong("ENUM", value)

    return check


def _list_check(item_check: Check) -> Check:
    def check(value: Any) -> None:
        if not isinstance(value, list):
            raise _wrong("ARRAY", value)
        if item_check is _check_any:
            return
        index, last = 0, b""
        try:
            for index, item in enumerate(value):  # noqa: B007 - the error says where
                # Most rows of a grid are as the row before them, which has no nulls any more.
                if last and _exactly(item) == last:
                    continue
                item_check(item)
                last = _exactly(item)
        except ContractViolationError as violation:
            raise violation.inside(f"[{index}]") from None

    return check


def _exactly(item: Any) -> bytes:
    """An object as bytes that say its types too, so that 1 is not true; empty if it is none."""
    try:
        return marshal.dumps(item, 2) if isinstance(item, dict) else b""
    except ValueError:
        return b""


def _map_check(item_check: Check) -> Check:
    def check(value: Any) -> None:
        if not isinstance(value, dict):
            raise _wrong("MAP", value)
        key = ""
        try:
            for key, item in value.items():  # noqa: B007 - the error says where
                item_check(item)
        except ContractViolationError as violation:
            raise violation.inside(f"[{key}]") from None

    return check


def _object_check(name: str, properties: Json) -> Check:
    fields: dict[str, Check] = {}

    def check(value: Any) -> None:
        if not isinstance(value, dict):
            raise _wrong(f"type.googleapis.com/google.apps.sheets.v4.{name}", value)
        if not fields:
            fields.update(
                {key: _compiled(json.dumps(schema)) for key, schema in properties.items()}
            )
        nulls = []
        for key, item in value.items():
            field_check = fields.get(key)
            if field_check is None:
                raise ContractViolationError("", unknown=key)
            if item is None:
                nulls.append(key)
                continue
            try:
                field_check(item)
            except ContractViolationError as violation:
                raise violation.inside(key) from None
        for key in nulls:
            del value[key]

    return check


@functools.cache
def _compiled(schema_text: str) -> Check:
    schema = json.loads(schema_text)
    if "$ref" in schema:
        return _named(schema["$ref"])
    if "enum" in schema:
        return _enum_check(schema["enum"])
    kind = schema["type"]
    if kind == "array":
        return _list_check(_compiled(json.dumps(schema["items"])))
    if kind == "object":
        return _map_check(_compiled(json.dumps(schema["additionalProperties"])))
    simple: dict[str, Check] = {
        "string": _check_string,
        "boolean": _check_boolean,
        "integer": _check_int32,
        "number": _check_number,
        "any": _check_any,
    }
    return simple[kind]


@functools.cache
def _named(name: str) -> Check:
    return _object_check(name, discovery_document()["schemas"][name].get("properties", {}))


def check_request(schema: str, message: object) -> None:
    """Refuses, as Google does, a request body that is not a `schema`; drops its nulls."""
    try:
        _named(schema)(message)
    except ContractViolationError as violation:
        raise ApiError(
            400,
            f"Invalid JSON payload received. {violation}"
            if violation.unknown is not None
            else str(violation),
            details=[
                {
                    "@type": "type.googleapis.com/google.rpc.BadRequest",
                    "fieldViolations": [{"field": violation.path, "description": str(violation)}],
                }
            ],
        ) from None


def check_response(schema: str, message: object) -> None:
    """Raises `ContractViolationError` where the emulator itself says what Google could not."""
    _named(schema)(message)


# --- field masks ------------------------------------------------------------------------------


def parse_mask(text: str) -> Mask:
    """A field mask such as `sheets(properties.title,data),namedRanges` or `a/b` as a tree."""
    text = text.replace(" ", "")
    tokens = re.findall(r"[A-Za-z0-9_]+|[(),./*]", text)
    if "".join(tokens) != text:
        raise invalid("Request contains an invalid argument.")
    try:
        mask, end = _mask_fields(tokens, 0)
    except IndexError:
        end = -1
    if end != len(tokens):
        raise invalid("Request contains an invalid argument.")
    return mask


def _mask_fields(tokens: list[str], position: int) -> tuple[Mask, int]:
    """The comma-separated fields from a position on, and where they end."""
    tree: Mask = {}
    while True:
        branch = tree
        while True:
            name = tokens[position]
            if name in "(),./":
                raise IndexError
            branch = branch.setdefault(name, {})
            position += 1
            if position == len(tokens) or tokens[position] not in "./":
                break
            position += 1
        if position < len(tokens) and tokens[position] == "(":
            below, position = _mask_fields(tokens, position + 1)
            _merge(branch, below)
            if tokens[position] != ")":
                raise IndexError
            position += 1
        if position == len(tokens) or tokens[position] != ",":
            return tree, position
        position += 1


def _merge(target: Mask, source: Mask) -> None:
    for name, branch in source.items():
        _merge(target.setdefault(name, {}), branch)


def check_mask(mask: Mask, schema: str) -> None:
    """Refuses a mask that names a field which `schema` does not have."""
    unknown = _unknown_path(mask, {"$ref": schema})
    if unknown is not None:
        raise ApiError(
            400,
            "Request contains an invalid argument.",
            details=[
                {
                    "@type": "type.googleapis.com/google.rpc.BadRequest",
                    "fieldViolations": [
                        {
                            "field": unknown,
                            "description": "Error expanding 'fields' parameter. "
                            f"Cannot find matching fields for path '{unknown}'.",
                        }
                    ],
                }
            ],
        )


def _unknown_path(mask: Mask, schema: Json) -> str | None:
    while schema.get("type") == "array":
        schema = schema["items"]
    if schema.get("type") == "object":
        return None
    properties: Json = {}
    if "$ref" in schema:
        properties = discovery_document()["schemas"][schema["$ref"]].get("properties", {})
    for name, branch in mask.items():
        if name == "*":
            continue
        if name not in properties:
            return name
        if branch:
            below = _unknown_path(branch, properties[name])
            if below is not None:
                return f"{name}.{below}"
    return None


def wants(mask: Mask | None, *path: str) -> bool:
    """Whether a mask (None: no mask) lets any part of a field through."""
    if mask is None:
        return True
    for name in path:
        if not mask or "*" in mask:
            return True
        if name not in mask:
            return False
        mask = mask[name]
    return True


def masked(value: Any, mask: Mask) -> Any:
    """The part of a message that a mask lets through."""
    if not mask or "*" in mask:
        return value
    if isinstance(value, list):
        return [masked(item, mask) for item in value]
    if isinstance(value, dict):
        return {
            key: masked(item, mask[key]) if mask[key] else item
            for key, item in value.items()
            if key in mask
        }
    return value


def merge_masked(target: Json, source: Json, mask: Mask) -> Json:
    """`target` with the masked fields replaced by `source`'s; a field `source` lacks is cleared."""
    if "*" in mask or not mask:
        return dict(source)
    result = dict(target)
    for name, branch in mask.items():
        if not branch or "*" in branch:
            if name in source:
                result[name] = source[name]
            else:
                result.pop(name, None)
            continue
        below = result.get(name)
        merged = merge_masked(
            below if isinstance(below, dict) else {}, source.get(name) or {}, branch
        )
        if merged:
            result[name] = merged
        else:
            result.pop(name, None)
    return result
