"""The lines of the field sync page: every field of Lead and Contact, and how it syncs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from syncadmin.models import FieldSync, ObjectField, SObject
from syncadmin.models.choices import OPTED_OUT
from syncadmin.services.fields.changes import TEXTS
from syncadmin.services.who.syncable import why_not
from syncadmin.sync.fields import fits

OFF = FieldSync.Direction.OFF.value
FROM = FieldSync.Direction.FROM_SALESFORCE.value


@dataclass(slots=True)
class FieldRow:
    """One line of the page: a Lead field, a Contact field, or both, and the person field they feed.

    ``key`` names the line in the form. ``why_not``: why it isn't offered; blank if it is.
    """

    key: str
    label: str
    lead: ObjectField | None
    contact: ObjectField | None
    sync: FieldSync | None = None
    why_not: str = ""
    follows: str = ""
    """A field read through a relationship of Contact, such as Account.Name."""

    @property
    def field(self) -> ObjectField | None:
        return self.lead or self.contact

    @property
    def direction(self) -> str:
        return self.sync.direction if self.sync else OFF

    @property
    def winner(self) -> str:
        return (self.sync.winner if self.sync else "") or (OPTED_OUT if self.is_checkbox else "")

    @property
    def is_checkbox(self) -> bool:
        return (
            self.sync.field.type == "boolean"
            if self.sync
            else bool(self.field and self.field.type == "boolean")
        )

    @property
    def winners(self) -> list[tuple[str, str]]:
        """Who may win. A tick wins unless somebody says otherwise, or an opt-out could be lost at a first link."""
        labels = {value: str(label) for value, label in FieldSync._meta.get_field("winner").choices or ()}
        if not self.is_checkbox:
            return [(value, labels[value]) for value in ("", "ours", "salesforce")]
        is_opt_out = any(one.name.startswith("HasOptedOut") or one.name == "DoNotCall" for one in self.both)
        first = labels[OPTED_OUT] if is_opt_out else str(_("Ticked wins"))
        return [(OPTED_OUT, first), ("ours", labels["ours"]), ("salesforce", labels["salesforce"])]

    @property
    def both(self) -> list[ObjectField]:
        """The Lead field and the Contact field, whichever there are."""
        return [field for field in (self.lead, self.contact) if field is not None]

    @property
    def warnings(self) -> list[str]:
        """What can be entered here and Salesforce refuses: it is sent, and fails with Salesforce's reason."""
        found = []
        ours = self.sync.field.length if self.sync else None
        for one in self.both:
            if self.sync and one.type in TEXTS and one.length and (ours is None or ours > one.length):
                values = {"object": one.object, "length": f"{one.length:,}"}
                found.append(str(_("%(object)s takes %(length)s characters; longer ones fail.") % values))
        if len(self.both) == 2 and len({tuple(sorted(one.choices)) for one in self.both}) == 2:
            found.append(str(_("Lead and Contact have different values; those that both take are offered.")))
        return found

    @property
    def blank_never_overwrites(self) -> bool:
        return bool(self.sync and self.sync.blank_never_overwrites)

    @property
    def is_read_only(self) -> bool:
        return all(field.is_read_only for field in self.both)

    @property
    def is_custom(self) -> bool:
        return bool(self.field and self.field.is_custom)

    @property
    def directions(self) -> list[tuple[str, str]]:
        """What may be chosen: a field that can't be written only comes from Salesforce."""
        allowed = (FROM, OFF) if self.is_read_only else FieldSync.Direction.values
        return [(value, str(label)) for value, label in FieldSync.Direction.choices if value in allowed]


def field_rows() -> list[FieldRow]:
    """Every field the sync user may see, and those that sync although it can't see them any more."""
    known = {(field.object, field.name): field for field in ObjectField.objects.all()}
    syncs = list(FieldSync.objects.select_related("field"))
    rows = [_synced_row(sync, known) for sync in syncs]
    used = {("Lead", sync.lead_field) for sync in syncs} | {("Contact", sync.contact_field) for sync in syncs}
    free = [field for key, field in known.items() if key not in used and field.is_present]
    return rows + sorted(_free_rows(free), key=lambda row: (bool(row.why_not), row.label.lower()))


def _synced_row(sync: FieldSync, known: Mapping[tuple[str, str], ObjectField]) -> FieldRow:
    lead, contact = known.get(("Lead", sync.lead_field)), known.get(("Contact", sync.contact_field))
    row = FieldRow(f"s{sync.pk}", sync.field.label, lead, contact, sync)
    row.follows = sync.contact_field if "." in sync.contact_field else ""
    gone = [field for field in (lead, contact) if field is not None and not field.is_present]
    if gone:
        names = ", ".join(str(field) for field in gone)
        row.why_not = f"The sync user can't see {names} any more: it doesn't sync; its values here are kept."
    if sync.is_converting:
        row.why_not = "Its values are being given another type; it syncs again when that is done."
    for field in row.both:
        if field.is_present and not fits(sync.field.type, field.type):
            row.why_not = (
                f"{field} is of another type by now ({field.type}): it doesn't sync until that is decided; its "
                "values here are kept."
            )
    return row


def _free_rows(fields: list[ObjectField]) -> list[FieldRow]:
    """A Lead field and a Contact field of one API name and type feed one person field."""
    by_key: dict[tuple[str, str], FieldRow] = {}
    for field in fields:
        row = by_key.setdefault(
            (field.name, field.type), FieldRow(f"n{field.name}.{field.type}", field.label, None, None)
        )
        if field.object == SObject.LEAD:
            row.lead, row.label = field, field.label
        else:
            row.contact = field
        row.why_not = why_not(field)
    return list(by_key.values())
