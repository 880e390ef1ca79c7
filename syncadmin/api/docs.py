"""The OpenAPI document as a page shows it: references followed, types in a word."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

Schema = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Value:
    """A parameter of a request, or a field of an answer."""

    name: str
    type: str
    text: str
    choices: tuple[str, ...] = ()
    default: str = ""


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing to ask. ``answer``: the fields of what comes back, or of each item of a list."""

    id: str
    path: str
    summary: str
    text: str
    parameters: tuple[Value, ...]
    answer: tuple[Value, ...]
    is_list: bool
    statuses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Described:
    """The whole of it: (tag, its operations)."""

    text: tuple[str, ...]
    groups: tuple[tuple[str, tuple[Operation, ...]], ...]


def described(document: Schema) -> Described:
    """What the page shows of the document."""
    groups: dict[str, list[Operation]] = {}
    for path, methods in document["paths"].items():
        operation = methods["get"]
        groups.setdefault(operation["tags"][0], []).append(_operation(path, operation, document))
    paragraphs = tuple(
        part.replace("\n", " ").strip() for part in document["info"]["description"].split("\n\n")
    )
    return Described(paragraphs, tuple((tag, tuple(found)) for tag, found in groups.items()))


def _operation(path: str, operation: Schema, document: Schema) -> Operation:
    answer = _resolved(operation["responses"]["200"]["content"]["application/json"]["schema"], document)
    items = answer["properties"].get("items")
    shown = _resolved(items["items"], document) if items else answer
    return Operation(
        id=operation["operationId"], path=path, summary=operation["summary"], text=operation.get("description", ""),
        parameters=tuple(_parameter(each, document) for each in operation.get("parameters", [])),
        answer=tuple(_value(name, schema, document) for name, schema in shown["properties"].items()),
        is_list=items is not None, statuses=tuple(str(status) for status in operation["responses"]),
    )  # fmt: skip


def _parameter(told: Schema, document: Schema) -> Value:
    """Who doesn't want to ask for something leaves it out, so null is none of its values."""
    found = _value(told["name"], told["schema"], document)
    text = found.text or told.get("description", "")
    return replace(found, type=found.type.removesuffix(" or null"), text=text)


def _value(name: str, schema: Schema, document: Schema) -> Value:
    real = _resolved(schema, document)
    default = real.get("default")
    return Value(
        name, _type_of(schema, document), schema.get("description", real.get("description", "")),
        tuple(str(each) for each in real.get("enum", real.get("x-extensible-enum", []))),
        "" if default in (None, "") else str(default),
    )  # fmt: skip


def _type_of(schema: Schema, document: Schema) -> str:
    """ "date-time", "integer", "list of string", "object"; "or null" is said where it may be."""
    if parts := schema.get("anyOf"):
        return " or ".join(dict.fromkeys(_type_of(part, document) for part in parts))
    real = _resolved(schema, document)
    if real.get("type") == "array":
        return f"list of {_type_of(real['items'], document)}"
    return str(real.get("format") or real.get("type", "any value"))


def _resolved(schema: Schema, document: Schema) -> Schema:
    """The schema itself: a reference followed, the one alternative that isn't null taken."""
    real = [part for part in schema.get("anyOf", []) if part.get("type") != "null"]
    if len(real) == 1:
        return _resolved(real[0], document) | {key: value for key, value in schema.items() if key != "anyOf"}
    if "$ref" in schema:
        found: Schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        return found | {key: value for key, value in schema.items() if key != "$ref"}
    return schema
