"""Reading a result document from a file, or saying in one sentence why it is none."""

from __future__ import annotations

import json
import math
import re
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from cnn_conformance.outcomes import Outcome

SCHEMA = Path(__file__).resolve().parents[1] / "grading" / "schema.json"
MAX_BYTES = 256 << 20
FORMAT = "cnn-conformance-result"
TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, float),
    "null": (type(None),),
}


class BadDocument(Exception):
    """A file holds no result document that this version can show; says why."""


def load(path: Path) -> dict[str, Any]:
    """Return the result document in a file.

    Raises
    ------
    BadDocument
        If it cannot be read, is not JSON, has another format or version, was not written to its
        end, or lacks a field or has one of the wrong type.
    """
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
        if len(data) > MAX_BYTES:
            raise BadDocument(f"{path} has more than {MAX_BYTES >> 20} MiB")
        text = data.decode()
    except OSError as error:
        raise BadDocument(f"{path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise BadDocument(f"{path} is not UTF-8: byte {error.start} is none of its") from error
    try:
        document = json.loads(text, parse_constant=_no_constant)
    except RecursionError as error:
        raise BadDocument(f"{path} is nested too deeply for a result document") from error
    except ValueError as error:
        raise BadDocument(f"{path} is not JSON, or was cut off: {error}") from error
    try:
        check(document)
    except BadDocument as error:
        raise BadDocument(f"{path} {error}") from error
    return dict(document)


def check(document: Any) -> None:
    """Demand that a value is a result document of this version.

    Raises
    ------
    BadDocument
        If not; the text continues a sentence that begins with the file's name.
    """
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise BadDocument(f'is not a result document: expected "format": "{FORMAT}"')
    version, known = document.get("version"), _schema()["properties"]["version"]["const"]
    if version != known or isinstance(version, bool):
        raise BadDocument(f"has version {_short(version)} of the format, expected {known}")
    is_complete = document.get("complete")
    if is_complete is not True and not (is_complete is False and document.get("partial") is True):
        raise BadDocument('is not complete: neither "complete" nor "partial" is true')
    wrong = _mismatch(document, _schema(), "")
    if wrong:
        raise BadDocument(f"is not a valid result document: {wrong}")
    for requirement in document["requirements"]:
        if all(case["outcome"] != requirement["verdict"] for case in requirement["cases"]):
            raise BadDocument(f"contradicts itself: no case of {requirement['id']} has its verdict")


@cache
def _schema() -> dict[str, Any]:
    schema: dict[str, Any] = json.loads(SCHEMA.read_text("utf-8"))
    return schema


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is no JSON number")


def _mismatch(value: Any, schema: dict[str, Any], where: str) -> str:
    """Return where a value is not as the schema says, empty if nowhere. Unknown fields may be."""
    if "$ref" in schema:
        schema = _schema()["$defs"][schema["$ref"].rpartition("/")[2]] | schema
    allowed = schema.get("enum") or [each["const"] for each in schema.get("oneOf", ())]
    if allowed and value not in allowed:
        return f"{where} is {_short(value)}, expected one of {', '.join(map(str, allowed))}"
    types = schema.get("type", [])
    types = [types] if isinstance(types, str) else types
    if types and not any(_is_a(value, name) for name in types):
        return f"{where or 'the document'} is {_short(value)}, expected {' or '.join(types)}"
    if isinstance(value, str) and not re.search(schema.get("pattern", ""), value):
        return f"{where} is {_short(value)}, which is not of the form {schema['pattern']}"
    if schema.get("format") == "date-time" and not _is_time(value):
        return f"{where} is {_short(value)}, expected a time like 2026-01-02T03:04:05+00:00"
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return _out_of_range(value, schema, where)
    if isinstance(value, list):
        return _in_list(value, schema, where)
    return _in_object(value, schema, where) if isinstance(value, dict) else ""


def _out_of_range(value: float, schema: dict[str, Any], where: str) -> str:
    top = 1e15 if "type" in schema else math.inf  # details have any finite number that came
    if not schema.get("minimum", value) <= value < top:
        return f"{where} is {_short(value)}, which is out of range"
    return ""


def _in_list(value: list[Any], schema: dict[str, Any], where: str) -> str:
    if len(value) < schema.get("minItems", 0):
        return f"{where} is empty"
    for place, item in enumerate(value):
        if wrong := _mismatch(item, schema.get("items", {}), f"{where}[{place}]"):
            return wrong
    return ""


def _in_object(value: dict[str, Any], schema: dict[str, Any], where: str) -> str:
    required = schema.get("required", [])
    is_case = "check" in required
    if is_case and value.get("outcome") not in (Outcome.PASSED, Outcome.NOT_SELECTED):
        required = [*required, "why", "message", "prints", "details"]
    for name in required:
        if name not in value:
            return f"{where or 'the document'} has no {name}"
    fields = schema.get("properties", {})
    others = schema.get("additionalProperties")
    for name, item in value.items():
        inner = fields.get(name) or (others if isinstance(others, dict) else {})
        if wrong := _mismatch(item, inner, f"{where}.{name}".lstrip(".")):
            return wrong
    return ""


def _is_a(value: Any, name: str) -> bool:
    if isinstance(value, bool) and name in ("integer", "number"):
        return False
    return isinstance(value, TYPES[name])


def _is_time(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False


def _short(value: Any) -> str:
    text = json.dumps(value)
    return text if len(text) <= 60 else text[:57] + "..."
