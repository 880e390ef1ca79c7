"""Changes of the org's schema: noted for somebody to see, and taken over where nothing can be lost by that."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable
from datetime import datetime

from django.db.models import QuerySet

from people import sfdc
from syncadmin.models import Backfill, FieldSync, ObjectField, SchemaChange, SObject
from syncadmin.services.fields.backfills import AlreadyOpenError, start_backfill
from syncadmin.services.who.syncable import why_not
from syncadmin.sync.fields import TYPE_OF_SALESFORCE, fits
from syncadmin.sync.schema import Change, Kind

UNDONE = SchemaChange.Decision.UNDONE
#: Types whose person fields have the length of Salesforce's.
TEXTS = frozenset({"string", "textarea", "email", "phone", "url", "encryptedstring"})


def note_changes(object: str, changes: Iterable[Change], now: datetime) -> None:
    """Note what concerns us: new fields that could sync, and whatever happened to fields that do."""
    changes = list(changes)
    if not changes:
        return
    syncs = _syncs_of(object)
    fields = {field.name: field for field in ObjectField.objects.filter(object=object)}
    for change in changes:
        sync = syncs.get(change.name)
        if change.kind is Kind.NEW:
            if sync is None and not why_not(fields[change.name]):
                _note_new(object, change, now)
        elif sync is not None:
            settled = _TAKE_OVER[change.kind](sync, fields[change.name], change, now)
            _note(object, change, sync, now, settled=settled)
        elif change.kind is Kind.GONE:
            _open(change.name, [Kind.NEW]).update(decision=UNDONE, decided_at=now)


def _syncs_of(object: str) -> dict[str, FieldSync]:
    """What syncs, by the API name on this object."""
    column = "lead_field" if object == SObject.LEAD else "contact_field"
    syncs = FieldSync.objects.exclude(direction=FieldSync.Direction.OFF).exclude(**{column: ""})
    return {getattr(sync, column): sync for sync in syncs.select_related("field")}


def _open(name: str, kinds: Iterable[Kind]) -> QuerySet[SchemaChange]:
    return SchemaChange.objects.filter(name=name, kind__in=[kind.value for kind in kinds], decided_at=None)


def _note_new(object: str, change: Change, now: datetime) -> None:
    """A field that Lead and Contact both got is one piece of news."""
    same = _open(change.name, [Kind.NEW]).filter(details=change.details).exclude(of=object).first()
    if same is not None:
        SchemaChange.objects.filter(pk=same.pk).update(of=", ".join(SObject.values))
        return
    SchemaChange.objects.create(
        kind=change.kind.value, of=object, name=change.name, label=change.label, details=change.details,
        noticed_at=now,
    )  # fmt: skip


def _note(object: str, change: Change, sync: FieldSync, now: datetime, *, settled: bool) -> None:
    SchemaChange.objects.create(
        kind=change.kind.value, of=object, name=change.name, label=change.label, details=change.details,
        field=sync.field, noticed_at=now, decision=UNDONE if settled else "", decided_at=now if settled else None,
    )  # fmt: skip


# --- What is taken over ---------------------------------------------------------------------------
# Each answers whether there is nothing left to be seen: what was noted before has been undone.
def _gone(sync: FieldSync, field: ObjectField, change: Change, now: datetime) -> bool:
    """Nothing to do: rules leave out what isn't there, its values and its base are kept."""
    return False


def _back(sync: FieldSync, field: ObjectField, change: Change, now: datetime) -> bool:
    """It syncs again by itself. What changed while it was hidden is read, for all linked people."""
    _open(change.name, [Kind.GONE]).filter(field=sync.field).update(decision=UNDONE, decided_at=now)
    with contextlib.suppress(AlreadyOpenError):
        start_backfill([sync.field.name], Backfill.Kind.FILL, now)
    return False


def _label(sync: FieldSync, field: ObjectField, change: Change, now: datetime) -> bool:
    if sync.field.label == change.details["before"][:120]:
        sfdc.set_label(sync.field_id, change.details["after"])
    return False


def _type(sync: FieldSync, field: ObjectField, change: Change, now: datetime) -> bool:
    """Within a family of types the person field follows; otherwise it stops syncing until somebody decides."""
    if not fits(sync.field.type, field.type):
        return False
    before = _open(change.name, [Kind.TYPE]).filter(field=sync.field, details__before=field.type)
    undone = bool(before.update(decision=UNDONE, decided_at=now))
    ours = TYPE_OF_SALESFORCE[field.type]
    # Whole numbers are a matter of scale; a field that holds parts of them isn't made one that doesn't.
    sfdc.set_type(sync.field_id, "number" if ours == "integer" else ours, _length(field))
    return undone


def _limits(sync: FieldSync, field: ObjectField, change: Change, now: datetime) -> bool:
    if sync.field.type == "integer" and field.scale:
        sfdc.set_type(sync.field_id, TYPE_OF_SALESFORCE[field.type])
    elif field.type in TEXTS and str(sync.field.length or "") == change.details["before"]:
        sfdc.set_type(sync.field_id, sync.field.type, _length(field))
    return False


def _length(field: ObjectField) -> int | None:
    return field.length or None if field.type in TEXTS else None


def _choices(sync: FieldSync, field: ObjectField, change: Change, now: datetime) -> bool:
    """The describe's refresh gives people's pages the new list."""
    return False


def _access(sync: FieldSync, field: ObjectField, change: Change, now: datetime) -> bool:
    keys = {(SObject.LEAD.value, sync.lead_field), (SObject.CONTACT.value, sync.contact_field)}
    ours = [one for one in ObjectField.objects.filter(is_present=True) if (one.object, one.name) in keys]
    read_only = (
        sync.direction == FieldSync.Direction.FROM_SALESFORCE
        or not ours
        or all(one.is_read_only for one in ours)
    )
    sfdc.set_read_only([sync.field_id], read_only=read_only)
    return False


_TAKE_OVER: dict[Kind, Callable[[FieldSync, ObjectField, Change, datetime], bool]] = {
    Kind.GONE: _gone, Kind.BACK: _back, Kind.LABEL: _label, Kind.TYPE: _type, Kind.LIMITS: _limits,
    Kind.CHOICES: _choices, Kind.ACCESS: _access,
}  # fmt: skip
