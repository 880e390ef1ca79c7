"""The fields of a record's form: which there are, in which groups, and what travels in them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from syncadmin.emulator.pages.rep import Form
from syncadmin.emulator.schema.model import NUMBERS, Field
from syncadmin.emulator.schema.registry import View

if TYPE_CHECKING:
    from syncadmin.emulator.org import Org

GROUPS = (
    ("Person", "Salutation FirstName LastName Title Company AccountId Department ReportsToId Birthdate"),
    ("Reach", "Email Phone MobilePhone HomePhone OtherPhone Fax Website AssistantName AssistantPhone"),
    ("Status", "Status Rating LeadSource Industry AnnualRevenue NumberOfEmployees"),
    ("Address", "Street City State PostalCode Country"),
    ("Address", "MailingStreet MailingCity MailingState MailingPostalCode MailingCountry"),
    ("Consent", "HasOptedOutOfEmail DoNotCall HasOptedOutOfFax"),
    ("Notes", "Description"),
)
CUSTOM, MORE = "Custom fields", "More fields"
# Owners have a form of their own; the others are for the org to set.
LEFT_OUT = frozenset({"OwnerId", "IsConverted", "IsUnreadByOwner"})
MOST_CHOICES = 500
Groups = dict[str, list[Field]]


def editable(org: Org, view: View, new: bool) -> Groups:
    """The fields this user may fill in, by group."""
    fields = {f.name: f for f in view.fields.values() if _offered(org, f, new)}
    groups: Groups = {}
    for title, names in GROUPS:
        groups.setdefault(title, []).extend(fields.pop(name) for name in names.split() if name in fields)
    groups[CUSTOM] = [fields.pop(name) for name in list(fields) if fields[name].custom]
    groups[MORE] = list(fields.values())
    return {title: members for title, members in groups.items() if members}


def _offered(org: Org, field: Field, new: bool) -> bool:
    if not (field.createable if new else field.updateable) or field.name in LEFT_OUT:
        return False
    return field.type != "reference" or org.state.schema.get(field.reference_to[0]) is not None


def each(groups: Groups) -> Iterator[Field]:
    """All fields of all groups."""
    for members in groups.values():
        yield from members


def label(field: Field) -> str:
    """What a rep calls the field: a lookup by what it points at."""
    return field.label.removesuffix(" ID") if field.type == "reference" else field.label


def shown(field: Field, value: Any) -> str:
    """A stored value as it stands in the form."""
    if field.type == "boolean":
        return "true" if value else "false"
    if value is None:
        return ""
    if field.type == "datetime":
        return str(value)[:16] if str(value)[17:19] == "00" else str(value)[:19]
    if field.type in NUMBERS:
        return f"{value:.{field.scale}f}" if field.scale and value % 1 else f"{value:.0f}"
    return str(value)


def sent(form: Form, groups: Groups) -> dict[str, str]:
    """What came for each field; fields that didn't come aren't there.

    A checkbox and a group of checkboxes have a hidden field before them, so that nothing ticked arrives too.
    """
    found = {}
    for field in each(groups):
        values = form.get(field.name)
        if values is not None:
            text = ";".join(v for v in values if v) if field.type == "multipicklist" else values[-1]
            found[field.name] = text.replace("\r\n", "\n")
    return found


def blank(view: View, groups: Groups) -> dict[str, str]:
    """The form of a record that isn't there yet."""
    return {f.name: shown(f, f.default) for f in each(groups)}


def lookup_choices(org: Org, field: Field) -> list[tuple[str, str]] | None:
    """Id and name of the records a lookup may point at; None if they are too many for a list."""
    target = org.state.schema.must(field.reference_to[0])
    sql = f'SELECT "Id", "Name" FROM "{target.name}" WHERE {target.live} ORDER BY "Name" LIMIT {MOST_CHOICES + 1}'  # noqa: S608
    rows = [(key, name) for key, name in org.state.store.select(sql)]
    return rows if len(rows) <= MOST_CHOICES else None


def is_required(org: Org, sobject: str, field: Field) -> bool:
    """Whether the org refuses a record without it."""
    return (not field.nillable and not field.defaulted) or (sobject, field.name) in org.state.rules.required
