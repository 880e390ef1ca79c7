"""Form controls: one for each type of field, with its label and what Salesforce said about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from syncadmin.emulator.pages import fields
from syncadmin.emulator.pages.html import Markup, hidden, join, option, select, tag
from syncadmin.emulator.schema.model import NUMBERS, Field

if TYPE_CHECKING:
    from syncadmin.emulator.org import Org

KEYBOARDS = {"email": "email", "phone": "tel", "url": "url"}
Errors = dict[str, list[str]]


def control(org: Org, sobject: str, field: Field, value: str, errors: Errors) -> Markup:
    """A field with its label and its errors."""
    said = errors.get(field.name, [])
    wide = " wide" if field.type in ("textarea", "multipicklist") else ""
    bad = " bad" if said else ""
    shown = tag("p", " ".join(said), class_="error", id=f"e-{field.name}") if said else None
    if field.type == "boolean":
        return tag("div", _checkbox(field, value, bool(said)), shown, class_=f"field check{bad}")
    if field.type == "multipicklist":
        return tag("div", _boxes(field, value, bool(said)), shown, class_=f"field{wide}{bad}")
    needed = fields.is_required(org, sobject, field)
    wide += " needed" if needed else ""
    label = tag("label", _label(field), for_=f"f-{field.name}")
    return tag("div", label, _input(org, field, value, bool(said), needed), shown, class_=f"field{wide}{bad}")


def _label(field: Field) -> str:
    return f"{field.label} (UTC)" if field.type == "datetime" else fields.label(field)


def _described(field: Field, bad: bool) -> dict[str, str | bool | None]:
    return {
        "id": f"f-{field.name}",
        "aria_invalid": "true" if bad else None,
        "aria_describedby": f"e-{field.name}" if bad else None,
    }


def _checkbox(field: Field, value: str, bad: bool) -> Markup:
    box = tag(
        "input",
        type="checkbox",
        name=field.name,
        value="true",
        checked=value == "true",
        **_described(field, bad),
    )
    return join(hidden(field.name, "false"), tag("label", box, " ", field.label))


def _boxes(field: Field, value: str, bad: bool) -> Markup:
    chosen = value.split(";") if value else []
    known = [choice.value for choice in field.choices if choice.active]
    labels = {choice.value: choice.label for choice in field.choices}
    boxes = [
        tag(
            "label",
            tag("input", type="checkbox", name=field.name, value=one, checked=one in chosen),
            " ",
            labels.get(one, one),
        )
        for one in dict.fromkeys([*known, *chosen])
    ]
    legend = tag("legend", field.label)
    described = {"aria_describedby": f"e-{field.name}" if bad else None, "id": f"f-{field.name}"}
    return tag(
        "fieldset",
        legend,
        hidden(field.name, ""),
        tag("div", boxes, class_="boxes"),
        tabindex="-1",
        **described,
    )


def _input(org: Org, field: Field, value: str, bad: bool, needed: bool) -> Markup:
    same = {**_described(field, bad), "aria_required": "true" if needed else None}
    if field.type == "picklist":
        return select(field.name, _choices(field, value), **same)
    if field.type == "reference":
        choices = fields.lookup_choices(org, field)
        if choices is not None:
            found = [option(key, name, value) for key, name in choices]
            lost = [option(value, value, value)] if value and value not in dict(choices) else []
            return select(field.name, [option("", "–"), *lost, *found], **same)
        return tag(
            "input", type="text", name=field.name, value=value, placeholder="Record id", maxlength=18, **same
        )
    if field.type == "textarea":
        rows = 4 if field.length > 255 else 2
        return tag("textarea", value, name=field.name, rows=rows, maxlength=field.length, **same)
    return tag("input", name=field.name, value=value, autocomplete="off", **_kind(field), **same)


def _choices(field: Field, value: str) -> list[Markup]:
    active = [choice for choice in field.choices if choice.active]
    empty = [] if field.defaulted and value else [option("", "–", value)]
    lost = [option(value, value, value)] if value and value not in {c.value for c in active} else []
    return [*empty, *lost, *(option(c.value, c.label, value) for c in active)]


def _kind(field: Field) -> dict[str, str | int | None]:
    if field.type == "date":
        return {"type": "date"}
    if field.type == "datetime":
        return {"type": "datetime-local", "step": 1}
    if field.type in NUMBERS:
        return {"type": "text", "inputmode": "numeric" if field.type == "int" else "decimal"}
    return {"type": "text", "inputmode": KEYBOARDS.get(field.type), "maxlength": field.length or None}
