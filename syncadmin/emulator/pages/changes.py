"""What was done to a record: by whom, when, and which field from what to what."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any

from syncadmin.emulator.dml import history
from syncadmin.emulator.dml.draft import Row
from syncadmin.emulator.dml.history import Change
from syncadmin.emulator.pages import fields
from syncadmin.emulator.pages.html import Markup, join, tag
from syncadmin.emulator.pages.page import by, when
from syncadmin.emulator.schema.model import SObject

if TYPE_CHECKING:
    from syncadmin.emulator.org import Org

AT_ONCE, LONGEST = 8, 120
EMPTY = "empty"
DELETED = {True: "Moved to the recycle bin", False: "Taken out of the recycle bin"}
NameOf = Callable[["Org", str | None], str | None]


def card(org: Org, sobject: SObject, row: Row, name_of: NameOf) -> Markup | None:
    """The card of changes, those of one save together, the latest first; None if nothing has changed."""
    found = history.of(org.state.store, row["Id"])
    saves = [list(group) for _, group in groupby(found, lambda change: (change.at, change.user_id))]
    if not saves:
        return None
    items = [_save(org, sobject, save, name_of) for save in saves]
    more = items[AT_ONCE:]
    rest = tag("details", tag("summary", f"{len(more)} earlier"), tag("ol", more, class_="changes"))
    return tag(
        "section",
        tag("h2", "Changes"),
        tag("ol", items[:AT_ONCE], class_="changes"),
        rest if more else None,
        class_="card",
    )


def _save(org: Org, sobject: SObject, changes: Sequence[Change], name_of: NameOf) -> Markup:
    first = changes[0]
    who = by(org, first.user_id, name_of(org, first.user_id))
    lines = [_line(org, sobject, change, name_of) for change in reversed(changes)]
    return tag("li", tag("p", who, " ", tag("span", when(org, first.at), class_="soft")), tag("ul", lines))


def _line(org: Org, sobject: SObject, change: Change, name_of: NameOf) -> Markup:
    if change.field == "IsDeleted":
        return tag("li", DELETED[bool(change.new)])
    field = sobject.get(change.field)
    old, new = (_shown(org, sobject, change.field, value, name_of) for value in (change.old, change.new))
    arrow = join(
        " ", tag("span", "→", aria_hidden="true"), " ", tag("span", "became ", class_="visually-hidden")
    )
    return tag(
        "li",
        tag("span", fields.label(field) if field else change.field, class_="soft"),
        ": ",
        old,
        arrow,
        new,
    )


def _shown(org: Org, sobject: SObject, name: str, value: Any, name_of: NameOf) -> Markup:
    field = sobject.get(name)
    text = str(value or "") if field is None else fields.shown(field, value)
    if field and field.type == "reference":
        text = name_of(org, text) or text
    if field and field.type == "boolean":
        text = "Yes" if value else "No"
    if not text:
        return tag("i", EMPTY)
    return tag("strong", text[:LONGEST] + ("…" if len(text) > LONGEST else ""))
